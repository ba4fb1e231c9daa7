import Engines
import Fixtures
import Hardware
import Models
import Profiles
import Units

@testable import Planning

/// Models of usual shapes, made from a size, a format and a quantization.
enum ChoiceModels {
  struct Shape {
    var billions: Double
    var layers: Int
    var width: Int
    var heads: Int
    var keyValueHeads: Int
    var feedForward: Int
    var experts: Experts?
    var visionHeads: Int?
    var isEncoder = false
  }

  static let shapes: [String: Shape] = [
    "0.6b": Shape(billions: 0.6, layers: 28, width: 1024, heads: 16, keyValueHeads: 8, feedForward: 3072),
    "8b": Shape(billions: 8, layers: 32, width: 4096, heads: 32, keyValueHeads: 8, feedForward: 14336),
    "14b-40": Shape(billions: 14.8, layers: 48, width: 5120, heads: 40, keyValueHeads: 8, feedForward: 13824),
    "32b": Shape(billions: 32.8, layers: 64, width: 5120, heads: 64, keyValueHeads: 8, feedForward: 25600),
    "70b": Shape(billions: 70.6, layers: 80, width: 8192, heads: 64, keyValueHeads: 8, feedForward: 28672),
    "405b": Shape(billions: 405.9, layers: 126, width: 16384, heads: 128, keyValueHeads: 8, feedForward: 53248),
    "30b-a3b": Shape(
      billions: 30.5, layers: 48, width: 2048, heads: 32, keyValueHeads: 4, feedForward: 6144,
      experts: Experts(
        count: 128, usedCount: 8, sharedCount: 0, feedForwardLength: 768, sharedFeedForwardLength: 0)),
    "qwen3-embedding-8b": Shape(
      billions: 7.6, layers: 36, width: 4096, heads: 32, keyValueHeads: 8, feedForward: 12288),
    "qwen3-reranker-0.6b": Shape(
      billions: 0.6, layers: 28, width: 1024, heads: 16, keyValueHeads: 8, feedForward: 3072),
    "bge": Shape(
      billions: 0.6, layers: 24, width: 1024, heads: 16, keyValueHeads: 16, feedForward: 4096, isEncoder: true),
    "vl-8b": Shape(
      billions: 8.8, layers: 36, width: 4096, heads: 32, keyValueHeads: 8, feedForward: 12288, visionHeads: 16),
    "vl-32b": Shape(
      billions: 33.4, layers: 64, width: 5120, heads: 64, keyValueHeads: 8, feedForward: 25600, visionHeads: 6),
    "gpt-oss-20b": Shape(
      billions: 20.9, layers: 24, width: 2880, heads: 64, keyValueHeads: 8, feedForward: 2880,
      experts: Experts(
        count: 32, usedCount: 4, sharedCount: 0, feedForwardLength: 2880, sharedFeedForwardLength: 0)),
    "gpt-oss-120b": Shape(
      billions: 116.8, layers: 36, width: 2880, heads: 64, keyValueHeads: 8, feedForward: 2880,
      experts: Experts(
        count: 128, usedCount: 4, sharedCount: 0, feedForwardLength: 2880, sharedFeedForwardLength: 0)),
    "235b-a22b": Shape(
      billions: 235.1, layers: 94, width: 4096, heads: 64, keyValueHeads: 4, feedForward: 12288,
      experts: Experts(
        count: 128, usedCount: 8, sharedCount: 0, feedForwardLength: 1536, sharedFeedForwardLength: 0)),
  ]

  /// Sizes whose placement goes by each tensor: the catalogue's models of that size.
  private static let published = ["70b": "llama-3.3-70b-instruct"]

  /// A model of the catalogue as llama-quantize would write it.
  private static func converted(_ name: String, _ quantization: String) -> Model? {
    guard let model = try? Profiles().modelCatalogue().model(named: name) else { return nil }
    var request = PlanRequest(model: model, machine: Machine(name: ""))
    request.quantizations = .named([quantization])
    guard let form = ModelForms.all(for: request).first(where: { $0.format == .gguf && $0.name == quantization }) else {
      return nil
    }
    var made = form.loaded
    made.tensors = form.tensors
    made.quantization = Figure(quantization, .header, "test")
    made.files = [ModelFile(path: "model", bytes: form.weightBytes)]
    return made
  }

  /// Bytes for each weight by a name's form.
  private static func bytes(_ quantization: String) -> Double {
    switch quantization {
    case "BF16", "F16": 2
    case "FP8", "Q8_0", "Q8R16", "8bit": 1.06
    case "Q2_K": 0.38
    case "MXFP4": 0.55
    default: 0.6
    }
  }

  static func model(_ size: String, _ format: ModelFormat, _ quantization: String) -> (model: Model, bytes: ByteCount)?
  {
    guard let shape = shapes[size] else { return nil }
    let layer = Layer(
      kind: .full, headCount: shape.heads, kvHeadCount: shape.keyValueHeads, keyLength: 128, valueLength: 128,
      feedForwardLength: shape.feedForward, experts: shape.experts)
    var model = Model(
      name: size, format: format, architecture: shape.experts == nil ? "qwen3" : "qwen3moe",
      shape: ModelShape(embeddingLength: shape.width, vocabularySize: 151_936, contextLength: 131_072),
      layers: [Layer](repeating: layer, count: shape.layers))
    model.parameters = Figure(Int(shape.billions * 1e9), .header, "test")
    model.activeParameters = shape.experts.map { _ in
      Figure(Int(shape.billions * 1e9 * (size.hasSuffix("a3b") ? 0.108 : 0.094)), .header, "test")
    }
    model.quantization = Figure(quantization, .header, "test")
    model.shape.isEncoderOnly = shape.isEncoder
    model.shape.extras["vision.attention.head_count"] = shape.visionHeads.map { Double($0) }
    return (model, ByteCount(Int(shape.billions * 1e9 * bytes(quantization))))
  }

  /// The same with tensors: those of attention and of the wide part of each layer, nine tenths and more in experts.
  static func stored(_ size: String, _ format: ModelFormat, _ quantization: String) -> Model? {
    if format == .gguf, let name = published[size] { return converted(name, quantization) }
    guard let (plain, bytes) = model(size, format, quantization) else { return nil }
    var model = plain
    let layers = model.layers.count
    let hasExperts = model.layers[0].experts != nil
    let share = hasExperts ? 0.05 : 0.4
    func tensor(_ layer: Int, _ name: String, _ share: Double) -> Tensor {
      let part = bytes.scaled(by: share / Double(layers))
      let full = format == .gguf ? "blk.\(layer).\(name).weight" : "model.layers.\(layer).\(name).weight"
      return Tensor(name: full, dimensions: [256, part.bytes / 256], type: "I8", bytes: part)
    }
    for layer in 0..<layers {
      model.tensors.append(tensor(layer, format == .gguf ? "attn_q" : "self_attn.q_proj", share))
      let wide = format == .gguf ? (hasExperts ? "ffn_up_exps" : "ffn_up") : "mlp.up_proj"
      model.tensors.append(tensor(layer, wide, 1 - share))
    }
    model.files = [ModelFile(path: "model", bytes: bytes)]
    return model
  }
}
