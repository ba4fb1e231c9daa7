import Units

/// Losses of quality that makers of quantizations published, by kind.
///
/// They were measured on the model that the source names; another model may lose more or less.
public enum PublishedQuality {
  private static let source = Source(
    .datasheet, "llama-quantize's own table: perplexity of Llama-3-8B, imatrix where it needs one")

  private static let increases: [String: Double] = [
    "Q2_K": 3.5199, "Q2_K_S": 3.1836, "Q3_K_S": 1.6321, "Q3_K_M": 0.6569, "Q3_K_L": 0.5562, "Q4_0": 0.4685,
    "Q4_1": 0.4511, "Q4_K_S": 0.2689, "Q4_K_M": 0.1754, "Q5_0": 0.1316, "Q5_1": 0.1062, "Q5_K_S": 0.1049,
    "Q5_K_M": 0.0569, "Q6_K": 0.0217, "Q8_0": 0.0026,
  ]

  /// Returns the loss published for a kind of quantization; nil where none was.
  public static func loss(of quantization: String) -> QualityLoss? {
    if ["F16", "BF16", "F32"].contains(quantization) {
      return QualityLoss(perplexityIncrease: Figure(0, .computed, "not quantized"))
    }
    return increases[quantization].map { QualityLoss(perplexityIncrease: Figure($0, source)) }
  }
}
