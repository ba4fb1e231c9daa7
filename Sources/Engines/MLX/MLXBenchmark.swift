import Platform

/// MLX's `mlx_lm.benchmark`, which prints lines such as `Averages: prompt_tps=812.3, generation_tps=95.1`.
struct MLXBenchmark: NativeProgram {
  let name = "mlx_lm.benchmark"

  func results(
    of model: String, settings: NativeBenchmark.Settings, run: ([String]) async throws -> CommandResult
  ) async throws -> [NativeResult] {
    var results: [NativeResult] = []
    for prompt in settings.prompts {
      for answer in settings.answers {
        let done = try await run([
          "--model", model, "-p", "\(prompt)", "-g", "\(answer)", "-n", "\(settings.repetitions)",
        ])
        results += try Self.results(in: done.output + "\n" + done.errorOutput, prompt: prompt, answer: answer)
      }
    }
    return results
  }

  static func results(in text: String, prompt: Int, answer: Int) throws -> [NativeResult] {
    let line = text.split(separator: "\n").last { $0.contains("Averages:") } ?? ""
    func value(_ name: String) -> Double? {
      line.firstRange(of: name + "=").flatMap { Double(line[$0.upperBound...].prefix { $0.isNumber || $0 == "." }) }
    }
    guard let reading = value("prompt_tps"), let writing = value("generation_tps"), reading > 0, writing > 0 else {
      throw NativeBenchmark.Failure.unreadable("mlx_lm.benchmark")
    }
    return [
      NativeResult(
        test: "pp\(prompt)", promptTokens: prompt, generatedTokens: 0, depth: 0, tokensPerSecond: reading,
        deviation: nil, samples: [Double(prompt) / reading], build: nil),
      NativeResult(
        test: "tg\(answer)", promptTokens: 0, generatedTokens: answer, depth: 0, tokensPerSecond: writing,
        deviation: nil, samples: [Double(answer) / writing], build: nil),
    ]
  }
}
