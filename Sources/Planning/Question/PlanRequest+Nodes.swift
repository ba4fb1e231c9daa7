public import Units
import Engines
import Hardware
import Models

extension PlanRequest {
  /// Returns the same request over several machines of one kind: tensors cut inside each as far as the model allows, a
  /// stage of the layers on each.
  ///
  /// - Throws: A reason where the machine has nothing to spread over, or another engine than vLLM is asked for.
  public func spanning(_ nodes: Int) throws(Reason) -> PlanRequest {
    guard nodes > 1 else { return self }
    if let other = engines.first(where: { !$0.planning.layouts.spansMachines }) {
      throw Reason(
        .oneNodeEngine, "\(other.rawValue) does not span machines",
        remedy: "use --engine \(Self.spanning.map(\.rawValue).joined(separator: " or "))")
    }
    guard !machine.accelerators.isEmpty else {
      throw Reason(
        .noAccelerator, "\(machine.name) has no accelerators, and servers span machines by theirs only",
        remedy: "leave --nodes out, or name such a machine with --on")
    }
    let stages = model.layers.count
    guard nodes <= max(1, stages) else {
      throw Reason(
        .tooManyNodes, "\(nodes) stages are more than the model's \(stages) layers", remedy: "--nodes \(stages)")
    }
    let own = machine.accelerators.count
    let asked = placement.map(\.tensorParallel) ?? 1
    let degree = TensorDegree(model: model, quantization: model.quantization?.value ?? "")
    let ways = asked > 1 ? asked : degree.degrees(upTo: own).last ?? 1
    let all = own * nodes
    // More ways than a machine has devices go over the network, which vLLM does where they are asked for.
    guard ways <= own || (ways <= all && all % ways == 0) else {
      throw Reason(
        .gpuCount, "\(ways) ways cannot share the \(all) devices of \(nodes) machines evenly",
        remedy: "use --tensor-parallel \(own), or \(all)")
    }
    var spread = self
    if spread.engines.isEmpty { spread.engines = Self.spanning }
    spread.machine = machine.joined(nodes)
    var placement = placement ?? Placement()
    placement.devices = ways > own ? Array(0..<all) : (0..<nodes).flatMap { node in (0..<ways).map { node * own + $0 } }
    placement.tensorParallel = ways
    placement.pipelineParallel = ways > own ? all / ways : nodes
    placement.splitMode = .tensor
    spread.placement = placement
    return spread
  }
}

extension PlanRequest {
  /// The engines of which one server can span several machines.
  private static var spanning: [EngineKind] { EngineKind.allCases.filter(\.planning.layouts.spansMachines) }
}

extension Machine {
  /// Several machines like this one as one with all their accelerators: links stay inside each, and each has its own
  /// memory, of which a server's part on one machine is planned.
  func joined(_ count: Int) -> Machine {
    var all = self
    all.name = "\(count) machines, each \(name)"
    all.accelerators = []
    all.links = []
    for node in 0..<count {
      all.accelerators += accelerators.map { accelerator in
        var moved = accelerator
        moved.numaNode = accelerator.numaNode.map { Figure($0.value + node * max(1, numaNodes.count), $0.source) }
        return moved
      }
      all.links += links.map { link in
        var moved = link
        moved.a = Self.renamed(link.a, by: node * accelerators.count)
        moved.b = Self.renamed(link.b, by: node * accelerators.count)
        return moved
      }
    }
    return all
  }

  private static func renamed(_ end: String, by offset: Int) -> String {
    guard let index = Accelerator.index(named: end) else { return end }
    return "gpu\(index + offset)"
  }
}
