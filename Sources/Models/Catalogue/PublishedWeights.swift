/// Repositories of the Hub that hold a model's weights.
public struct PublishedWeights: Hashable, Sendable {
  /// Those that hold them in a format: as the maker made them, and as GGUF in all the usual quantizations.
  public var formats: [ModelFormat: String]
  /// Those that hold one quantized form, by its name: `FP8`, `AWQ 4-bit`.
  public var forms: [String: String]

  public init(formats: [ModelFormat: String] = [:], forms: [String: String] = [:]) {
    self.formats = formats
    self.forms = forms
  }

  /// The repository of a form; nil where none is known, so that it may have to be converted first.
  public func repository(of form: String, in format: ModelFormat) -> String? { forms[form] ?? formats[format] }
}
