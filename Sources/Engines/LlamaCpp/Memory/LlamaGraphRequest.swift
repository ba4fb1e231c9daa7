/// What a context of llama.cpp is asked for, after the engine's own rounding.
struct LlamaGraphRequest: Hashable, Sendable {
  /// Sequences that can be decoded at once.
  var sequences: Int
  /// Cells of the cache for each stream.
  var cells: Int
  /// Cells of the sliding layers' cache for each stream.
  var slidingCells: Int
  /// One cache for all sequences.
  var isUnified: Bool
  var flashAttention: Bool
  var keyRow: CacheRow
  var valueRow: CacheRow
  /// Tokens of one evaluation.
  var tokens: Int
  /// Rows of logits.
  var outputs: Int
  /// Earlier states that each sequence keeps, so that guesses can be taken back.
  var rollbacks = 0

  /// The prompt's graph as the engine reserves it: a whole number of tokens for each sequence.
  var tokensPerSequence: Int { (tokens + sequences - 1) / sequences }
  var streams: Int { isUnified ? 1 : sequences }
}

/// How many bytes a row of a cache takes: elements come in blocks of a fixed size.
struct CacheRow: Hashable, Sendable {
  var blockElements: Int
  var blockBytes: Int

  /// Types with several elements a block are rotated before they are stored.
  var isQuantized: Bool { blockElements > 1 }

  func bytes(_ elements: Int) -> Int { elements / blockElements * blockBytes }

  /// Returns the layout of llama.cpp's cache type of the given name; nil for one that it does not have.
  static func named(_ name: String) -> CacheRow? {
    switch name {
    case "f32": CacheRow(blockElements: 1, blockBytes: 4)
    case "f16", "bf16": CacheRow(blockElements: 1, blockBytes: 2)
    case "q8_0": CacheRow(blockElements: 32, blockBytes: 34)
    case "q5_1": CacheRow(blockElements: 32, blockBytes: 24)
    case "q5_0": CacheRow(blockElements: 32, blockBytes: 22)
    case "q4_1": CacheRow(blockElements: 32, blockBytes: 20)
    case "q4_0", "iq4_nl": CacheRow(blockElements: 32, blockBytes: 18)
    default: nil
    }
  }
}
