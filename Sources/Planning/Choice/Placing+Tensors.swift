import Engines
import Hardware
import Models
import Units

extension Placing {
  /// vLLM on accelerators: tensor parallel inside a link island, pipeline across islands, replicas of what is left.
  func tensors() -> PlacementChoice {
    let islands = DeviceIslands(machine)
    guard let island = islands.islands.first else { return processors(.vllm) }
    let cut = TensorDegree(model: model, quantization: quantization)
    let room = island.map { usable($0, engine: .vllm) }.min() ?? 0
    // A fifth for the cache of several requests, or what is asked for, whichever is more.
    let need = max(weights * 1.02 + cache, weights * 1.1)
    let usual = [1, 2, 4, 8, 16].filter { $0 <= island.count }
    var refused: [Reason] = []
    for ways in usual + [island.count] {
      if let reason = cut.refusal(ways) {
        refused.append(reason)
        continue
      }
      guard need / Double(ways) <= room else { continue }
      return cutInto(ways, islands: islands, refused: refused)
    }
    if let experts = expertParallel(islands, room: room, need: need) { return experts }
    return pipeline(islands, cut: cut, room: room, need: need, refused: refused)
  }

  private func cutInto(_ ways: Int, islands: DeviceIslands, refused: [Reason]) -> PlacementChoice {
    var placement = Placement()
    placement.tensorParallel = ways
    placement.splitMode = .tensor
    let island = islands.islands.first ?? []
    let groups = islands.islands.map { $0.count / ways }.reduce(0, +)
    let replicas = max(1, min(groups, workload.concurrency))
    if replicas > 1 {
      return PlacementChoice(
        placement.copied(replicas, in: islands), [PlacementReason.copies(replicas, of: ways)] + refused)
    }
    placement.devices = Array(island.prefix(ways))
    guard ways > 1 else {
      return PlacementChoice(
        placement, [PlacementReason.oneDevice] + refused)
    }
    return PlacementChoice(placement, [PlacementReason.tensors(ways, isFast: islands.isFast)] + refused)
  }

  /// Experts whole, spread over the island, where their width does not divide.
  private func expertParallel(_ islands: DeviceIslands, room: Double, need: Double) -> PlacementChoice? {
    guard let island = islands.islands.first else { return nil }
    let cut = TensorDegree(model: model, quantization: quantization)
    for ways in [2, 4, 8, 16] where ways <= island.count {
      guard cut.holdsExpertsWhole(ways), need / Double(ways) <= room else { continue }
      var placement = Placement()
      placement.devices = Array(island.prefix(ways))
      placement.tensorParallel = ways
      placement.splitMode = .tensor
      placement.expertParallel = ways
      return PlacementChoice(placement, [PlacementReason.experts(ways)])
    }
    return nil
  }

  private func pipeline(
    _ islands: DeviceIslands, cut: TensorDegree, room: Double, need: Double, refused: [Reason]
  ) -> PlacementChoice {
    let island = islands.islands.first?.count ?? 1
    let ways = cut.degrees(upTo: island).last ?? 1
    let all = machine.accelerators.count
    // A stage never straddles two islands.
    let whole = islands.islands.flatMap { $0.prefix($0.count / ways * ways) }
    for stages in 2...max(2, all / max(1, ways)) where ways * stages <= whole.count {
      guard need / Double(ways * stages) <= room else { continue }
      var placement = Placement()
      placement.tensorParallel = ways
      placement.pipelineParallel = stages
      placement.splitMode = .tensor
      placement.devices = Array(whole.prefix(ways * stages))
      return PlacementChoice(placement, [PlacementReason.stages(stages, of: ways)] + refused)
    }
    let total = machine.accelerators.indices.map { usable($0, engine: .vllm) }.reduce(0, +)
    let code: ReasonCode = all == 1 ? .insufficientMemory : .gpuCount
    return PlacementChoice(
      refusing: Reason(
        code,
        "\(gibibytes(need)) are needed and \(counted(all, "device")) \(all == 1 ? "gives" : "give") \(gibibytes(total))",
        remedy: "a smaller quantization, or more devices"))
  }
}
