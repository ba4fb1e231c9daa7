import Engines
import Platform

extension Deployer {
  /// Returns all deployments as they are now; of those whose command was killed while they loaded, it asks whether they
  /// answer, and writes down that they do.
  public func current() async -> [Deployment] {
    var all: [Deployment] = []
    for deployment in list() { all.append(await adopted(deployment)) }
    return all
  }

  /// One that answers a token is ready whoever waited for it; one that was to stay is nobody's orphan any more.
  private func adopted(_ deployment: Deployment) async -> Deployment {
    guard deployment.isOrphan, deployment.state == .loading || deployment.state == .starting,
      let leader = deployment.process
    else { return deployment }
    // Whoever else has the port is not asked, and does not see the key.
    switch await portOwner(deployment.address, ProcessGroup(leader: leader)) {
    case .own, .unknown: break
    case .nobody, .stranger: return deployment
    }
    let question = ReadinessQuestion(
      transport: transport, baseURL: deployment.address.url, model: deployment.modelName, apiKey: key(of: deployment),
      task: LaunchConfiguration.task(of: deployment.command), patience: .seconds(5))
    guard case .token = await question.ask() else { return deployment }
    var ready = deployment
    ready.state = .ready
    if ready.isKept != true { ready.keeper = nil }
    try? store.write(ready)
    return ready
  }
}
