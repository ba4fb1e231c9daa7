import Deployment
public import Reporting

extension Workspace {
  /// What is deployed on this machine, each with what it takes of it.
  public func deploymentListing() async -> DeploymentListing {
    var rows: [DeploymentListing.Row] = []
    let all = await deployer.current()
    let accelerators = all.contains { $0.plannedAcceleratorBytes != nil } ? await AcceleratorUse.reading() : nil
    for deployment in all {
      let usage = deployment.state.isOver ? nil : await deployer.usage(of: deployment, accelerators: accelerators)
      rows.append(.init(deployment: deployment, usage: usage))
    }
    return DeploymentListing(rows)
  }
}
