import Engines
import Hardware
import Models
import Units

extension Question {
  /// The case of the speed model that this question is, or nil with the fact that is missing.
  ///
  /// - Parameter room: requests that the memory of one server has room for at once; nil is as many as its slots.
  func speedCase(room: Int? = nil) -> (speedCase: SpeedCase?, missing: Reason?) {
    guard let traits = ModelTraits(model) else {
      return (nil, Reason(.unknownModelShape, "the model's layers are not known, so neither is its speed"))
    }
    guard form.weightBytes > .zero else { return (nil, .unknownWeights) }
    let onProcessor = !placement.devices.contains { machine.accelerators.indices.contains($0) }
    guard let device = onProcessor ? processors : accelerators else {
      let what = onProcessor ? "memory.bandwidth" : "accelerators.bandwidth"
      return (
        nil,
        Reason(
          .unknownBandwidth, "\(what) is not known, so neither is the speed", remedy: "plimsoll probe --measure")
      )
    }
    return (speedCase(device: device, traits: traits, onProcessor: onProcessor, room: room), nil)
  }

  private var cutsByDegree: Bool { engine.planning.layouts.hasDegrees }

  /// The processors as one of the placement's servers has them: bound to a node it reads that node's memory alone.
  private var processors: SpeedDevice? {
    guard var device = SpeedDevice(processorsOf: machine) else { return nil }
    let nodes = machine.processorNodes
    if placement.numaNode != nil, placement.replicas <= 1, nodes.count > 1 {
      let own = nodes.first { $0.id == placement.numaNode }?.bandwidth
      let share = own.map { min(1, $0 / max(1, machine.memory.bandwidth?.value ?? $0)) } ?? 1 / Double(nodes.count)
      device.bandwidth *= share
      device.hostBandwidth *= share
      device.peak /= Double(nodes.count)
    }
    // Copies of the weights share the memory: each has its part of it.
    device.memory = machine.seen(by: placement).usableHostBytes.map { Double($0.value.bytes) } ?? device.memory
    return device
  }

  /// The devices of the placement as one: their mean where they differ, and no faster than the link that joins them all.
  private var accelerators: SpeedDevice? {
    let used = Array(placement.devices.filter { machine.accelerators.indices.contains($0) })
    let own = Array(used.prefix(max(1, used.count / max(1, placement.replicas))))
    let all = devices(own)
    guard var device = all.first, all.count == own.count else { return nil }
    let isCut = cutsByDegree || placement.splitMode == .tensor
    if Set(all.map(\.slug)).count > 1 { device = isCut ? SpeedDevice.slowest(of: all) : layered(all, own) }
    let ways = isCut ? max(1, placement.tensorParallel, cutsByDegree ? 1 : own.count) : 1
    if ways > 1, !DeviceIslands(machine).joins(Array(own.prefix(ways))) {
      device.reachThroughHost(at: own.compactMap { machine.accelerators[$0].hostGigabytesPerSecond?.value })
    }
    return device
  }

  /// What the model knows of each; of equal ones beside each other it is worked out once.
  private func devices(_ indices: [Int]) -> [SpeedDevice] {
    var found: [SpeedDevice] = []
    var last: Int?
    for index in indices {
      if let last, let same = found.last, machine.accelerators[last] == machine.accelerators[index] {
        found.append(same)
      } else if let device = SpeedDevice(machine.accelerators[index], of: machine) {
        found.append(device)
      }
      last = index
    }
    return found
  }

  /// Devices that take layers in turn: a token passes through each for as long as its share of the layers takes it.
  private func layered(_ all: [SpeedDevice], _ indices: [Int]) -> SpeedDevice {
    // Where experts of the first layers lie on the host, numbers of layers say nothing of their bytes.
    let stated = settings.cpuMoeLayers > 0 ? [] : placement.tensorSplit
    let shares =
      stated.count == all.count && stated.reduce(0, +) > 0
      ? stated : indices.map { Double(machine.usableBytes(ofAccelerator: $0)?.value.bytes ?? 1) }
    return SpeedDevice.inTurn(all, shares: shares)
  }

