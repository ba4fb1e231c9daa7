import Engines
import Models
import Units

/// One form of the model that is considered: its file, a sibling, or what a tool could make of it.
struct QuantizationCandidate: Sendable {
  /// What would make a form that does not exist.
  enum Maker: Hashable, Sendable {
    case llamaQuantize, mlxConvert, compressor

    /// The format that comes out.
    var format: ModelFormat {
      switch self {
      case .llamaQuantize: .gguf
      case .mlxConvert: .mlx
      case .compressor: .safetensors
      }
    }

    /// Where the size comes from.
    var detail: String {
      switch self {
      case .llamaQuantize: "what llama-quantize makes, tensor by tensor"
      case .mlxConvert: "what mlx_lm.convert makes, tensor by tensor"
      case .compressor: "what the format's arithmetic gives, tensor by tensor"
      }
    }
  }

  var name: String
  /// Nil for a file that exists.
  var maker: Maker?
  var model: Model
  var tensors: [Tensor]
  /// Why it cannot be made.
  var refusal: Reason?

  var origin: PlanOption.Origin { maker == nil ? .file : .made }
  /// The format that an engine would be given.
  var format: ModelFormat { maker?.format ?? model.format }
  var tensorBytes: ByteCount { tensors.reduce(.zero) { $0 + $1.bytes } }

  /// Returns every form that the request asks for, files first.
  static func all(for request: PlanRequest) -> [QuantizationCandidate] {
    let files = ([request.model] + request.siblings).map { model in
      QuantizationCandidate(name: model.quantization?.value ?? "unknown", model: model, tensors: model.tensors)
    }
    switch request.quantizations {
    case .asIs: return Array(files.prefix(1))
    case .files: return files
    case .all: return files + made(for: request) { _ in true }
    case .usual:
      let there = Set(files.map(\.name))
      return files + made(for: request) { usual.contains($0) && !there.contains($0) }
    case .named(let names):
      let wanted = Set(names.map(plain))
      let named = files.enumerated().filter { place, file in
        wanted.contains(plain(file.name)) || wanted.contains("FILES") || (place == 0 && wanted.contains("AS-IS"))
      }.map(\.element)
      let there = Set(named.map(\.name))
      return named + made(for: request) { wanted.contains(plain($0)) && !there.contains($0) }
    }
  }

  /// Those that a table shows unless all are asked for.
  private static let usual: Set<String> = [
    "Q8_0", "Q6_K", "Q5_K_M", "Q4_K_M", "Q4_0", "IQ4_XS", "Q3_K_M", "Q2_K", "MLX 8-bit", "MLX 6-bit", "MLX 4-bit",
    "FP8",
    "AWQ 4-bit", "NVFP4",
  ]

  /// A name as people type it: `mlx4`, `awq` and `MLX 4-bit`, `AWQ 4-bit` are the same.
  private static func plain(_ name: String) -> String {
    var name = name.uppercased().replacing("-BIT", with: "").replacing("BIT", with: "").replacing(" ", with: "")
    if name == "AWQ" || name == "GPTQ" { name += "4" }
    // llama.cpp's mix of MXFP4 has no other name.
    return name == "MXFP4_MOE" ? "MXFP4" : name
  }

  /// Returns those of the names that are neither a form that a tool makes nor that of a file; nothing is planned for them.
  static func unknown(_ names: [String], files: [Model]) -> [String] {
    let known = Set((makeable + files.compactMap { $0.quantization?.value } + ["as-is", "files"]).map(plain))
    return names.filter { !known.contains(plain($0)) }
  }

  /// Every form that some engine's tool makes.
  static let makeable = GGUFFileType.allCases.map(\.rawValue) + CheckpointQuantization.Scheme.allCases.map(\.rawValue)

  private static func made(for request: PlanRequest, _ wanted: (String) -> Bool) -> [QuantizationCandidate] {
    mixes(request, wanted) + schemes(request, wanted)
  }

  private static func mixes(_ request: PlanRequest, _ wanted: (String) -> Bool) -> [QuantizationCandidate] {
    let types = GGUFFileType.allCases.filter { wanted($0.rawValue) }
    guard !types.isEmpty, let mix = QuantizationMix(request.model) else { return [] }
    return types.map { type in
      let outcome = mix.outcome(type, importanceMatrix: request.hasImportanceMatrix)
      return QuantizationCandidate(
        name: type.rawValue, maker: .llamaQuantize, model: request.model, tensors: outcome.tensors,
        refusal: outcome.refusal)
    }
  }

  private static func schemes(_ request: PlanRequest, _ wanted: (String) -> Bool) -> [QuantizationCandidate] {
    let schemes = CheckpointQuantization.Scheme.allCases.filter { wanted($0.rawValue) }
    guard !schemes.isEmpty, let quantization = CheckpointQuantization(request.model) else { return [] }
    return schemes.map { scheme in
      let outcome = quantization.outcome(scheme)
      return QuantizationCandidate(
        name: scheme.rawValue, maker: scheme.isMLX ? .mlxConvert : .compressor, model: request.model,
        tensors: outcome.tensors, refusal: outcome.refusal)
    }
  }
}

extension EngineKind {
  /// True where the engine reads the format that this form of the model is in.
  func loads(_ candidate: QuantizationCandidate) -> Bool {
    switch self {
    case .llamaCpp, .ampereLlamaCpp: candidate.format == .gguf
    case .mlx:
      candidate.maker == nil
        ? [.mlx, .safetensors, .config].contains(candidate.format) : candidate.format == .mlx
    case .vllm: candidate.maker == nil ? candidate.format != .mlx : candidate.maker == .compressor
    }
  }
}
