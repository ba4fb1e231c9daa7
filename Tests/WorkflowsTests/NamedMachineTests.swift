import Foundation
import Hardware
import Profiles
import Testing
import Units

@testable import Workflows

@Suite struct NamedMachineTests {
  private static let profile = """
    schema: plimsoll.machine/1
    name: bench-box
    memory: {totalBytes: {value: 68719476736, source: {kind: user, detail: by hand}}}
    """

  /// MACHINE may be a path, and says so by its ending or its beginning.
  @Test(arguments: ["box.yaml", "box.json", "box.yml"])
  func aFileIsAMachine(_ name: String) throws {
    let fixture = try WorkspaceFixture()
    defer { fixture.remove() }
    let path = try fixture.write(Self.profile, to: name)
    #expect(try fixture.workspace.machine(path).name == "bench-box")
  }

  /// A slash is part of a rate, too.
  @Test func aLineOfPartsIsNoPath() throws {
    let fixture = try WorkspaceFixture()
    defer { fixture.remove() }
    let machine = try fixture.workspace.machine("cpu, 16 GiB, 51 GB/s")
    #expect(machine.memory.bandwidth?.value == 51e9)
  }

  /// A kept profile means the same in every folder.
  @Test func aFolderOfTheSameNameChangesNothing() throws {
    let fixture = try WorkspaceFixture()
    defer { fixture.remove() }
    var machine = try fixture.workspace.machine("rtx-4090, 64 GiB")
    try fixture.workspace.keep(&machine, as: "their-box")
    let here = FileManager.default.currentDirectoryPath
    let shadow = "\(here)/their-box"
    try FileManager.default.createDirectory(atPath: shadow, withIntermediateDirectories: false)
    defer { try? FileManager.default.removeItem(atPath: shadow) }
    #expect(try fixture.workspace.machine("their-box").name == "their-box")
    #expect(fixture.notes.contains { $0.contains("their-box.yaml") })
  }

  @Test func aFolderIsNoMachine() throws {
    let fixture = try WorkspaceFixture()
    defer { fixture.remove() }
    #expect(throws: (any Error).self) { try fixture.workspace.machine(fixture.folder) }
  }

  /// `--profiles` counts for everything that a workspace does.
  @Test func theStatedFolderIsTheCatalogue() throws {
    let fixture = try WorkspaceFixture(profiles: "/nowhere")
    defer { fixture.remove() }
    #expect(fixture.workspace.catalogue().root == "/nowhere")
    #expect(fixture.workspace.estimator() == nil)
  }
}
