public import Hub
public import Models
import Units

/// The document that `inspect --json` prints: the model, and what was summed or fetched on the way.
public struct InspectDocument: Encodable, Sendable {
  var model: Model
  var typeBytes: [TypeBytes]
  var fetched: RequestLedger.Totals?

  /// - Parameter listsTensors: true where every tensor is listed; their types are summed in any case.
  public init(_ model: Model, listsTensors: Bool, fetched: RequestLedger.Totals?) {
    self.model = model
    if !listsTensors { self.model.tensors = [] }
    typeBytes = model.typeBytes
    self.fetched = fetched
  }

  private enum Key: String, CodingKey { case typeBytes, fetched }

  public func encode(to encoder: any Encoder) throws {
    try model.encode(to: encoder)
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(typeBytes, forKey: .typeBytes)
    try container.encodeIfPresent(fetched, forKey: .fetched)
  }
}

/// What `inspect` prints for people.
public struct ModelDescription: Sendable {
  private let model: Model
  private let listsTensors: Bool

  public init(_ model: Model, listsTensors: Bool) {
    self.model = model
    self.listsTensors = listsTensors
  }

  /// The lines, without line ends.
  public func rendered() -> [String] {
    var lines = facts().map { "\($0.0.padded(to: 14))\($0.1)" }
    lines += ["", "layers"] + layerTable()
    if !model.typeBytes.isEmpty { lines += ["", "tensors"] + typeTable() }
    if listsTensors { lines += [""] + tensorTable() }
    if !model.companions.isEmpty {
      lines += ["", "beside it"] + model.companions.map { "  \($0.role.rawValue): \($0.file.path), \($0.file.bytes)" }
    }
    if !model.warnings.isEmpty {
      lines += ["", "warnings"]
      for warning in model.warnings {
        lines.append("  \(warning.message) [\(warning.code)]")
        if let remedy = warning.remedy { lines.append("    \(remedy)") }
      }
    }
    return lines
  }

  private func facts() -> [(String, String)] {
    let unknown = "not known"
    var facts: [(String, String)] = [
      ("name", model.name),
      ("format", "\(model.format.rawValue)\(model.quantization.map { ", \($0.value)" } ?? "")"),
      ("architecture", model.architecture + (model.isArchitectureKnown ? "" : " (unknown: taken as full attention)")),
      ("parameters", model.parameters.map { parameters($0.value) } ?? unknown),
    ]
    if let bytes = model.tensorBytes?.value { facts.append(("weights", "\(bytes) (\(bytes.bytes.grouped) bytes)")) }
    facts += [
      ("context", model.shape.contextLength > 0 ? "\(model.shape.contextLength.grouped) tokens" : unknown),
      ("width", "\(model.shape.embeddingLength.grouped)"),
      (
        "vocabulary",
        "\(model.shape.vocabularySize.grouped)\(model.shape.hasTiedEmbeddings ? ", embedding tied to the output" : "")"
      ),
      ("tokenizer", model.tokenizer?.value ?? unknown),
      ("chat template", model.hasChatTemplate.map { $0 ? "yes" : "no" } ?? unknown),
    ]
    if model.shape.isEncoderOnly { facts.append(("cache", "none: an encoder")) }
    if let digest = model.headerDigest { facts.append(("header", "sha256 \(digest.prefix(16))…")) }
    return facts
  }

  private func parameters(_ total: Int) -> String {
    let active = model.activeParameters?.value ?? total
    let shown = "\(inBillions(total)) (\(total.grouped))"
    return active < total ? "\(shown), \(inBillions(active)) active" : shown
  }

  private func inBillions(_ count: Int) -> String {
    count >= 1_000_000_000
      ? "\((Double(count) / 1e9).formatted(significant: 3)) B" : "\((Double(count) / 1e6).formatted(significant: 3)) M"
  }

  /// One row for each run of equal layers.
  private func layerTable() -> [String] {
    var table = TextTable(
      [
        "", "kind", ">layers", ">heads", ">kv heads", ">key", ">value", ">window", ">feed-forward", "experts",
      ], optional: ["window", "value"])
    var counts: [(layer: Layer, count: Int)] = []
    for layer in model.layers {
      var like = layer
      like.sharesCacheOf = nil
      if let index = counts.firstIndex(where: { $0.layer == like }) {
        counts[index].count += 1
      } else {
        counts.append((like, 1))
      }
    }
    for (layer, count) in counts.prefix(40) {
      table.add([
        "", layer.kind.rawValue + (layer.isNextTokenPrediction ? " (prediction)" : ""), "\(count)",
        "\(layer.headCount)",
        "\(layer.kvHeadCount)", "\(layer.keyLength)", "\(layer.valueLength)", layer.window.map { $0.grouped } ?? "",
        "\(layer.feedForwardLength)", layer.experts.map(experts) ?? "",
      ])
    }
    let sharing = model.layers.count { $0.sharesCacheOf != nil }
    return lines(of: table) + (sharing > 0 ? ["  \(sharing) layers use the cache of an earlier one"] : [])
  }

  private func experts(_ experts: Experts) -> String {
    let shared = experts.sharedCount > 0 ? " + \(experts.sharedCount) shared" : ""
    return "\(experts.usedCount) of \(experts.count) x \(experts.feedForwardLength)\(shared)"
  }

  private func typeTable() -> [String] {
    var table = TextTable(["", "type", ">tensors", ">bytes", ">share"])
    let total = max(1, model.tensorBytes?.value.bytes ?? 1)
    for type in model.typeBytes {
      let share = 100 * Double(type.bytes.bytes) / Double(total)
      table.add(["", type.type, "\(type.tensors)", "\(type.bytes)", "\(share.formatted(decimals: 1))%"])
    }
    return lines(of: table)
  }

  private func lines(of table: TextTable) -> [String] {
    table.rendered().split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
  }

  private func tensorTable() -> [String] {
    var table = TextTable(["tensor", "type", "shape", ">bytes"])
    for tensor in model.tensors {
      table.add([
        tensor.name, tensor.type, tensor.dimensions.map(String.init).joined(separator: " x "),
        tensor.bytes.bytes.grouped,
      ])
    }
    return lines(of: table)
  }
}

extension String {
  fileprivate func padded(to width: Int) -> String {
    self + String(repeating: " ", count: max(1, width - count))
  }
}
