/// Which matrices of a checkpoint are stored in fewer bits, and how, as its configuration says.
struct StoredLayout: Sendable, Hashable {
  /// One way to store, and the parts that are stored so; nil for all that no other rule names.
  struct Rule: Sendable, Hashable {
    var targets: ModuleList?
    var packing: WeightPacking
  }

  var rules: [Rule]
  /// The parts that are left as they are.
  var kept = ModuleList(named: "lm_head")
  /// Kinds of matrices that a rule without names reaches.
  var roles: Set<QuantizableMatrix.Role> = [.layer]

  init(_ packing: WeightPacking) { rules = [Rule(targets: nil, packing: packing)] }

  init(rules: [Rule]) { self.rules = rules }

  /// Bits of the weights that it stores, the narrowest first.
  var widths: [Int] { Set(rules.map(\.packing.bits)).sorted() }

  /// The most inputs that share a scale, 1 where whole rows do.
  var weightGroup: Int? { rules.map(\.packing.group).max() }

  /// Returns the same with the parts that a list leaves as they are; nil where it cannot be read.
  func keeping(_ list: JSONValue?) -> StoredLayout? {
    guard let list else { return self }
    guard let modules = ModuleList(list) else { return nil }
    var layout = self
    layout.kept = modules
    return layout
  }

  /// Returns the tensors with the types and bytes that they are stored with.
  func stored(_ tensors: [Tensor]) -> [Tensor]? {
    let matrices = tensors.map { QuantizableMatrix($0) }
    let modules = zip(tensors, matrices).map { tensor, matrix in matrix == nil ? nil : ModuleName(tensor.module) }
    let named = modules.compactMap { $0 }
    let kept = kept.completed(for: named)
    let rules = rules.map { Rule(targets: $0.targets?.completed(for: named), packing: $0.packing) }
    var stored = tensors
    for index in tensors.indices {
      guard let matrix = matrices[index], let module = modules[index] else { continue }
      guard !kept.contains(module),
        let rule = rules.first(where: { $0.targets?.contains(module) ?? roles.contains(matrix.role) })
      else { continue }
      guard
        let bytes = rule.packing.byteCount(inputs: matrix.inputs, outputs: matrix.outputs, matrices: matrix.matrices)
      else { return nil }
      stored[index].type = "\(rule.packing.bits)-bit"
      stored[index].bytes = bytes
    }
    return stored
  }
}

extension Tensor {
  /// The name without what its weights are called.
  fileprivate var module: String { name.hasSuffix(".weight") ? String(name.dropLast(7)) : name }
}
