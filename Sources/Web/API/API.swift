import Deployment
import Foundation
import Hub
import Platform
import Records
import Units
import Workflows

/// Everything that can be asked of the server by programs and by its own pages.
struct API: Sendable {
  let workspace: Workspace
  let warm: WarmFacts
  let jobs: JobBoard
  let watch: MachineWatch
  let store: RunStore
  let sizings = KeptSizings()
  /// This program, which a deployment's supervisor is.
  let program: String

  init(_ workspace: Workspace, program: String) throws {
    self.workspace = workspace
    self.program = program
    warm = WarmFacts(workspace)
    watch = MachineWatch(of: workspace)
    store = try RunStore(path: workspace.folders.database)
    let clock = workspace.clock
    jobs = JobBoard(store) { clock.wallSeconds() }
  }

  /// Where all of it is, as parts of a path.
  static let root = ["api", "v1"]

  var endpoints: [Endpoint] {
    machineEndpoints + modelEndpoints + hubEndpoints + planEndpoints + sizeEndpoints + runEndpoints
      + deploymentEndpoints + benchmarkEndpoints + jobEndpoints
  }

  /// The base of paths that documents name.
  static func path(_ parts: String...) -> String { "/" + (root + parts).joined(separator: "/") }
}
