public import Hardware
public import Planning
import Engines
import Units

extension Deployer {
  /// Starts copies of an option, each on a NUMA node or GPU of its own where the machine has several.
  ///
  /// One that fails ends those that were started before it.
  public func deployReplicas(
    _ count: Int, of option: PlanOption, modelPath: String, settings: DeploymentSettings, machine: Machine,
    onEvent: @Sendable (LoadEvent) -> Void = { _ in }
  ) async throws(DeploymentError) -> [Deployment] {
    guard count > 1 else {
      return [try await deploy(option, modelPath: modelPath, settings: settings, onEvent: onEvent)]
    }
    if settings.port > 0 {
      throw .notLaunchable(Reason("one-port", "\(count) copies cannot share one port", remedy: "use --port-range"))
    }
    var made: [Deployment] = []
    let base = settings.name ?? Self.defaultName(modelPath)
    for index in 0..<count {
      var own = settings
      own.name = "\(base)-\(index)"
      do {
        let copy = option.replica(index, of: count, on: machine)
        made.append(try await deploy(copy, modelPath: modelPath, settings: own, onEvent: onEvent))
      } catch {
        for deployment in made { try? await stop(deployment.name) }
        throw error
      }
    }
    return made
  }
}

extension PlanOption {
  /// Returns the option bound to one part of the machine: its GPU, or its NUMA node with that node's threads.
  func replica(_ index: Int, of count: Int, on machine: Machine) -> PlanOption {
    var copy = self
    guard var launch, placement.devices.allSatisfy(machine.accelerators.indices.contains) else { return copy }
    if let device = placement.devices.first, placement.devices.count == 1 {
      let alike = machine.accelerators.indices.filter {
        machine.accelerators[$0].vendor.value == machine.accelerators[device].vendor.value
      }
      let own = alike[((alike.firstIndex(of: device) ?? 0) + index) % alike.count]
      copy.placement.devices = [own]
      for name in DeviceSelection.variables where launch.environment[name] != nil {
        launch.environment[name] = "\(machine.ordinal(of: own))"
      }
    } else if placement.devices.isEmpty {
      let nodes = machine.numaNodes.filter { !($0.cpus?.value.isEmpty ?? true) }
      let node = nodes.count > 1 ? nodes[index % nodes.count].id : nil
      copy.placement.numaNode = node
      if let node { launch.bind(toNode: node) }
      let shared = nodes.count > 1 ? (count + nodes.count - 1) / nodes.count : count
      if let choice = ThreadChoice(on: machine, node: node, replicas: shared) { launch.setThreads(choice.threads) }
    }
    copy.launch = launch
    return copy
  }
}
