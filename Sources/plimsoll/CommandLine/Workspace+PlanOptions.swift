import Planning
import Workflows

extension Workspace {
  /// Plans what the arguments ask for.
  func plan(
    _ found: FoundModel, _ options: PlanOptions, _ machine: MachineOption, findsLimits: Bool, replicas: Int? = nil
  ) async throws -> Plan {
    var request = try options.request(
      found.model, siblings: found.siblings, on: try await machine.machine(self),
      workload: try WorkloadOption.named(options.workload, catalogue()))
    request.replicas = replicas
    var planner = planner(for: request.machine)
    planner.findsLimits = findsLimits
    return planner.plan(request)
  }
}
