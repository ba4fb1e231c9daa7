import Models
import Units

/// One form of the model that is considered: its file, a sibling, or what a tool could make of it.
struct QuantizationCandidate: Sendable {
  var name: String
  var origin: PlanOption.Origin
  var model: Model
  var tensors: [Tensor]
  /// Why it cannot be made.
  var refusal: Reason?

  var tensorBytes: ByteCount { tensors.reduce(.zero) { $0 + $1.bytes } }

  /// Those that a table shows unless all are asked for.
  private static let usual: Set<String> = [
    "Q8_0", "Q6_K", "Q5_K_M", "Q4_K_M", "Q4_0", "IQ4_XS", "Q3_K_M", "Q2_K",
  ]

  /// Returns every form that the request asks for, files first.
  static func all(for request: PlanRequest) -> [QuantizationCandidate] {
    let files = ([request.model] + request.siblings).map { model in
      QuantizationCandidate(
        name: model.quantization?.value ?? "unknown", origin: .file, model: model, tensors: model.tensors)
    }
    let wanted: (String) -> Bool
    switch request.quantizations {
    case .asIs: return Array(files.prefix(1))
    case .all: wanted = { _ in true }
    case .usual: wanted = { Self.usual.contains($0) }
    case .named(let names):
      let upper = Set(names.map { $0.uppercased() })
      wanted = { upper.contains($0) }
    }
    let made = Self.made(of: request.model, importanceMatrix: request.hasImportanceMatrix, wanted)
    let kept =
      request.quantizations == .all
      ? files + made
      : files
        + made.filter { candidate in
          !files.contains { $0.name == candidate.name }
        }
    if case .named = request.quantizations { return kept.filter { wanted($0.name) } }
    return kept
  }

  private static func made(of model: Model, importanceMatrix: Bool, _ wanted: (String) -> Bool)
    -> [QuantizationCandidate]
  {
    guard let mix = QuantizationMix(model) else { return [] }
    return GGUFFileType.allCases.filter { wanted($0.rawValue) }.map { type in
      let outcome = mix.outcome(type, importanceMatrix: importanceMatrix)
      return QuantizationCandidate(
        name: type.rawValue, origin: .made, model: model, tensors: outcome.tensors, refusal: outcome.refusal)
    }
  }
}
