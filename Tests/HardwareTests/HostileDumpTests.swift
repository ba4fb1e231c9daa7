import Platform
import Testing
import Units

@testable import Hardware

/// Dumps from an enemy: whatever is in them, readers end soon and refuse or read within bounds.
@Suite struct HostileDumpTests {
  /// One beginning of each kind, to be cut and damaged.
  static let seeds = [
    "<topology version=\"2.0\"><object type=\"Machine\" cpuset=\"0xf\"><object type=\"PU\" os_index=\"0\"/></object></topology>",
    "<nvidia_smi_log><gpu id=\"00000000:01:00.0\"><fb_memory_usage><total>1 MiB</total></fb_memory_usage></gpu></nvidia_smi_log>",
    "<system version=\"1\"><cpu numaid=\"0\" affinity=\"f\"><pci busid=\"0000:10:1c.0\" class=\"0x030200\"/></cpu></system>",
    "{\"card0\": {\"PCI Bus\": \"0000:01:00.0\", \"VRAM Total Memory (B)\": \"1024\"}, \"system\": {}}",
    "[{\"gpu\": 0, \"asic\": {\"market_name\": \"x\"}, \"links\": [{\"gpu\": 1, \"link_type\": \"XGMI\"}]}]",
    "Architecture: x86_64\nCPU(s): 4\nFlags:   fpu\n         avx\nNUMA node0 CPU(s): 0-3\n",
    "processor\t: 0\nvendor_id\t: GenuineIntel\nflags\t: fpu avx2\n\nprocessor\t: 1\n",
    "Memory Device\n\tSize: 64 GB\n\tLocator: DIMM_A1\n\nProcessor Information\n\tCore Count: 8\n",
    "available: 1 nodes (0)\nnode 0 cpus: 0 1\nnode 0 size: 100 MB\nnode distances:\nnode 0\n 0: 10\n",
    "GPU 00000000:01:00.0\n    Product Name : X\n    FB Memory Usage\n        Total : 1 MiB\n",
    "\tGPU0\tCPU Affinity\tNUMA Affinity\nGPU0\t X \t0-3\t0\n", "MemTotal: 1 kB\n",
    "hw.memsize: 1\nmachdep.cpu.brand_string: Apple M1\n",
    "Slot:\t0000:00:00.0\nClass:\t0300\nVendor:\t10de\nDevice:\t2204\n",
    "| Device ID | Device Information |\n| 0 | Device Name: X |\n|   | PCI BDF Address: 0000:18:00.0 |\n",
    "| HL-SMI Version: 1 |\n|   0  HL-225    N/A  | 0000:b3:00.0     N/A |   0  |\n| N/A 26C 82W / 600W | 768MiB / 98304MiB | 0% |\n",
  ]

  private func read(_ bytes: [UInt8]) {
    guard let dump = try? DumpText(path: "hostile", bytes: bytes) else { return }
    let findings = MachineDump.readers.compactMap { try? $0.read(dump) }
    _ = MachineMerger.merge(findings, name: "hostile", inputs: [])
  }

  /// Every number of every kind of dump, replaced by what no machine has.
  @Test(arguments: [
    "9223372036854775807", "-9223372036854775808", "99999999999999999999999999", "1e300", "999999999999", "0", "-1",
    "4503599627370496",
  ])
  func survivesNumbersThatNoMachineHas(_ number: String) {
    for seed in Self.seeds + [
      "Memory Device\n\tSize: 64 GB\n\tSpeed: 4800 MT/s\n\tData Width: 64 bits\n",
      "Processor Information\n\tCore Count: 8\n\n\nProcessor Information\n\tCore Count: 8\n\tThread Count: 16\n",
      "Architecture: x86_64\nCPU(s): 4\nSocket(s): 2\nCore(s) per socket: 2\nThread(s) per core: 2\n",
      "{\"status\": {\"cpu\": {\"total\": 8}, \"memory\": {\"total\": 64, \"used\": 1}, \"gpu_devices\": []}}",
      "GPU 00000000:01:00.0\n    Product Name : X\n    FB Memory Usage\n        Total : 1 GiB\n",
    ] {
      let numbers = seed.split { !$0.isNumber }.map(String.init)
      for place in Set(numbers) { read(Array(seed.replacing(place, with: number).utf8)) }
    }
  }

