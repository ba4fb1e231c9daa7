import Planning

/// Which published tests say how good a model is for a use, and how much each counts.
///
/// Indices over many tests count for two; tests that nearly everybody passes, or that judge by another model, for half.
enum BenchmarkWeights {
  static func weights(for use: Use) -> [String: Double] {
    switch use {
    case .chat: general
    case .code: code
    case .reasoning: reasoning
    case .vision: general.mapValues { $0 / 2 }.merging(vision) { $1 }
    case .rag: general.merging(["IFEval": 2, "Multi-IF": 2, "BFCL": 1, "BFCL v3": 1]) { $1 }
    case .embedding: embedding
    }
  }

  private static let general: [String: Double] = [
    "MMLU-Pro": 1, "MMLU": 1, "MMLU-Redux": 1, "MMMLU": 1, "GPQA-Diamond": 1, "GPQA": 1, "SuperGPQA": 1, "IFEval": 1,
    "Multi-IF": 1, "LiveBench": 1, "LiveBench 2026-01-08 (global average)": 2, "Arena-Hard": 0.5, "Arena-Hard v2": 0.5,
    "Artificial Analysis Intelligence Index v4.1.1": 2, "BFCL": 0.5, "BFCL v3": 0.5, "MATH-500": 0.5,
  ]

  private static let code: [String: Double] = [
    "LiveCodeBench": 1, "LiveCodeBench v5": 1, "LiveCodeBench v6": 1, "HumanEval": 0.5, "MBPP": 0.5,
    "SWE-bench Verified": 1, "SWE-bench Verified (OpenHands)": 1, "SWE-bench Verified (Agentless)": 1,
    "SWE-bench Pro": 1, "Aider Polyglot": 1, "SciCode": 1, "Terminal-Bench": 1, "Terminal-Bench Hard": 1,
    "Terminal-Bench 2.0": 1, "Artificial Analysis Coding Index": 2, "Artificial Analysis Coding Agent Index": 1,
  ]

  private static let reasoning: [String: Double] = [
    "GPQA-Diamond": 1, "GPQA": 1, "SuperGPQA": 1, "AIME 2024": 1, "AIME 2025": 1, "AIME 2026": 1, "MATH-500": 1,
    "MATH": 1, "GSM8K": 0.5, "LiveCodeBench": 0.5, "LiveCodeBench v5": 0.5, "LiveCodeBench v6": 0.5, "MMLU-Pro": 0.5,
    "Artificial Analysis Intelligence Index v4.1.1": 1,
  ]

  private static let vision: [String: Double] = ["MMMU": 1, "MMMU-Pro": 1, "MathVista": 1, "DocVQA": 0.5]

  private static let embedding: [String: Double] = [
    "MTEB Multilingual (mean task)": 1, "MTEB English v2 (mean task)": 1, "C-MTEB (mean task)": 0.5,
  ]
}
