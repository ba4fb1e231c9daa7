import Engines
import Models
import Units

/// The forms of a model that a request considers.
enum ModelForms {
  /// Returns every form that the request asks for, files first.
  static func all(for request: PlanRequest) -> [ModelForm] {
    let files = ([request.model] + request.siblings).map { ModelForm($0) }
    switch request.quantizations {
    case .asIs: return Array(files.prefix(1))
    case .files: return files
    case .all: return files + made(for: request) { _ in true }
    case .usual:
      let there = Set(files.map(\.name))
      let own = request.model.isPublishedInMXFP4 ? [GGUFFileType.mxfp4.rawValue] : []
      return files + made(for: request) { (usual.contains($0) || own.contains($0)) && !there.contains($0) }
    case .named(let names):
      let wanted = Set(names.map(plain))
      let named = files.enumerated().filter { place, file in
        !wanted.isDisjoint(with: parts(of: file.name)) || wanted.contains("FILES")
          || (place == 0 && wanted.contains("AS-IS"))
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
    // `4bit` is MLX's own name for a form.
    if let bits = Int(name), (2...8).contains(bits) { name = "MLX\(bits)" }
    // llama.cpp's mix of MXFP4 has no other name.
    return name == "MXFP4_MOE" ? "MXFP4" : name
  }

  /// A name, and those of the parts of a checkpoint that stores some of its matrices otherwise: `NVFP4+FP8` is asked for
  /// as either.
  private static func parts(of name: String) -> [String] {
    [plain(name)] + name.split(separator: "+").map { plain(String($0)) }
  }

  /// Returns those of the names that are neither a form that a tool makes nor that of a file; nothing is planned for them.
  static func unknown(_ names: [String], files: [Model]) -> [String] {
    let own = files.compactMap { $0.quantization?.value }.flatMap(parts)
    let known = Set((makeable + ["as-is", "files"]).map(plain) + own)
    return names.filter { !known.contains(plain($0)) }
  }

  /// Why there is no form at all of those that were named; nil where there is one.
  static func missing(for request: PlanRequest) -> Reason? {
    guard case .named(let names) = request.quantizations, all(for: request).isEmpty else { return nil }
    let own = request.model.quantization.map { "its weights are \($0.value)" } ?? "the type of its weights is not known"
    return Reason(
      .nothingToPlan, "\(names.joined(separator: ", ")) cannot be made of \(request.model.name): \(own)",
      remedy: "leave --quantizations out, or name a repository that has such weights")
  }

  /// Every form that some engine's tool makes.
  static var makeable: [String] {
    GGUFFileType.allCases.map(\.rawValue) + ownForms.map(\.name)
      + CheckpointQuantization.Scheme.allCases.map(\.rawValue)
  }

  private static func made(for request: PlanRequest, _ wanted: (String) -> Bool) -> [ModelForm] {
    mixes(request, wanted) + schemes(request, wanted)
  }

  /// Forms of one engine's own, each of about the size of a usual mix.
  private static var ownForms: [OwnForm] { EngineKind.allCases.flatMap(\.planning.ownForms) }

  private static func mixes(_ request: PlanRequest, _ wanted: (String) -> Bool) -> [ModelForm] {
    let types = GGUFFileType.allCases.filter { wanted($0.rawValue) }
    let own = ownForms.filter { wanted($0.name) }
    guard !types.isEmpty || !own.isEmpty, let mix = QuantizationMix(request.model) else { return [] }
    func form(_ name: String, _ type: GGUFFileType) -> ModelForm {
      let outcome = mix.outcome(type, importanceMatrix: request.hasImportanceMatrix)
      return ModelForm(
        name: name, tool: .llamaQuantize, model: request.model, tensors: outcome.tensors, refusal: outcome.refusal)
    }
    return types.map { form($0.rawValue, $0) }
      + own.compactMap { own in GGUFFileType(rawValue: own.sizedAs).map { form(own.name, $0) } }
  }

  private static func schemes(_ request: PlanRequest, _ wanted: (String) -> Bool) -> [ModelForm] {
    guard let quantization = CheckpointQuantization(request.model) else { return [] }
    return quantization.schemes.filter { wanted($0.rawValue) }.map { scheme in
      let outcome = quantization.outcome(scheme)
      return ModelForm(
        name: scheme.rawValue, tool: scheme.isMLX ? .mlxConvert : .compressor, model: request.model,
        tensors: outcome.tensors, refusal: outcome.refusal)
    }
  }
}

extension Model {
  /// True where the bits of its files are those that its maker trained, so that other forms lose against them.
  ///
  /// Of 8-bit floats that holds for the families whose originals are published so; others' were rounded from 16 bits.
  var isPublishedInFewBits: Bool {
    let isFloat = quantization?.value == "FP8" && CheckpointQuantization.publishedInFP8.contains(architecture)
    return isPublishedInMXFP4 || isFloat
  }

  /// True where four bits are what its maker trained and published.
  var isPublishedInMXFP4: Bool { quantization?.value.uppercased().hasPrefix("MXFP4") == true }
}
