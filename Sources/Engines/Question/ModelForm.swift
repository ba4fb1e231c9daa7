public import Models
public import Units

/// One form of a model that could be loaded: its file, another file of it, or what a tool could make of it.
public struct ModelForm: Hashable, Sendable {
  /// What makes a form that does not exist.
  public enum Tool: Hashable, Sendable {
    case llamaQuantize, mlxConvert, compressor

    /// The format that comes out.
    public var format: ModelFormat {
      switch self {
      case .llamaQuantize: .gguf
      case .mlxConvert: .mlx
      case .compressor: .safetensors
      }
    }

    /// Where the size comes from.
    public var detail: String {
      switch self {
      case .llamaQuantize: "what llama-quantize makes, tensor by tensor"
      case .mlxConvert: "what mlx_lm.convert makes, tensor by tensor"
      case .compressor: "what the format's arithmetic gives, tensor by tensor"
      }
    }
  }

  /// The form's name: `Q4_K_M`, `FP8`, `BF16`.
  public let name: String
  /// Nil for a file that exists.
  public let tool: Tool?
  /// The model that it is a form of, as it was read.
  public let model: Model
  /// The tensors as they would be loaded.
  public let tensors: [Tensor]
  /// All weights as they are loaded; zero is "not known".
  public let weightBytes: ByteCount
  /// Why it cannot be made.
  public let refusal: Reason?

  /// - Parameter weightBytes: nil sums the tensors.
  public init(
    name: String, tool: Tool? = nil, model: Model, tensors: [Tensor], weightBytes: ByteCount? = nil,
    refusal: Reason? = nil
  ) {
    self.name = name
    self.tool = tool
    self.model = model
    self.tensors = tensors
    self.weightBytes = weightBytes ?? tensors.reduce(.zero) { $0 + $1.bytes }
    self.refusal = refusal
  }

  /// The form in which a model was read.
  public init(_ model: Model) {
    self.init(name: model.quantization?.value ?? "unknown", model: model, tensors: model.tensors)
  }

  /// The format that an engine would be given.
  public var format: ModelFormat { tool?.format ?? model.format }

  /// True where weights of this form lie on a disk or a server: nothing has to be made.
  public var isThere: Bool { tool == nil && model.format != .config }

  /// The model as an engine would be given it: in the form's own format.
  public var loaded: Model {
    var loaded = model
    loaded.format = format
    return loaded
  }
}
