import Platform
import Testing
import Units

@testable import Hardware

@Suite struct NVMLProbeTests {
  private static func card(_ address: String, _ links: [NVMLReading.Link] = []) -> NVMLReading.Device {
    var device = NVMLReading.Device()
    device.name = "NVIDIA H100 80GB HBM3"
    device.address = address
    device.totalBytes = 85_520_809_984
    device.reservedBytes = 502_267_904
    device.freeBytes = 85_000_000_000
    device.capability = "9.0"
    device.busWidthBits = 5120
    device.maximumMemoryMegahertz = 2619
    device.pcieGeneration = 5
    device.pcieWidth = 16
    device.milliwatts = 700_000
    device.isMIG = false
    device.links = links
    return device
  }

  @Test func makesDevicesAndLinks() {
    let link = NVMLReading.Link(remote: "00000000:1B:00.0", version: 4)
    let back = NVMLReading.Link(remote: "00000000:0C:00.0", version: 4)
    let reading = NVMLReading(
      driver: "590.48.01", cuda: 13010,
      devices: [Self.card("00000000:0C:00.0", [link, link]), Self.card("00000000:1B:00.0", [back, back])])
    let machine = NVMLProbe.findings(reading).machine
    #expect(machine.accelerators.count == 2)
    let device = machine.accelerators[0]
    #expect(device.address?.value == "0000:0c:00.0")
    #expect(device.usableBytes?.value == ByteCount(85_520_809_984 - 502_267_904))
    #expect(device.bandwidth.map { ($0.value / 1e9).rounded() } == 3352)
    #expect(device.hostGigabytesPerSecond.map { $0.value.rounded() } == 63)
    #expect(device.watts?.value == 700)
    #expect(machine.links.count == 1)
    #expect(machine.links[0].gigabytesPerSecond?.value == 50)
    #expect(machine.software.first { $0.name == "cuda" }?.version.value == "13.1")
  }

  @Test func makesEachInstanceADevice() {
    var device = Self.card("0000:0c:00.0")
    device.isMIG = true
    device.instances = [2: 42_412_802_048, 9: 10_468_982_784]
    let devices = NVMLProbe.findings(NVMLReading(devices: [device])).machine.accelerators
    #expect(devices.map { $0.usableBytes?.value.bytes } == [42_412_802_048, 10_468_982_784])
    #expect(devices.allSatisfy { $0.migEnabled?.value == true })
  }

  @Test func takesACardWithoutMemoryForAPartOfTheProcessor() {
    var device = NVMLReading.Device()
    device.name = "NVIDIA GB10"
    device.capability = "12.1"
    let machine = MachineMerger.merge([NVMLProbe.findings(NVMLReading(devices: [device]))], name: "spark", inputs: [])
    #expect(machine.accelerators[0].sharesMemory == true)
    #expect(machine.unifiedMemory?.value == true)
  }

  @Test func probesARecordedMachine() async {
    let tree = MemoryTree(files: [
      "/sys/bus/pci/devices/0000:0c:00.0/class": "0x030200", "/sys/bus/pci/devices/0000:0c:00.0/vendor": "0x10de",
      "/sys/bus/pci/devices/0000:0c:00.0/device": "0x2330", "/sys/bus/pci/devices/0000:0c:00.0/numa_node": "1",
      "/sys/bus/pci/devices/0000:05:00.0/class": "0x030000", "/sys/bus/pci/devices/0000:05:00.0/vendor": "0x1a03",
      "/sys/bus/pci/devices/0000:05:00.0/device": "0x2000",
    ])
    let nvidia = RecordedNvidia(NVMLReading(driver: "590", devices: [Self.card("0000:0C:00.0")]))
    let machine = await MachineProbe(tree: tree, commands: RecordedCommands([:]), nvidia: nvidia).probe()
    #expect(machine.accelerators.count == 1, "one card is one device, and the board's display is none")
    #expect(machine.accelerators[0].numaNode?.value == 1)
    #expect(machine.unifiedMemory?.value == false)
  }
}
