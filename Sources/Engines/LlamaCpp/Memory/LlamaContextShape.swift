/// The sizes that llama.cpp gives a context, rounded as it rounds them.
struct LlamaContextShape: Hashable, Sendable {
  /// Cells of the cache for each sequence, or for all where it is unified.
  let cells: Int
  let slidingCells: Int
  let sequences: Int
  let isUnified: Bool
  let batch: Int
  let ubatch: Int
  /// Tokens of the largest evaluation.
  let tokens: Int
  let outputs: Int

  var streams: Int { isUnified ? 1 : sequences }

  /// Rounds what is asked for; nil where a figure is negative or too large for the engine's 32 bits.
  init?(
    contextLength: Int, sequences: Int, settings: EngineSettings, trainedLength: Int, window: Int, isCausal: Bool
  ) {
    let wanted = contextLength == 0 ? trainedLength : contextLength
    let limit = Int(Int32.max)
    guard wanted > 0, wanted <= limit, sequences > 0, sequences <= 4096, settings.batch > 0, settings.batch <= limit,
      settings.ubatch > 0, settings.ubatch <= limit, window >= 0, window <= limit
    else { return nil }
    self.sequences = sequences
    isUnified = settings.kvUnified
    batch = isCausal ? min(wanted, settings.batch) : settings.batch
    ubatch = min(batch, settings.ubatch)
    let whole = Self.padded(wanted)
    cells = isUnified ? whole : Self.padded(whole / sequences)
    let total = isUnified ? whole : cells * sequences
    tokens = min(total, ubatch)
    let reach = window * (isUnified ? sequences : 1) + ubatch
    slidingCells = settings.swaFull ? cells : Self.padded(min(cells, reach))
    let rows = settings.outputRows ?? sequences
    outputs = max(1, min(tokens, rows == 0 ? batch : rows))
  }

  /// Caches are made in steps of 256 cells.
  static func padded(_ count: Int) -> Int { max(256, (count + 255) / 256 * 256) }
}
