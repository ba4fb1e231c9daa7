import Platform
import Testing
import Units

@testable import Hardware

/// Two packages of an Arm machine are two processors, or two clusters of one chip that its kernel numbers as packages.
@Suite struct ClusterTests {
  /// Eight cores of one kind in packages of so many, and one memory.
  private static func tree(part: String, each: Int = 4, table: [UInt8] = []) -> MemoryTree {
    var files = ["/sys/devices/system/cpu/online": "0-7", "/sys/devices/system/node/node0/cpulist": "0-7"]
    files["/proc/cpuinfo"] = (0..<8).map { cpu in
      "processor\t: \(cpu)\nCPU implementer\t: 0x41\nCPU architecture: 8\nCPU part\t: \(part)\nFeatures\t: fp asimd\n"
    }.joined(separator: "\n")
    files["/proc/sys/kernel/arch"] = "aarch64"
    for cpu in 0..<8 {
      let place = "/sys/devices/system/cpu/cpu\(cpu)/topology"
      files["\(place)/core_cpus_list"] = "\(cpu)"
      files["\(place)/physical_package_id"] = "\(cpu / each)"
      files["\(place)/core_id"] = "\(cpu)"
    }
    if !table.isEmpty { files["/sys/firmware/dmi/tables/DMI"] = String(decoding: table, as: UTF8.self) }
    return MemoryTree(files: files)
  }

  /// An SMBIOS table with so many sockets that hold a processor, and one that is empty.
  private static func table(sockets: Int) -> [UInt8] {
    func processor(status: UInt8) -> [UInt8] {
      var bytes = [UInt8](repeating: 0, count: 0x30)
      bytes[0] = 4
      bytes[1] = 0x30
      bytes[5] = 3
      bytes[0x18] = status
      return bytes + [0, 0]
    }
    return [UInt8]((0..<sockets).flatMap { _ in processor(status: 0x41) }) + processor(status: 0)
      + [127, 4, 0, 0, 0, 0]
  }

  private func packages(_ tree: MemoryTree) -> Int? {
    MachineMerger.merge([TreeProbe(tree: tree).findings()], name: "test", inputs: []).cpu.packages?.value
  }

  @Test func clustersOfASmallBoardAreOneChip() {
    #expect(packages(Self.tree(part: "0xd03")) == 1)
    #expect(packages(Self.tree(part: "0xd03", table: Self.table(sockets: 1))) == 1)
  }

  @Test func socketsThatFirmwareListsAreBelieved() {
    #expect(packages(Self.tree(part: "0xd08", table: Self.table(sockets: 2))) == 2)
    #expect(packages(Self.tree(part: "0xd0c", table: Self.table(sockets: 1))) == 1)
  }

  @Test func aSmallServerHasTwoProcessors() {
    #expect(packages(Self.tree(part: "0xd0c")) == 2)
    // Eight packages of one core are a guest's.
    #expect(packages(Self.tree(part: "0xd0c", each: 1)) == 1)
  }
}
