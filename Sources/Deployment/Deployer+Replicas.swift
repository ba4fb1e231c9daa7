public import Hardware
public import Planning
import Engines
import Units

extension Deployer {
  /// Starts copies of an option: those that were planned where they were planned, others each on a NUMA node or GPU of
  /// its own where the machine has several.
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
  public func replica(_ index: Int, of count: Int, on machine: Machine) -> PlanOption {
    guard placement.devices.allSatisfy(machine.accelerators.indices.contains) else { return self }
    return placement.replicas == count ? planned(index, of: count, on: machine) : copied(index, of: count, on: machine)
  }

  /// One of the servers that the plan placed, on its devices or node.
  private func planned(_ index: Int, of count: Int, on machine: Machine) -> PlanOption {
    var copy = self
    copy.placement = placement.server(index, on: machine)
    // What was predicted is of all servers together: a benchmark of this one asks anew.
    if count > 1 { copy.speed = nil }
    if !copy.placement.devices.isEmpty {
      let ordinals = copy.placement.devices.map { "\(machine.ordinal(of: $0))" }.joined(separator: ",")
      copy.launch?.show(devices: ordinals)
    } else if let node = copy.placement.numaNode {
      copy.launch?.bind(toNode: node)
    }
    return copy
  }

  /// A copy of an option that was planned for one server.
  private func copied(_ index: Int, of count: Int, on machine: Machine) -> PlanOption {
    var copy = self
    guard var launch else { return copy }
    if let device = placement.devices.first, placement.devices.count == 1 {
      let alike = machine.accelerators.indices.filter {
        machine.accelerators[$0].vendor.value == machine.accelerators[device].vendor.value
      }
      let own = alike[((alike.firstIndex(of: device) ?? 0) + index) % alike.count]
      copy.placement.devices = [own]
      launch.show(devices: "\(machine.ordinal(of: own))")
    } else if placement.devices.isEmpty {
      let nodes = machine.processorNodes
      let node = nodes.count > 1 ? nodes[index % nodes.count].id : nil
      copy.placement.numaNode = node
      copy.placement.interleave = nil
      if let node { launch.bind(toNode: node) }
      let shared = nodes.count > 1 ? (count + nodes.count - 1) / nodes.count : count
      if let choice = ThreadChoice(on: machine, node: node, replicas: shared),
        choice.threads < launch.threads ?? Int.max
      {
        launch.setThreads(choice.threads)
      }
    }
    copy.launch = launch
    return copy
  }
}

extension LaunchConfiguration {
  /// Gives the variable that names the devices another value.
  fileprivate mutating func show(devices: String) {
    for name in DeviceSelection.variables where environment[name] != nil { environment[name] = devices }
  }
}
