import Hardware
import Models
import Units

/// Which device each layer and tensor goes to, as llama.cpp decides it: slot 0 is the host, slot n the n-th device.
struct LlamaPlacement {
  /// Accelerators in use, by index into the machine's.
  let devices: [Int]
  /// The slot of each layer, the output as one more layer at the end.
  private let slots: [Int]
  private let hostExperts: Int
  private let overrides: [(pattern: Regex<AnyRegexOutput>, slot: Int)]
  /// How every layer is cut over all devices, which are then one slot; nil where each layer is on one device.
  let split: LlamaTensorSplit?
  private let splitRefusal: Reason?

  init(_ question: Question) {
    let wanted = question.placement
    let count = question.model.layers.count + 1
    let offloaded = min(wanted.gpuLayers ?? count, count)
    devices = offloaded > 0 ? wanted.devices : []
    hostExperts = question.settings.cpuMoeLayers
    let isCut = wanted.splitMode == .tensor && !devices.isEmpty
    split = isCut ? LlamaTensorSplit(question, devices: devices.count, shares: wanted.tensorSplit) : nil
    splitRefusal = isCut ? LlamaTensorSplit.refusal(question) : Self.rowRefusal(question, devices)
    slots = Self.slots(question, isCut ? [devices[0]] : devices, layers: count, offloaded: offloaded)
    overrides = question.settings.overrideTensor.compactMap(Self.override)
  }

  /// Why llama.cpp would refuse the split, or the overrides; nil where it can be done and every device they name is in use.
  var refusal: Reason? {
    if let splitRefusal { return splitRefusal }
    guard let beyond = overrides.map(\.slot).first(where: { $0 > devices.count }) else { return nil }
    return Reason(
      .unknownDevice,
      "--override-tensor names device \(beyond - 1), and \(devices.count) \(devices.count == 1 ? "is" : "are") in use",
      remedy: "devices count from 0; CPU is the host")
  }

  /// Of the backends, only SYCL's still divides the rows of a matrix (11434).
  private static func rowRefusal(_ question: Question, _ devices: [Int]) -> Reason? {
    guard question.placement.splitMode == .row else { return nil }
    let all = question.machine.accelerators
    let other = devices.first { all.indices.contains($0) && all[$0].vendor.value != .intel }
    return other.map { device in
      Reason(
        .unsupportedSplit,
        "llama.cpp divides rows on Intel's GPUs only, by SYCL, and gpu\(device) is of \(all[device].vendor.value)",
        remedy: "--split-mode layer, or tensor")
    }
  }

  var outputSlot: Int { slots.last ?? 0 }

  /// Who computes: several devices that have all layers between them work as a pipeline.
  var work: GraphWork {
    guard !devices.isEmpty else { return .host }
    let isWhole = devices.count > 1 && !slots.contains(0) && hostExperts == 0 && overrides.isEmpty && split == nil
    guard isWhole else { return .devices }
    // A device without layers begins where the next one does.
    return .pipeline(firstLayers: (1...devices.count).map { slot in slots.firstIndex { $0 >= slot } ?? slots.count })
  }

  func slot(ofLayer index: Int) -> Int { slots.indices.contains(index) ? slots[index] : 0 }

  /// True where nothing but a layer's number decides where its tensors go.
  var isByLayer: Bool { overrides.isEmpty && split == nil }

  /// Returns the slot of a tensor by its GGUF name.
  func slot(of name: String) -> Int {
    if devices.isEmpty, overrides.isEmpty { return 0 }
    for override in overrides where name.firstMatch(of: override.pattern) != nil { return override.slot }
    return slot(of: LlamaWeightSums.Part(name))
  }

  /// Returns the slot of what lies together.
  func slot(of part: LlamaWeightSums.Part) -> Int {
    if devices.isEmpty { return 0 }
    switch part {
    case .host: return 0
    case .output: return outputSlot
    case .layer(let index, let isExpert): return isExpert && index < hostExperts ? 0 : slot(ofLayer: index)
    }
  }

  /// The last layers go to the devices, in shares of what is usable unless shares are given.
  private static func slots(_ question: Question, _ devices: [Int], layers: Int, offloaded: Int) -> [Int] {
    guard !devices.isEmpty, offloaded > 0 else { return [Int](repeating: 0, count: layers) }
    let given = question.placement.tensorSplit
    let shares = devices.enumerated().map { offset, device -> Double in
      if !given.isEmpty { return given.indices.contains(offset) ? given[offset] : 0 }
      return Double(question.machine.usableBytes(ofAccelerator: device)?.value.bytes ?? 1)
    }
    // Summed before they are divided, as the engine does: whole numbers then cut exactly between layers.
    var sums: [Double] = []
    for share in shares { sums.append((sums.last ?? 0) + share) }
    let whole = max(sums.last ?? 0, .leastNonzeroMagnitude)
    let cumulative = sums.map { $0 / whole }
    let start = layers - offloaded
    return (0..<layers).map { index in
      guard index >= start else { return 0 }
      let position = Double(index - start) / Double(offloaded)
      return (cumulative.firstIndex { $0 > position } ?? devices.count - 1) + 1
    }
  }

  /// Reads `regex=CPU`; other devices are named by their number.
  private static func override(_ text: String) -> (pattern: Regex<AnyRegexOutput>, slot: Int)? {
    guard let equals = text.lastIndex(of: "="), let pattern = try? Regex(String(text[..<equals])) else { return nil }
    let target = text[text.index(after: equals)...]
    let number = Int(target.filter(\.isNumber)) ?? 0
    return (pattern, target.uppercased() == "CPU" ? 0 : min(number, 1 << 20) + 1)
  }
}

/// Which weights the CPU backend keeps a second, re-laid copy of.
enum LlamaRepacking {
  /// Types that x86 and ARM kernels read in interleaved form.
  private static let types = ["Q4_0", "Q4_K", "IQ4_NL", "Q2_K"]

  static func isRepacked(_ tensor: Tensor) -> Bool {
    tensor.dimensions.count == 2 && tensor.dimensions[1] % 8 == 0 && types.contains(tensor.type)
      && !tensor.name.hasPrefix("token_embd") && !tensor.name.hasPrefix("per_layer_token_embd")
  }
}
