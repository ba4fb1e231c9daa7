public import Models
public import Units

/// A way to store a model, and the container that an engine reads it from.
public struct SizingQuantization: Hashable, Sendable, Codable {
  public var name: String
  public var bitsPerWeight: Double
  /// `gguf`, `safetensors` or `mlx`.
  public var format: String
  /// True for the form that the model's maker published, which has lost nothing.
  public var isOriginal = false
  /// Bytes of the weights where the model that was read is stored so; nil for forms that others make.
  public private(set) var storedBytes: ByteCount?
  /// The form in the model's own words, such as `NVFP4+FP8`, where it is stored so.
  private var storedName: String?

  public init(name: String, bitsPerWeight: Double, format: String, isOriginal: Bool = false) {
    self.name = name
    self.bitsPerWeight = bitsPerWeight
    self.format = format
    self.isOriginal = isOriginal
  }

  /// True where the model answers as it was published, as far as published tests can tell: 8 bits or more, or the original.
  public var keepsQuality: Bool { bitsPerWeight >= 8 || isOriginal }

  var modelFormat: ModelFormat { ModelFormat(rawValue: format) ?? .safetensors }

  /// The name by which engines and the rules of cutting are asked.
  var formName: String { storedName ?? name }

  func weightBytes(of traits: ModelTraits) -> Double {
    storedBytes.map { Double($0.bytes) } ?? traits.parameters * bitsPerWeight / 8
  }

  /// The form with the model's own bytes and name, where the model that was read is stored so.
  private func stored(in model: Model, _ traits: ModelTraits) -> SizingQuantization {
    let container: ModelFormat = [.pytorch, .config].contains(model.format) ? .safetensors : model.format
    guard let own = model.quantization?.value, let bytes = model.weightBytes, bytes > .zero, traits.parameters > 0,
      container == modelFormat, names(own)
    else { return self }
    var form = self
    form.bitsPerWeight = Double(bytes.bytes) * 8 / traits.parameters
    (form.storedBytes, form.storedName) = (bytes, own)
    return form
  }

  /// `NVFP4` names `NVFP4+FP8`, `AWQ` names `AWQ 4-bit`, and `4bit` names `MLX 4-bit`; `Q4_K` does not name `Q4_K_M`.
  private func names(_ own: String) -> Bool {
    if format == "mlx" { return own.uppercased() == "MLX \(name.replacing("bit", with: "-bit"))".uppercased() }
    return own.uppercased().split { "+ ".contains($0) }.first.map { $0 == name.uppercased() } ?? false
  }
}

extension SizingQuantization {
  /// The ways that are usually published, best quality first within each format.
  ///
  /// Bits of GGUF are those of Llama 3.1 8B in the table of llama.cpp's `tools/quantize/README.md`; Ampere's own two are
  /// about the size of Q8_0 and Q4_K_M. Scales and unquantized tensors are counted.
  public static let usual: [SizingQuantization] = [
    SizingQuantization(name: "BF16", bitsPerWeight: 16, format: "safetensors"),
    SizingQuantization(name: "FP8", bitsPerWeight: 8.1, format: "safetensors"),
    SizingQuantization(name: "NVFP4", bitsPerWeight: 4.7, format: "safetensors"),
    SizingQuantization(name: "AWQ", bitsPerWeight: 4.3, format: "safetensors"),
    SizingQuantization(name: "Q8_0", bitsPerWeight: 8.5, format: "gguf"),
    SizingQuantization(name: "Q8R16", bitsPerWeight: 8.5, format: "gguf"),
    SizingQuantization(name: "Q6_K", bitsPerWeight: 6.6, format: "gguf"),
    SizingQuantization(name: "Q4_K_M", bitsPerWeight: 4.9, format: "gguf"),
    SizingQuantization(name: "Q4_K_4", bitsPerWeight: 4.9, format: "gguf"),
    SizingQuantization(name: "8bit", bitsPerWeight: 8.5, format: "mlx"),
    SizingQuantization(name: "4bit", bitsPerWeight: 4.55, format: "mlx"),
  ]

  /// Ways that are considered only where they are asked for.
  private static let others: [SizingQuantization] = [
    SizingQuantization(name: "GPTQ", bitsPerWeight: 4.3, format: "safetensors"),
    SizingQuantization(name: "Q5_K_M", bitsPerWeight: 5.7, format: "gguf"),
    SizingQuantization(name: "IQ4_XS", bitsPerWeight: 4.46, format: "gguf"),
    SizingQuantization(name: "Q3_K_M", bitsPerWeight: 4.0, format: "gguf"),
    SizingQuantization(name: "Q2_K", bitsPerWeight: 3.16, format: "gguf"),
    SizingQuantization(name: "6bit", bitsPerWeight: 6.5, format: "mlx"),
  ]

  /// Four-bit experts with everything else at 16 bits.
  ///
  /// gpt-oss-20b is 13.76 GB for 20.9e9 parameters, gpt-oss-120b 65.25 GB for 116.8e9 (the indexes of their safetensors):
  /// the larger a model, the more of it are experts.
  private static func mxfp4(_ traits: ModelTraits, isOriginal: Bool) -> [SizingQuantization] {
    ["safetensors", "gguf", "mlx"].map {
      SizingQuantization(
        name: "MXFP4", bitsPerWeight: traits.parameters < 60e9 ? 5.27 : 4.47, format: $0, isOriginal: isOriginal)
    }
  }

  private static func isPublishedInMXFP4(_ model: Model) -> Bool {
    model.name.lowercased().contains("gpt-oss") || model.architecture == "gpt-oss"
      || model.quantization?.value.uppercased().hasPrefix("MXFP4") == true
  }

  /// Returns the ways in which a model is usually published: what its maker made in four bits, in that form alone.
  static func usual(for model: Model, _ traits: ModelTraits) -> [SizingQuantization] {
    let forms = isPublishedInMXFP4(model) ? mxfp4(traits, isOriginal: true) : usual
    return forms.map { $0.stored(in: model, traits) }
  }

  /// Returns every way that is known.
  static func all(for model: Model, _ traits: ModelTraits) -> [SizingQuantization] {
    (mxfp4(traits, isOriginal: isPublishedInMXFP4(model)) + usual + others).map { $0.stored(in: model, traits) }
  }

  /// Returns the ways of those names in any case; the usual ones where none is named.
  ///
  /// - Throws: `SizingError.unknownQuantization` for a name that is not known.
  public static func named(
    _ names: [String], for model: Model, _ traits: ModelTraits
  ) throws(SizingError) -> [SizingQuantization] {
    guard !names.isEmpty else { return usual(for: model, traits) }
    let known = all(for: model, traits)
    for name in names where !known.contains(where: { $0.name.lowercased() == name.lowercased() }) {
      throw .unknownQuantization(name, known: known.map(\.name))
    }
    return known.filter { known in names.contains { $0.lowercased() == known.name.lowercased() } }
  }
}

/// A question that cannot be sized as it was asked.
public enum SizingError: ExplainedError, Hashable {
  case unknownQuantization(String, known: [String])

  public var outcome: FailureOutcome { .usage }

  public var reason: Reason {
    switch self {
    case .unknownQuantization(let name, let known):
      var names: [String] = []
      for name in known where !names.contains(name) { names.append(name) }
      return Reason(
        .unknownQuantization, "no quantization \(printable(name)) is known to size with",
        remedy: "one of \(names.joined(separator: ", "))")
    }
  }
}
