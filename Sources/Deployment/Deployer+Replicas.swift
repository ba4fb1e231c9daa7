public import Hardware
public import Planning
import Engines
import Units

extension Deployer {
  /// Starts servers of an option side by side, as `ServerCopies` places them.
  ///
  /// One that fails ends those that were started before it.
  ///
  /// - Parameter count: nil takes the plan's own number.
  /// - Throws: `DeploymentError.doesNotFit` before anything is started where they do not fit together.
  public func deployReplicas(
    _ count: Int?, of option: PlanOption, modelPath: String, settings: DeploymentSettings, machine: Machine,
    onEvent: @Sendable (LoadEvent) -> Void = { _ in }
  ) async throws(DeploymentError) -> [Deployment] {
    let copies: [ServerCopy]
    switch ServerCopies(of: option, on: machine).placed(count ?? max(1, option.placement.replicas)) {
    case .success(let placed): copies = placed
    case .failure(let reason): throw .doesNotFit(reason)
    }
    guard copies.count > 1 else {
      return [try await deploy(copies[0].option, modelPath: modelPath, settings: settings, onEvent: onEvent)]
    }
    if settings.port > 0 {
      throw .notLaunchable(
        Reason(.onePort, "\(copies.count) copies cannot share one port", remedy: "use --port-range"))
    }
    var made: [Deployment] = []
    let base = settings.name ?? store.freeName(for: ModelPath(modelPath).stem, copies: copies.count)
    for (index, copy) in copies.enumerated() {
      var own = settings
      own.name = "\(base)-\(index)"
      do {
        made.append(try await deploy(copy.option, modelPath: modelPath, settings: own, onEvent: onEvent))
      } catch {
        for deployment in made { try? await stop(deployment.name) }
        throw error
      }
    }
    return made
  }
}