  @Test(arguments: HostileDumpTests.seeds) func survivesDamage(_ seed: String) {
    var random = SplitMix(seed: 42)
    let bytes = Array(seed.utf8)
    for cut in stride(from: 0, to: bytes.count, by: 7) { read(Array(bytes[..<cut])) }
    for _ in 0..<60 {
      var damaged = bytes
      for _ in 0..<(1 + Int(random.next() % 6)) {
        let place = Int(random.next() % UInt64(damaged.count))
        switch random.next() % 4 {
        case 0: damaged[place] = UInt8(truncatingIfNeeded: random.next())
        case 1: damaged.remove(at: place)
        case 2: damaged.insert(contentsOf: "99999999999999999999".utf8, at: place)
        default: damaged.insert(contentsOf: damaged[..<min(place, 40)], at: place)
        }
        if damaged.isEmpty { damaged = [0] }
      }
      read(damaged)
    }
  }

  @Test func refusesDeepAndEndlessMarkup() {
    let deep = Array(String(repeating: "<object>", count: 100_000).utf8)
    #expect(throws: XMLError.self) { try XMLReader.read(deep) }
    for text in [
      "<a", "<a b", "<a b=", "<a b='", "<!--", "<![CDATA[", "<!DOCTYPE [", "</a>", "<a></a", "<>", "<a b=c>",
    ] {
      #expect(throws: XMLError.self) { try XMLReader.read(Array(text.utf8)) }
    }
  }

  @Test func leavesEntitiesUndefined() throws {
    let bomb = "<!DOCTYPE a [<!ENTITY b \"boom\"><!ENTITY c SYSTEM \"file:///etc/passwd\">]><a>&b;&c;&amp;&#65;</a>"
    #expect(try XMLReader.read(Array(bomb.utf8)).text == "&b;&c;&A")
  }

  @Test func readsTenThousandDevicesWithinBounds() throws {
    let text = (0..<10_000).map { index in
      "Slot:\t\(MachineText.hex(index >> 13, 4)):\(MachineText.hex(index >> 5 & 0xff, 2)):\(MachineText.hex(index & 31, 2)).0\nClass:\t0302\nVendor:\t10de\nDevice:\t2330\n\n"
    }.joined()
    let dump = try DumpText(path: "lspci", bytes: Array(text.utf8))
    #expect(try LspciDump.read(dump)?.machine.accelerators.count == 10_000)
  }

  @Test func refusesLoopsOfLinks() {
    var tree = ArchiveTree([])
    tree.addLink("sys", "proc")
    tree.addLink("proc", "sys")
    tree.addLink("a/b", "../a/b/c")
    #expect(tree.read("/sys/devices", limit: 10) == nil)
    #expect(tree.list("/a/b/c").isEmpty)
    #expect(DumpRoots.find(in: tree).isEmpty)
  }

  @Test func keepsPathsInsideTheArchive() {
    var tree = ArchiveTree(Array("secret".utf8))
    tree.addFile("../../etc/passwd", 0..<6)
    #expect(tree.count == 0)
    tree.addLink("proc/cpuinfo", "../../../../etc/passwd")
    #expect(tree.read("/proc/cpuinfo", limit: 10) == nil)
  }
}

/// A small generator with a fixed seed, so that a failure can be seen again.
struct SplitMix: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var value = state
    value = (value ^ (value >> 30)) &* 0xbf58_476d_1ce4_e5b9
    value = (value ^ (value >> 27)) &* 0x94d0_49bb_1331_11eb
    return value ^ (value >> 31)
  }
}
