import Models
import Units

/// The caches of DeepSeek-V4: a window of every layer, entries that stand for 4 or 128 tokens, an indexer over those of
/// 4, and the state of each compressor. Every sequence has its own, also where the cache is asked to be unified.
extension LlamaMemory {
  /// True where a layer keeps these instead of a plain cache.
  var isCompressed: Bool { facts.model.architecture == "deepseek4" }

  /// Bytes of one layer's window, compressed entries and indexer over all sequences.
  func compressedCacheBytes(
    _ layer: Layer, _ shape: LlamaContextShape, _ request: LlamaGraphRequest, window: Int, keepsAll: Bool
  ) -> ByteCount {
    let reach = LlamaContextShape.padded(min(shape.cells, window + shape.ubatch))
    let key = ByteCount(request.keyRow.bytes(layer.keyLength * layer.kvHeadCount))
    var bytes = key * (keepsAll ? shape.cells : reach)
    if let ratio = layer.compressionRatio, Self.compressions.contains(ratio) {
      let entries = LlamaContextShape.padded((shape.cells + ratio - 1) / ratio)
      bytes += key * entries
      if ratio == Self.indexed { bytes += ByteCount(request.keyRow.bytes(layer.indexerLength ?? 0)) * entries }
    }
    return bytes * shape.sequences
  }

  /// Bytes of one layer's compressors over all sequences: the tokens of the entries to come and their scores, as 32-bit
  /// numbers; those of 4 tokens overlap, and so keep twice as many at twice the width.
  func compressorBytes(_ layer: Layer, _ sequences: Int) -> ByteCount {
    guard let ratio = layer.compressionRatio, Self.compressions.contains(ratio) else { return .zero }
    let isIndexed = ratio == Self.indexed
    let width = isIndexed ? 2 * (layer.keyLength + (layer.indexerLength ?? 0)) : layer.keyLength
    return ByteCount(4 * 2 * width) * (isIndexed ? 2 * ratio : ratio) * sequences
  }

  /// Tokens of an entry in the kinds of compression that the engine has; the first is searched by an indexer.
  private static let compressions = [4, 128]
  private static let indexed = 4
}
