import Platform
import Testing
import Units

@testable import Hardware

@Suite struct NvidiaTroubleTests {
  private static func tool(_ addresses: [String]) -> Findings {
    let devices = addresses.map { address in
      var device = NVMLReading.Device()
      device.name = "NVIDIA L4"
      device.address = address
      device.totalBytes = 24_152_899_584
      return device
    }
    return NVMLProbe.findings(NVMLReading(devices: devices))
  }

  private static func bus(_ addresses: [String]) throws -> Findings {
    let lines = addresses.map { "\($0) 3D controller [0302]: NVIDIA Corporation AD104GL [L4] [10de:27b8]" }
    return try #require(try LspciDump.read(DumpText(path: "lspci", bytes: Array(lines.joined(separator: "\n").utf8))))
  }

  @Test func warnsOfACardThatIsLost() throws {
    let machine = MachineMerger.merge(
      [Self.tool(["0000:3b:00.0"]), try Self.bus(["0000:3b:00.0", "0000:5e:00.0"])], name: "server")
    #expect(machine.warnings.contains { $0.contains("0000:5e:00.0") && $0.contains("lost") })
    let whole = MachineMerger.merge(
      [Self.tool(["0000:3b:00.0", "0000:5e:00.0"]), try Self.bus(["0000:3b:00.0", "0000:5e:00.0"])], name: "server")
    #expect(whole.warnings.isEmpty)
  }

  @Test(arguments: [
    ("Failed to initialize NVML: Driver/library version mismatch", "reboot"),
    ("NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver.", "modprobe"),
    (
      "Unable to determine the device handle for GPU0000:3B:00.0: GPU is lost.  Reboot the system to recover this GPU",
      "lost"
    ),
    ("No devices were found", "dmesg"),
  ])
  func readsWhatTheToolPrintsInsteadOfATable(text: String, word: String) throws {
    let found = try #require(try NvidiaSMIDump.read(DumpText(path: "smi", bytes: Array(text.utf8))))
    #expect(found.machine.warnings.first?.contains(word) ?? false)
  }

  @Test func warnsOfVersionsThatDoNotMatch() {
    let machine = MachineMerger.merge([NVMLProbe.findings(NVMLReading(devices: [], failure: 18))], name: "server")
    #expect(machine.warnings.first?.contains("different versions") ?? false)
  }

  /// Numbers of nvml.h and the rate of one link.
  @Test(arguments: [(1, 20.0), (2, 25), (4, 25), (6, 25), (7, 50)])
  func takesTheLinksVersionForANumberOfTheLibrary(version: Int, rate: Double) {
    var device = NVMLReading.Device()
    device.name = "NVIDIA H100 80GB HBM3"
    device.address = "0000:0c:00.0"
    device.links = [NVMLReading.Link(remote: nil, isSwitch: true, version: version)]
    let machine = NVMLProbe.findings(NVMLReading(devices: [device])).machine
    #expect(machine.accelerators.first?.interconnectGigabytesPerSecond?.value == rate)
  }

  @Test func givesASliceItsPartOfTheRates() {
    var device = NVMLReading.Device()
    device.name = "NVIDIA H100 80GB HBM3"
    device.address = "0000:0c:00.0"
    device.totalBytes = 85_520_809_984
    device.busWidthBits = 5120
    device.maximumMemoryMegahertz = 2619
    device.isMIG = true
    device.instances = [1: 42_412_802_048, 9: 10_468_982_784]
    device.slices = [1: 3, 9: 1]
    let slices = NVMLProbe.findings(NVMLReading(devices: [device])).machine.accelerators
    #expect(slices.map { $0.partition?.memoryShare } == [0.5, 0.125])
    #expect(slices.map { $0.partition?.computeShare } == [3.0 / 7, 1.0 / 7])
    #expect(slices.map { (($0.bandwidth?.value ?? 0) / 1e9).rounded() } == [1676, 419])
  }

  /// A library that never answers.
  private struct Silent: NvidiaManagement {
    func reading() -> NVMLReading? {
      while true { pause() }
    }
  }

  @Test func goesOnWithoutALibraryThatHangs() async {
    let files = [
      "/proc/meminfo": "MemTotal: 16000000 kB", "/sys/bus/pci/devices/0000:01:00.0/class": "0x030200",
      "/sys/bus/pci/devices/0000:01:00.0/vendor": "0x10de", "/sys/bus/pci/devices/0000:01:00.0/device": "0x27b8",
    ]
    let probe = MachineProbe(
      tree: MemoryTree(files: files), commands: RecordedCommands([:]), nvidia: Silent(), intel: RecordedIntel(),
      patience: .milliseconds(20))
    let machine = await probe.probe()
    #expect(machine.accelerators.map { $0.model?.value } == ["L4"])
    #expect(machine.warnings.contains { $0.contains("did not answer") })
  }
}
