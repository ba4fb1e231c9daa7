import Fixtures
import Foundation
import Platform
import Testing
import Units

@testable import Hardware

/// Several dumps at once: folders of them, and dumps that are not of one machine.
@Suite struct MixedDumpTests {
  private static let cpuinfo = lscpu("GenuineIntel", "Intel(R) Xeon(R) Gold 6248")
  private static func lscpu(_ vendor: String, _ model: String) -> String {
    "Architecture:        x86_64\nCPU(s):              8\nThread(s) per core:  1\nCore(s) per socket:  8\n"
      + "Socket(s):           1\nVendor ID:           \(vendor)\nModel name:          \(model)\n"
  }
  private static func smi(_ model: String) -> String {
    "index, name, pci.bus_id, memory.total [MiB]\n0, \(model), 00000000:18:00.0, 15360 MiB\n"
  }
  private static let newXML = "<?xml version=\"1.0\"?><topology version=\"3.0\"><object type=\"Machine\"/></topology>"

  private func inFolder(_ files: [String: [UInt8]], _ body: (String) async throws -> Void) async throws {
    let folder = FileManager.default.temporaryDirectory.path + "/plimsoll-mixed-\(UUID().uuidString)"
    try DataFolders.make(folder)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    for (name, bytes) in files { try writeAtomically(bytes, to: "\(folder)/\(name)") }
    try await body(folder)
  }

  @Test func aFolderIsReadWithItsArchivesAndSaysWhatItLeftOut() async throws {
    let tar =
      ArchiveTests.tarEntry("proc/meminfo", "MemTotal: 16777216 kB\n") + [UInt8](repeating: 0, count: 1024)
    let files = ["lscpu.txt": Array(Self.cpuinfo.utf8), "tree.tar": tar, "new.xml": Array(Self.newXML.utf8)]
    try await inFolder(files) { folder in
      let machine = try await MachineDump().read([folder])
      #expect(machine.cpu.model?.value == "Intel(R) Xeon(R) Gold 6248")
      #expect(machine.memory.totalBytes?.value == .gibibytes(16))
      #expect(machine.warnings.contains { $0.contains("new.xml") && $0.contains("--export-xml-flags v2") })
    }
  }

  @Test func twoMachinesInOneFolderAreToldApart() async throws {
    let files = ["a.txt": Array(Self.smi("Tesla T4").utf8), "b.txt": Array(Self.smi("NVIDIA A100-SXM4-40GB").utf8)]
    try await inFolder(files) { folder in
      let machine = try await MachineDump().read([folder])
      #expect(machine.warnings.contains { $0.contains("do not seem to be of one machine") })
    }
  }

  @Test func theRemedyOfTheOnlyFileIsTheFoldersToo() async throws {
    try await inFolder(["new.xml": Array(Self.newXML.utf8)]) { folder in
      let error = await #expect(throws: DumpError.self) { try await MachineDump().read([folder]) }
      #expect(error?.reason.code == "unsupported-dump")
    }
  }

  @Test func textsBesideATreeAreRead() async throws {
    let entries = [("box/proc/meminfo", "MemTotal: 1024 kB\n"), ("box/lscpu.txt", Self.cpuinfo)]
    let tar = entries.flatMap { ArchiveTests.tarEntry($0.0, $0.1) } + [UInt8](repeating: 0, count: 1024)
    let machine = try MachineDump().read(tar, name: "box.tar")
    #expect(machine.memory.totalBytes?.value == .mebibytes(1))
    #expect(machine.cpu.vendor?.value == "GenuineIntel")
  }

  @Test(
    "dumps of different machines are told apart",
    arguments: [
      (smi("Tesla T4"), smi("NVIDIA A100-SXM4-40GB"), true), (smi("Tesla T4"), smi("NVIDIA T4"), false),
      (cpuinfo, lscpu("AuthenticAMD", "AMD EPYC 7763"), true),
      (cpuinfo, lscpu("GenuineIntel", "Intel(R) Xeon(R) Gold 5320"), true),
      (cpuinfo, "MemTotal: 1024 kB\nMemFree: 512 kB\n", false),
      ("MemTotal: 8000000 kB\nMemFree: 512 kB\n", "MemTotal: 1000000 kB\nMemFree: 512 kB\n", true),
    ])
  func contradictions(one: String, other: String, expected: Bool) async throws {
    try await inFolder(["a": Array(one.utf8), "b": Array(other.utf8)]) { folder in
      let machine = try await MachineDump().read(["\(folder)/a", "\(folder)/b"])
      #expect(machine.warnings.contains { $0.hasPrefix("a and b do not seem to be of one machine") } == expected)
      let kept = try? await MachineDump().read(["\(folder)/a", "\(folder)/b"], mustAgree: true)
      #expect((kept == nil) == expected)
    }
  }

  @Test func acceleratorsAreUnknownWhereNothingListsDevices() throws {
    func facts(_ text: String) throws -> [String] {
      try MachineDump().read(Array(text.utf8), name: "dump").unknowns.map(\.fact)
    }
    #expect(try facts(Self.cpuinfo).contains("accelerators"))
    #expect(
      try !facts("00:02.0 Ethernet controller [0200]: Intel Corporation Device [8086:1533]\n").contains("accelerators"))
  }
}