  private func speedCase(device: SpeedDevice, traits: ModelTraits, onProcessor: Bool, room: Int?) -> SpeedCase {
    let facts = engine.planning
    // Published loads on servers are of accelerators: a processor's steps are those of any engine on it.
    let stack: SpeedCase.Stack = facts.speed.isForServers && !onProcessor ? .server : .local
    let precision = Precision(quant: form.name)
    var one = SpeedCase(
      device: device, model: traits, weightBytes: Double(form.weightBytes.bytes),
      quantKind: QuantKind(named: form.name),
      precision: facts.speed.isForServers && precision == .gguf ? .f16 : precision, stack: stack,
      engine: facts.speed.name,
      backend: facts.speed.backend
        ?? (onProcessor ? .cpu : SpeedCase.usualBackend(of: device.deviceClass, engine: "llama.cpp")))
    // Experts are spread over the same devices that the tensors are cut over.
    let tensor = max(1, placement.tensorParallel, placement.expertParallel)
    one.devices = Double(max(1, placement.devices.count / max(1, placement.replicas)))
    // An engine without degrees cuts over all of its devices, whatever other engines' degree says.
    one.ways = cutsByDegree ? Double(tensor) : placement.splitMode == .tensor ? one.devices : 1
    let heads = traits.isLatent ? 1 : max(1, (traits.cacheElements / 256).rounded(.down))
    one.cacheWays = min(one.ways, heads)
    one.replicas = Double(max(1, placement.replicas))
    if placement.dataParallel > 1 {
      let copies = Double(placement.dataParallel)
      if traits.experts > 0 {
        // Ranks with attention of their own share the experts.
        one.cacheWays = one.ways * copies
        one.ways *= copies
      } else {
        // Of a dense model they are whole copies behind one address.
        one.devices = max(1, one.devices / copies)
        one.replicas *= copies
      }
    }
    one.processes = onProcessor ? Double(max(1, placement.replicas)) : 1
    // The processors of all nodes are one device already.
    if onProcessor, cutsByDegree { (one.ways, one.cacheWays, one.devices) = (1, 1, 1) }
    let cores = threads ?? ThreadChoice(on: machine, for: placement)?.threads
    one.threads = onProcessor ? cores.map { Double($0) } : nil
    one.promptThreads = onProcessor ? (promptThreads ?? cores).map { Double($0) } : nil
    if settings.enforceEager, !onProcessor { one.device.assumed.insert(.graphs) }
    one.microBatch = Double(settings.ubatch)
    one.cacheBytesPerElement = kvType.bytesPerElement
    one.flashAttention = settings.flashAttention
    let copies = placement.dataParallel > 1 && traits.experts == 0 ? Double(placement.dataParallel) : 1
    one.slots = Double(max(1, room ?? ofOneServer.parallel)) / copies
    if !onProcessor {
      one.deviceShare = placement.gpuLayers.map { min(1, Double($0) / (traits.layers + 1)) } ?? 1
      if settings.cpuMoeLayers > 0 {
        one.deviceExpertShare = max(0, 1 - Double(settings.cpuMoeLayers) / traits.layers)
      }
    }
    return one
  }
}

extension KVCacheType {
  /// Mean bytes of one element of keys and values.
  var bytesPerElement: Double {
    func bytes(_ name: String) -> Double {
      switch name {
      case "q8_0", "fp8", "fp8_e4m3", "fp8_e5m2": 1.0625
      case "q5_0", "q5_1": 0.6875
      case "q4_0", "q4_1", "iq4_nl": 0.5625
      case "f32": 4
      default: 2
      }
    }
    return (bytes(key) + bytes(value)) / 2
  }
}
