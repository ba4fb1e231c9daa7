import Units

/// Losses of quality that makers of quantizations published, by kind.
///
/// They were measured on the model that the source names; another model may lose more or less.
public enum PublishedQuality {
  /// Increases of perplexity on Wikitext-2, without an importance matrix and with one of 10 million tokens.
  ///
  /// From `tools/perplexity/README.md` of llama.cpp, Llama-3-8B at revision f364eb6f.
  private static let mixes: [String: (plain: Double?, matrix: Double?)] = [
    "Q8_0": (0.00265, nil), "Q6_K": (0.021748, nil), "Q5_K_M": (0.056974, nil), "Q5_K_S": (0.104964, nil),
    "Q5_1": (0.106223, nil), "Q5_0": (0.131591, nil), "Q4_K_M": (0.175482, 0.151303), "Q4_K_S": (0.268895, 0.178064),
    "IQ4_NL": (nil, 0.223959), "IQ4_XS": (nil, 0.228071), "Q4_1": (0.451103, nil), "Q4_0": (0.468514, nil),
    "Q3_K_L": (0.556242, 0.43959), "Q3_K_M": (0.656864, 0.502622), "IQ3_M": (nil, 0.666694), "IQ3_S": (nil, 0.733867),
    "IQ3_XS": (nil, 0.931409), "IQ3_XXS": (nil, 1.226803), "Q3_K_S": (1.632152, 1.371244), "IQ2_M": (nil, 2.369166),
    "Q2_K": (3.519934, 2.416191), "Q2_K_S": (nil, 3.092145), "IQ2_S": (nil, 3.419148), "IQ2_XS": (nil, 4.529791),
    "IQ2_XXS": (nil, 7.860148), "IQ1_M": (nil, 19.262089), "IQ1_S": (nil, 54.462959),
  ]

  /// Shares of the score kept, from model cards and papers.
  private static let scores: [String: (kept: Double, source: String)] = [
    "FP8": (68.22 / 68.71, "Neural Magic's card of Meta-Llama-3-8B-Instruct-FP8: OpenLLM v1, 68.22 of 68.71"),
    "GPTQ 4-bit": (0.989, "Neural Magic's card of Meta-Llama-3.1-8B-Instruct-quantized.w4a16: OpenLLM v1"),
    "NVFP4": (
      74.0 / 78.9,
      "ISTA's card of Llama-3.1-8B-Instruct-FPQuant-QAT-NVFP4: rounding to nearest, four tests, 74.0 of 78.9"
    ),
  ]

  /// Perplexity of the unquantized Llama-3-8B in the same table, and of Llama-2-7B in the AWQ paper.
  private static let bases = (mixes: 6.233, awq: 5.47)

  /// Share of perplexity gained that goes with one share of score lost: AWQ gains 2.4%, and GPTQ of the same 4 bits in
  /// groups of 128 loses 1.1%.
  private static let gainOfLoss = 2.2

  /// The share of a test's score that a form loses, for ranking forms of one model. A kind of which nothing was published
  /// counts as llama.cpp's mixes of as many bits do.
  ///
  /// - Parameter bits: Bits of one weight over all tensors.
  /// - Returns: 0 to 1; nil where neither the kind nor the bits are known.
  public static func shareLost(_ quality: QualityLoss?, quantization: String, bits: Double?) -> Double? {
    func limited(_ share: Double) -> Double { max(0, min(1, share)) }
    if let kept = quality?.scoreKept?.value { return limited(1 - kept) }
    if let increase = quality?.perplexityIncrease?.value {
      let base = quantization.hasPrefix("AWQ") ? bases.awq : bases.mixes
      return limited(increase / base / gainOfLoss)
    }
    return bits.map { limited(increase(ofBits: $0) / bases.mixes / gainOfLoss) }
  }

  /// The increase of perplexity of a mix of so many bits, between those of the table on a line of logarithms.
  private static func increase(ofBits bits: Double) -> Double {
    let points = [(3.16, "Q2_K"), (3.91, "Q3_K_M"), (4.85, "Q4_K_M"), (5.69, "Q5_K_M"), (6.56, "Q6_K"), (8.5, "Q8_0")]
    let known = points.compactMap { bits, name in mixes[name]?.plain.map { (bits: bits, increase: $0) } }
    guard let first = known.first, let last = known.last, bits > first.bits else { return known.first?.increase ?? 0 }
    guard bits < last.bits, let upper = known.firstIndex(where: { $0.bits > bits }) else { return last.increase }
    let (low, high) = (known[upper - 1], known[upper])
    let share = (bits - low.bits) / (high.bits - low.bits)
    return low.increase * power(high.increase / low.increase, share)
  }

  /// Returns the loss published for a kind of quantization; nil where none was found.
  public static func loss(of quantization: String, importanceMatrix: Bool = false) -> QualityLoss? {
    if ["F16", "BF16", "F32"].contains(quantization) {
      return QualityLoss(perplexityIncrease: Figure(0, .computed, "not quantized"))
    }
    if quantization == "AWQ 4-bit" {
      let source = Source(.datasheet, "the AWQ paper, arXiv 2306.00978: Llama-2-7B in groups of 128, 5.60 after 5.47")
      return QualityLoss(perplexityIncrease: Figure(0.13, source))
    }
    if let score = scores[quantization] {
      return QualityLoss(scoreKept: Figure(score.kept, Source(.datasheet, score.source)))
    }
    guard let mix = mixes[quantization] else { return nil }
    let usesMatrix = mix.plain == nil || (importanceMatrix && mix.matrix != nil)
    guard let value = usesMatrix ? mix.matrix : mix.plain else { return nil }
    let detail =
      "llama.cpp's tools/perplexity: Llama-3-8B, \(usesMatrix ? "with" : "without") an importance matrix"
    return QualityLoss(perplexityIncrease: Figure(value, Source(.datasheet, detail)))
  }
}
