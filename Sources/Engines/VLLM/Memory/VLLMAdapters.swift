import Models
import Units

/// The places for adapters that vLLM makes beside a model's matrices when it starts.
///
/// Every linear layer gets two matrices of the highest rank for each adapter at once, in 16 bits, whatever an adapter
/// changes and however the weights are packed (`create_lora_weights`); experts too.
struct VLLMAdapters: Hashable, Sendable {
  /// Ranks that `--max-lora-rank` takes.
  static let ranks = [1, 8, 16, 32, 64, 128, 256, 320, 512]

  /// Bytes of all places that are cut over the ranks, and of those that each rank has whole.
  private(set) var cut = ByteCount.zero
  private(set) var copied = ByteCount.zero

  /// The least rank that holds an adapter of the rank given; nil where vLLM has none.
  static func rank(holding rank: Int) -> Int? { ranks.first { $0 >= rank } }

  init(_ model: Model, places: Int, rank: Int) {
    guard places > 0, rank > 0 else { return }
    let width = Double(model.shape.embeddingLength)
    /// What is cut by its outputs has the second matrix cut, what is cut by its inputs the first.
    var (divided, whole) = (0.0, 0.0)
    for layer in model.layers {
      let heads = Double(layer.headCount)
      let keys = Double(layer.kvHeadCount)
      let outputs =
        heads * Double(layer.keyLength) + keys * Double(layer.keyLength) + keys * Double(layer.valueLength)
      let attended = heads * Double(layer.valueLength)
      divided += outputs + attended
      whole += 3 * width + width
      let dense = Double(layer.feedForwardLength)
      let wide =
        layer.experts.map {
          Double($0.count) * Double($0.feedForwardLength) + Double($0.sharedFeedForwardLength)
        } ?? dense
      let matrices = layer.experts.map { Double($0.count + ($0.sharedFeedForwardLength > 0 ? 1 : 0)) } ?? 1
      divided += 3 * wide
      whole += 3 * width * matrices
    }
    let each = 2 * Double(places) * Double(rank)
    guard divided * each < 1e15, whole * each < 1e15 else { return }
    cut = ByteCount(Int(divided * each))
    copied = ByteCount(Int(whole * each))
  }
}
