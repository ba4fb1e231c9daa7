import Fixtures
import Foundation
import Platform
import Testing

/// libhwloc beside this program's own reader on recorded trees: a process of its own for each, with `HWLOC_FSROOT`.
@Suite struct RecordedTopologyTests {
  private static let folder = SharedData.root.flatMap { SharedData.has("machines") ? "\($0)/machines" : nil }

  /// Archives of trees, by the names of their machines.
  private static var archives: [(machine: String, path: String)] {
    guard let folder else { return [] }
    return DiskTree().list(folder).flatMap { machine in
      DiskTree().list("\(folder)/\(machine)").filter { $0.contains(".tar.") }.map {
        (machine, "\(folder)/\(machine)/\($0)")
      }
    }
  }

  /// The folder of an unpacked archive that holds `/sys`; nil where there is none, or no CPU in it.
  private static func root(_ folder: String) -> String? {
    var waiting = [(folder, 0)]
    while !waiting.isEmpty {
      let (path, depth) = waiting.removeFirst()
      if !DiskTree().list("\(path)/sys/devices/system/cpu").isEmpty { return path }
      guard depth < 4 else { continue }
      waiting += DiskTree().list(path).prefix(64).map { ("\(path)/\($0)", depth + 1) }
    }
    return nil
  }

  private struct Comparison: Decodable {
    struct Row: Decodable {
      var fact: String
      var files: String
      var hwloc: String
      var reason: String?
    }

    var rows: [Row]
  }

  @Test(.enabled(if: Program.isBuilt && folder != nil, "the program is not built, or the recorded trees are not there"))
  func everyDifferenceHasAReason() async throws {
    let program = try Program()
    defer { program.remove() }
    var compared = 0
    for archive in Self.archives {
      let place = "\(program.home)/\(archive.machine)"
      try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
      let unpacked = await SystemCommandRunner().run("tar", ["xf", archive.path, "-C", place])
      guard unpacked != nil, let root = Self.root(place) else { continue }
      let done = try program.run(["probe", "--check", "--from", root, "--json"])
      try #require(done.exitCode == 0, "\(archive.machine): \(done.errors)")
      let comparison = try JSONDecoder().decode(Comparison.self, from: Data(done.output.utf8))
      compared += 1
      for row in comparison.rows where row.files != row.hwloc {
        #expect(
          row.reason != nil, "\(archive.machine): \(row.fact) is \(row.files) by the files, \(row.hwloc) by hwloc")
      }
    }
    #expect(compared >= 20)
  }
}
