import Engines
import Hardware
import Models
import Units

extension PlacementSearch {
  /// The fewest devices that hold it, else experts on the CPU, else as many layers on all devices as fit.
  func layers(_ whole: Placement) -> EngineRules.Fit {
    func usable(_ index: Int) -> ByteCount { machine.usableBytes(ofAccelerator: index)?.value ?? .zero }
    let devices = whole.devices.sorted { usable($0) > usable($1) }
    var whole = whole
    whole.devices = machine.largestLast(whole.devices)
    if let servers = copies(of: devices) { return servers }
    if let one = single(devices) { return one }
    var fit = rules.judged(candidate, whole)
    for count in 2...max(2, devices.count) where count <= devices.count {
      var placement = whole
      placement.devices = machine.largestLast(Array(devices.prefix(count)))
      fit = balanced(rules, placement)
      fit.why = PlacementReason.layers(over: count)
      if fit.fits { return fit }
    }
    fit.why = nil
    return experts(whole) ?? partial(whole) ?? overfull(fit)
  }

  /// What does not fit even over devices and host together is refused for what all of them lack.
  private func overfull(_ fit: EngineRules.Fit) -> EngineRules.Fit {
    guard fit.verdict == .doesNotFit, let devices = fit.estimate?.devices else { return fit }
    // A shared memory would be counted twice.
    guard machine.accelerators.allSatisfy({ $0.sharesMemory != true }) else { return fit }
    let usable = devices.compactMap { $0.usableBytes?.value }
    let need = devices.reduce(ByteCount.zero) { $0 + $1.highBytes }
    let room = usable.reduce(.zero, +)
    guard usable.count == devices.count, need > room, devices.contains(where: \.isHost) else { return fit }
    var fit = fit
    let onHost = devices.filter(\.isHost).reduce(ByteCount.zero) { $0 + ($1.usableBytes?.value ?? .zero) }
    fit.reason = Reason(
      .insufficientMemory,
      "needs up to \(need), and the devices with \(room - onHost) and the host with \(onHost) usable are too small together",
      remedy: "\(need - room) less would fit: a smaller quantization, context or number of slots")
    return fit
  }

  /// The fastest of the devices that hold all of it; nil where none does.
  private func single(_ devices: [Int]) -> EngineRules.Fit? {
    func bandwidth(_ index: Int) -> Double { machine.accelerators[index].bandwidth?.value ?? 0 }
    guard let most = devices.first, holds(most) else { return nil }
    var placement = Placement()
    let able = devices.filter { bandwidth($0) > bandwidth(most) && holds($0) }
    placement.devices = [able.max { bandwidth($0) < bandwidth($1) } ?? most]
    var fit = rules.judged(candidate, placement)
    let isShared = machine.accelerators[placement.devices[0]].sharesMemory == true
    fit.why = isShared ? PlacementReason.unified : PlacementReason.oneDevice
    return fit
  }

  private func holds(_ device: Int) -> Bool {
    var one = Placement()
    one.devices = [device]
    return rules.judged(candidate, one).fits
  }

  /// A server on each device that holds one, where there are requests for all of them; nil where there are not.
  private func copies(of devices: [Int]) -> EngineRules.Fit? {
    let streams = rules.request.workload.concurrency
    guard rules.request.replicas ?? streams > 1, devices.count > 1 else { return nil }
    let own = devices.filter { machine.accelerators[$0].sharesMemory != true }
    // Of several kinds each has to hold all requests; of one kind a server holds its part of them.
    let isAlike = Set(own.map { machine.usableBytes(ofAccelerator: $0)?.value }).count == 1
    let able = isAlike ? own : own.filter(holds)
    let most = min(able.count, rules.request.replicas ?? streams)
    guard most > 1, rules.request.replicas ?? 0 <= able.count else { return nil }
    var placement = Placement()
    placement.devices = able.prefix(most).sorted()
    placement.replicas = most
    var fit = rules.judged(candidate, placement)
    fit.why = PlacementReason.copies(most, of: 1)
    return fit.fits ? fit : nil
  }

  /// The experts of as few layers as possible in the host's memory, everything else on the devices.
  private func experts(_ whole: Placement) -> EngineRules.Fit? {
    let settings = rules.request.settings
    let isUnified = machine.accelerators.allSatisfy { $0.sharesMemory == true }
    guard settings.cpuMoeLayers == 0, settings.overrideTensor.isEmpty, !isUnified,
      candidate.model.layers.contains(where: { $0.experts != nil })
    else { return nil }
    return leastOnHost(upTo: layerCount) { count in
      var moved = settings
      moved.cpuMoeLayers = count
      var fit = balanced(rules.with(moved), whole)
      fit.why = PlacementReason.expertsOnCPU(count, of: layerCount)
      return fit
    }
  }

  /// The layers dealt out so that what is left of them beside experts on the host fills all devices alike.
  func balanced(_ rules: EngineRules, _ whole: Placement) -> EngineRules.Fit {
    let fit = rules.judged(candidate, whole)
    let hostExperts = rules.request.settings.cpuMoeLayers
    guard hostExperts > 0 else { return fit }
    var placement = whole
    placement.tensorSplit =
      LayerBalance(candidate.tensors, layerCount: layerCount, hostExperts: hostExperts, fit: fit).shares
    return placement.tensorSplit.isEmpty ? fit : rules.judged(candidate, placement)
  }

  /// As many layers on the devices as fit; the output counts as one.
  func partial(_ whole: Placement) -> EngineRules.Fit? {
    // What does not fit in a shared memory does not fit beside it either: it is the host's own.
    let own = whole.devices.filter(machine.accelerators.indices.contains)
    guard own.contains(where: { machine.accelerators[$0].sharesMemory != true }) else { return nil }
    return leastOnHost(upTo: layerCount + 1) { count in
      var placement = whole
      let onDevices = layerCount + 1 - count
      placement.gpuLayers = onDevices
      if onDevices == 0 { placement.devices = [] }
      var fit = rules.judged(candidate, placement)
      fit.why = PlacementReason.layersOnCPU(onDevices, of: layerCount)
      return fit
    }
  }

  /// The fit that moves the least to the host's memory, by halving; nil where nothing fits.
  private func leastOnHost(upTo most: Int, _ moving: (Int) -> EngineRules.Fit) -> EngineRules.Fit? {
    var best: EngineRules.Fit?
    var (low, high) = (1, most)
    while low <= high {
      let middle = (low + high) / 2
      let fit = moving(middle)
      if fit.fits { best = fit }
      // Too much overfills the host, too little a device.
      if fit.fits || overfillsHost(fit) { high = middle - 1 } else { low = middle + 1 }
    }
    return best
  }

  private func overfillsHost(_ fit: EngineRules.Fit) -> Bool {
    guard let host = fit.estimate?.devices.first(where: { $0.isHost }), let usable = host.usableBytes?.value
    else { return false }
    return host.highBytes > usable
  }
}
