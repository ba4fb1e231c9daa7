import Engines
import Hardware
import Models
import Units

extension LayoutSearch {
  /// The fewest devices that surely hold it, in as many servers as there are requests and devices for; else the fewest on
  /// which it is tight, experts on the CPU, or as many layers on all devices as fit.
  func layers(most: Int) -> Fit {
    let devices = bySize
    if let servers = copies(of: devices, size: 1) { return servers }
    var tight = single(devices)
    if let one = tight, one.verdict == .fits { return one }
    var fit = memory.judged(question.with(inTurn(devices)))
    for count in 2...max(2, devices.count) where count <= min(devices.count, most) {
      if tight == nil, let servers = copies(of: devices, size: count) { return servers }
      fit = balanced(question.with(inTurn(Array(devices.prefix(count)))))
      fit.why = LayoutReason.layers(over: count, isRoomier: tight != nil)
      if fit.verdict == .fits { return fit }
      if fit.fits, tight == nil { tight = fit }
    }
    if let tight { return tight }
    fit.why = nil
    let all = inTurn(Array(devices.prefix(most)))
    return experts(all) ?? partial(all) ?? overfull(fit)
  }

  /// A server on each number of devices, and as many of them as there are devices for; where no devices hold the model,
  /// what lies in the host's memory beside them.
  func everyLayerSplit(most: Int) -> [Fit] {
    let devices = bySize
    let isAlike = Set(devices.map { machine.usableBytes(ofAccelerator: $0)?.value }).count == 1
    let sizes = isAlike ? Set((1...devices.count).map { devices.count / $0 }) : Set(1...devices.count)
    var held: [Fit] = []
    for size in sizes.sorted() where size <= min(most, layerCount + 1) {
      let count = isAlike ? devices.count / size : 1
      var fit: Fit
      if count > 1 {
        var placement = Placement()
        placement.devices = devices.prefix(count * size).sorted()
        placement.replicas = count
        fit = memory.judged(question.with(slots: question.parallel * count).with(placement))
        fit.why = LayoutReason.copies(count, of: size)
      } else {
        fit = memory.judged(question.with(inTurn(Array(devices.prefix(size)))))
        fit.why = size > 1 ? LayoutReason.layers(over: size) : LayoutReason.oneDevice
      }
      if fit.fits { held.append(fit) }
    }
    guard held.isEmpty, abilities.movesToHost else { return held }
    let all = inTurn(Array(devices.prefix(most)))
    return [experts(all) ?? partial(all)].compactMap { $0 }
  }

  private func usable(_ index: Int) -> ByteCount { machine.usableBytes(ofAccelerator: index)?.value ?? .zero }

  /// The devices with the most usable memory first.
  private var bySize: [Int] {
    machine.accelerators.indices.sorted { (usable($0), $1) > (usable($1), $0) }
  }

  private func inTurn(_ devices: [Int]) -> Placement {
    var placement = Placement()
    placement.devices = machine.largestLast(devices)
    return placement
  }

  /// What does not fit even over devices and host together is refused for what all of them lack.
  private func overfull(_ fit: Fit) -> Fit {
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
  private func single(_ devices: [Int]) -> Fit? {
    func bandwidth(_ index: Int) -> Double { machine.accelerators[index].bandwidth?.value ?? 0 }
    guard let most = devices.first, holds(most) else { return nil }
    var placement = Placement()
    let able = devices.filter { bandwidth($0) > bandwidth(most) && holds($0) }
    placement.devices = [able.max { bandwidth($0) < bandwidth($1) } ?? most]
    var fit = memory.judged(question.with(placement))
    let isShared = machine.accelerators[placement.devices[0]].sharesMemory == true
    fit.why = isShared ? LayoutReason.unified(fit.settings, layers: layerCount) : LayoutReason.oneDevice
    return fit
  }

  private func holds(_ device: Int) -> Bool {
    var one = Placement()
    one.devices = [device]
    return memory.judged(question.with(one)).fits
  }

  /// A server on each group of so many devices, where there are requests for several; nil where there are not, or a group
  /// does not hold one.
  private func copies(of devices: [Int], size: Int) -> Fit? {
    let streams = question.workload.concurrency
    guard replicas ?? streams > 1, devices.count / size > 1 else { return nil }
    let own = devices.filter { machine.accelerators[$0].sharesMemory != true }
    // Of several kinds each has to hold all requests; of one kind a server holds its part of them.
    let isAlike = Set(own.map { machine.usableBytes(ofAccelerator: $0)?.value }).count == 1
    guard isAlike || size == 1 else { return nil }
    let able = isAlike ? own : own.filter(holds)
    let most = min(able.count / size, replicas ?? streams)
    guard most > 1, replicas ?? 0 <= able.count / size else { return nil }
    var placement = Placement()
    placement.devices = able.prefix(most * size).sorted()
    placement.replicas = most
    var fit = memory.judged(question.with(placement))
    fit.why = LayoutReason.copies(most, of: size)
    return fit.fits ? fit : nil
  }

  /// The experts of as few layers as possible in the host's memory, everything else on the devices.
  private func experts(_ whole: Placement) -> Fit? {
    let settings = question.settings
    guard abilities.movesToHost, settings.cpuMoeLayers == 0, settings.overrideTensor.isEmpty,
      question.model.layers.contains(where: { $0.experts != nil })
    else { return nil }
    return leastOnHost(upTo: layerCount) { count in
      var moved = settings
      moved.cpuMoeLayers = count
      var fit = balanced(question.with(moved).with(whole))
      fit.why = LayoutReason.expertsOnCPU(count, of: layerCount)
      return fit
    }
  }

  /// The layers dealt out so that what is left of them beside experts on the host fills all devices alike.
  func balanced(_ question: Question) -> Fit {
    let fit = memory.judged(question)
    let hostExperts = question.settings.cpuMoeLayers
    guard hostExperts > 0, question.placement.devices.count > 1 else { return fit }
    var placement = question.placement
    placement.tensorSplit =
      LayerBalance(form.tensors, layerCount: layerCount, hostExperts: hostExperts, fit: fit).shares
    return placement.tensorSplit.isEmpty ? fit : memory.judged(question.with(placement))
  }

  /// As many layers on the devices as fit; the output counts as one.
  func partial(_ whole: Placement) -> Fit? {
    // What does not fit in a shared memory does not fit beside it either: it is the host's own.
    let own = whole.devices.filter(machine.accelerators.indices.contains)
    guard own.contains(where: { machine.accelerators[$0].sharesMemory != true }) else { return nil }
    return leastOnHost(upTo: layerCount + 1) { count in
      var placement = whole
      let onDevices = layerCount + 1 - count
      placement.gpuLayers = onDevices
      if onDevices == 0 { placement.devices = [] }
      var fit = memory.judged(question.with(placement))
      fit.why = LayoutReason.layersOnCPU(onDevices, of: layerCount)
      return fit
    }
  }

  /// The fit that moves the least to the host's memory, by halving; nil where nothing fits.
  private func leastOnHost(upTo most: Int, _ moving: (Int) -> Fit) -> Fit? {
    var best: Fit?
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

  private func overfillsHost(_ fit: Fit) -> Bool {
    guard let host = fit.estimate?.devices.first(where: { $0.isHost }), let usable = host.usableBytes?.value
    else { return false }
    return host.highBytes > usable
  }
}
