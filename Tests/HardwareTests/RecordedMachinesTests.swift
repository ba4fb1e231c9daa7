import Fixtures
import Foundation
import Testing
import Units

@testable import Hardware

/// Reads the dumps of real machines where they are beside the checkout.
@Suite struct RecordedMachinesTests {
  static var folder: URL? {
    SharedData.root.flatMap { SharedData.has("machines") ? URL(fileURLWithPath: "\($0)/machines") : nil }
  }

  private static var files: [String] {
    guard let folder else { return [] }
    let found = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: [.fileSizeKey])?.allObjects ?? []
    let kinds: Set = ["xml", "json", "txt", ""]
    let skipped: Set = [
      "SOURCES.md", "README.md", "disk.txt", "uname-m.txt", "additional-properties.json", "hardware-info.json",
    ]
    return found.compactMap { $0 as? URL }.filter { url in
      kinds.contains(url.pathExtension) && !skipped.contains(url.lastPathComponent)
        && ((try? url.resourceValues(forKeys: [.fileSizeKey]).fileSize) ?? 0) < 60_000
        && (try? url.resourceValues(forKeys: [.isRegularFileKey]).isRegularFile) == true
        && !url.lastPathComponent.contains(".v3.")
    }.map(\.path).sorted()
  }

  @Test(.enabled(if: RecordedMachinesTests.folder != nil, "the dumps of real machines are not beside this checkout"))
  func readsThemAndWritesThemAsProfiles() async throws {
    for file in Self.files {
      let machine = try await MachineDump().read([file])
      let back = try MachineProfile.read(try MachineProfile.text(machine), name: file)
      // YAML is written with 15 significant digits, so the texts are compared, not the last bits of each number.
      #expect(try MachineProfile.text(back) == MachineProfile.text(machine), "\(file) as a profile and back")
      for device in machine.accelerators {
        #expect(device.usableBytes?.value ?? .zero <= device.memoryBytes?.value ?? ByteCount(.max), "\(file)")
      }
      #expect(machine.cpu.cores?.value ?? 0 <= machine.cpu.threads?.value ?? .max, "\(file)")
    }
  }

  @Test(.enabled(if: RecordedMachinesTests.folder != nil, "the dumps of real machines are not beside this checkout"))
  func refusesWhatHwlocThreeWrites() async throws {
    let folder = try #require(Self.folder)
    let path = folder.appendingPathComponent("hwloc-xml-v3-refused/nvidiaDGX2.v3.xml").path
    let error = await #expect(throws: DumpError.self) { try await MachineDump().read([path]) }
    #expect(error?.outcome == .refusedInput)
    #expect(error?.reason.message.contains("3.0") ?? false)
  }

  @Test(.enabled(if: RecordedMachinesTests.folder != nil, "the dumps of real machines are not beside this checkout"))
  func readsArchivesOfTrees() async throws {
    let folder = try #require(Self.folder)
    let path = folder.appendingPathComponent("dgx-spark-gb10-sysfs/nvidia-dgx-gb10.tar.bz2").path
    let machine = try await MachineDump().read([path])
    #expect(machine.cpu.kinds?.map(\.name) == ["Cortex-X925", "Cortex-A725"])
    #expect(machine.unifiedMemory?.value == true)
  }
}
