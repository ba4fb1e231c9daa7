import Models
import Units

/// What llama.cpp takes for a projector (`mmproj`): its weights, and the graph of one image.
struct LlamaProjector {
  let weights: ByteCount
  let compute: Figure<ByteCount>

  /// - Parameter flash: True where flash attention is on, which does without a score for each pair of patches.
  init(_ companion: Companion, flash: Bool) {
    weights = companion.file.bytes
    guard let projector = companion.projector, projector.patches > 0, projector.embeddingLength > 0 else {
      compute = Figure(
        weights.scaled(by: 0.4), Source(.assumed, "the projector's graph; its header was not read"),
        low: weights.scaled(by: 0.05), high: max(weights.scaled(by: 1.4), .gibibytes(1)))
      return
    }
    let expected = Self.bytes(projector, patches: projector.patches, flash: flash)
    compute = Figure(
      expected,
      Source(.computed, "the projector's graph for an image of \(projector.patches) patches"),
      low: expected.scaled(by: 0.75),
      high: max(expected.scaled(by: 1.4), Self.bytes(projector, patches: projector.mostPatches, flash: flash)))
  }

  /// The network's inner width and three streams for each patch; without flash attention a score of each head for each
  /// pair; where only windows attend, masks of all pairs.
  ///
  /// Seen: 1132 and 121 MiB for Gemma 3 without and with flash attention, 4598 and 267 for Qwen2-VL, 4872 and 705 for
  /// Qwen2.5-VL, 4728 and 323 for Qwen3-VL.
  private static func bytes(_ projector: Projector, patches: Int, flash: Bool) -> ByteCount {
    let inner = projector.feedForwardLength > 0 ? projector.feedForwardLength : 4 * projector.embeddingLength
    let each = ByteCount(4 * (inner + 3 * projector.embeddingLength)) * patches
    let pairs = ByteCount(patches) * patches
    let scores = flash ? ByteCount.zero : pairs * (4 * max(1, projector.headCount))
    let hasWindows = projector.kind?.contains("qwen2.5") == true
    return each + scores + (hasWindows ? pairs * (flash ? 6 : 4) : .zero)
  }
}
