import Engines
import Hardware
import Units

extension Placing {
  /// llama.cpp on accelerators: one where it fits, else layers over the fewest, else experts or layers on the CPU.
  func layers() -> PlacementChoice {
    let all = machine.accelerators.indices.sorted { usable($0, engine: .llamaCpp) > usable($1, engine: .llamaCpp) }
    var placement = Placement()
    for count in 1...all.count {
      let used = Array(all.prefix(count))
      let room = used.map { usable($0, engine: .llamaCpp) }.reduce(0, +)
      // Each device has a context and buffers of its own, and layers do not divide evenly.
      guard weights * (count > 1 ? 1.05 : 1.01) + cache <= room else { continue }
      placement.devices = used.sorted()
      if count == 1 { return onOne(placement, of: all) }
      return PlacementChoice(placement, [PlacementReason.layers(over: count)])
    }
    placement.devices = all.sorted()
    let room = all.map { usable($0, engine: .llamaCpp) }.reduce(0, +)
    let isUnified = machine.accelerators.allSatisfy { $0.sharesMemory == true }
    guard !isUnified, weights * 1.05 + cache < room + hostBytes else {
      return PlacementChoice(
        refusing: Reason(
          .insufficientMemory,
          "\(gibibytes(weights + cache)) are needed; devices have \(gibibytes(room)), the host \(gibibytes(hostBytes))",
          remedy: "a smaller quantization or a shorter context"))
    }
    return offloaded(placement, room: room)
  }

  private func onOne(_ placement: Placement, of all: [Int]) -> PlacementChoice {
    var placement = placement
    let isUnified = machine.accelerators.first?.sharesMemory == true
    if isUnified {
      return PlacementChoice(placement, [PlacementReason.unified])
    }
    let twins = all.filter { weights * 1.01 + cache / Double(all.count) <= usable($0, engine: .llamaCpp) }
    guard workload.concurrency >= twins.count, twins.count > 1 else {
      return PlacementChoice(placement, [PlacementReason.oneDevice])
    }
    placement.devices = twins.sorted()
    placement.replicas = twins.count
    return PlacementChoice(placement, [PlacementReason.copies(twins.count, of: 1)])
  }

  private func offloaded(_ placement: Placement, room: Double) -> PlacementChoice {
    var placement = placement
    let traits = ModelTraits(model)
    let share = traits?.expertShare ?? 0
    let layers = Double(traits?.layers ?? 1)
    if share > 0, weights * (1 - share) * 1.05 + cache <= room {
      let spare = room - weights * (1 - share) * 1.05 - cache
      let onDevices = (spare / (weights * share / layers)).rounded(.down)
      var settings = EngineSettings()
      settings.cpuMoeLayers = Int(max(1, layers - max(0, onDevices)))
      return PlacementChoice(
        placement, settings: settings,
        [PlacementReason.expertsOnCPU(settings.cpuMoeLayers, of: Int(layers))])
    }
    let each = (weights * 1.03 + cache) / (layers + 1)
    placement.gpuLayers = Int(max(0, min(layers, (room / each).rounded(.down))))
    return PlacementChoice(placement, [PlacementReason.layersOnCPU(placement.gpuLayers ?? 0, of: Int(layers))])
  }
}
