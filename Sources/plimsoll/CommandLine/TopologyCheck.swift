import Foundation
import Hardware
import Platform
import Reporting
import Units
import Workflows

/// `probe --check`: libhwloc beside the kernel's files, here or on a recorded tree.
struct TopologyCheck {
  /// The root of a recorded tree; nil for this machine.
  var tree: String?
  var json: Bool

  func run() async throws {
    guard let comparison = try await comparison() else {
      throw Failure(.failed, .noTopology, "libhwloc finds no topology \(tree.map { "in \($0)" } ?? "here")")
    }
    if json { return try JSONOutput.print(comparison) }
    var table = TextTable(["", "kernel's files", "hwloc", ""])
    for row in comparison.rows {
      table.add([row.fact, row.files, row.hwloc, row.agrees ? "" : row.reason ?? "DIFFERS"])
    }
    let count = comparison.differences.count
    let headline =
      count == 0 ? "libhwloc and the kernel's files agree" : "\(count) of \(comparison.rows.count) facts differ"
    Terminal.result("\(headline)\n\n\(table.rendered())")
  }

  private func comparison() async throws -> TopologyComparison? {
    guard let tree else { return TopologyComparison.live() }
    // libhwloc takes its root from the environment when it starts, so that another process has to read the tree.
    let folder = try PrivateFolder.make()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let variables = ["HWLOC_FSROOT": tree, "HWLOC_THISSYSTEM": "0", "HWLOC_COMPONENTS": "linux,stop"]
    let file = "\(folder)/topology.xml"
    let done = await SystemCommandRunner().with(variables).run(
      Workspace.program, ["probe", "--xml", file, "--json"], timeout: .seconds(60))
    guard done?.exitCode == 0, let xml = DiskTree().read(file, limit: 64 << 20) else { return nil }
    return TopologyComparison(tree: DiskTree(root: tree, followsLinks: false), xml: xml)
  }
}

extension Workspace {
  /// Writes the drawing of a machine as SVG.
  func writeDrawing(of machine: Machine, to path: String) throws {
    try writeAtomically(Array(MachineDrawing(machine).svg().utf8), to: path)
    audience.note("drawn as \(path)")
  }

  /// Writes this machine's topology as hwloc XML.
  func writeTopology(to path: String) throws {
    guard let xml = TopologyFile.xml() else { throw Failure(.failed, .noTopology, "libhwloc finds no topology here") }
    try writeAtomically(xml, to: path)
    audience.note("written as \(path); lstopo -i \(path) shows it")
  }
}
