public import Units

/// The sums over a model's tensors.
enum ModelTotals {
  /// Fills in parameters, active parameters and bytes from the tensors; leaves them where there are none.
  ///
  /// `elements` says how many weights a tensor stands for, where it packs several into one element or holds none.
  static func fill(_ model: inout Model, elements: (Tensor) -> Int = { $0.elementCount }) {
    guard !model.tensors.isEmpty else { return }
    var total = 0
    var active = 0.0
    var bytes = ByteCount.zero
    for tensor in model.tensors {
      let count = elements(tensor)
      total = total.addingReportingOverflow(count).partialValue
      active += Double(count) * activeShare(of: tensor.name, in: model)
      bytes += tensor.bytes
    }
    model.parameters = Figure(max(0, total), .header, "elements of all tensors")
    model.activeParameters = Figure(
      active < Double(Int.max) ? Int(active.rounded()) : Int.max, .computed, "all tensors; of experts only those in use"
    )
    model.tensorBytes = Figure(bytes, .header, "bytes of all tensors")
  }

  /// The share of a tensor that one token passes through.
  private static func activeShare(of name: String, in model: Model) -> Double {
    let place = TensorPlace(name)
    if place.isPrediction { return 0 }
    guard let index = place.layer, model.layers.indices.contains(index) else { return 1 }
    let layer = model.layers[index]
    if layer.isNextTokenPrediction { return 0 }
    guard place.isExpert, let experts = layer.experts, experts.count > 0 else { return 1 }
    return Double(min(experts.usedCount, experts.count)) / Double(experts.count)
  }

  /// Returns the type that holds most bytes.
  static func largestType(_ tensors: [Tensor]) -> String? {
    Model.sums(of: tensors).max { ($0.bytes, $1.type) < ($1.bytes, $0.type) }?.type
  }
}

extension Model {
  /// Bytes of all weights: of the tensors, else of the files that hold them; nil where neither is known.
  public var weightBytes: ByteCount? {
    if let tensorBytes { return tensorBytes.value }
    // What a bare configuration consists of holds no weights.
    guard format != .config else { return nil }
    let bytes = files.reduce(ByteCount.zero) { $0 + $1.bytes }
    return bytes > .zero ? bytes : nil
  }
}

extension Tensor {
  /// The product of the dimensions; 0 where it overflows.
  var elementCount: Int {
    var count = 1
    for length in dimensions {
      let (product, overflow) = count.multipliedReportingOverflow(by: length)
      if overflow { return 0 }
      count = product
    }
    return max(0, count)
  }
}
