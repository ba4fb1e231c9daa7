import Platform

/// vLLM's `bench latency`: a batch of one, prompt and answer together.
struct VLLMLatencyBench: NativeProgram {
  let name = "vllm"

  private struct Latency: Decodable {
    var avg_latency: Double
    var latencies: [Double]
  }

  func results(
    of model: String, settings: NativeBenchmark.Settings, run: ([String]) async throws -> CommandResult
  ) async throws -> [NativeResult] {
    // Other users of the machine can neither read what is measured nor put a file there first.
    let folder = try PrivateFolder.make()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    var results: [NativeResult] = []
    for prompt in settings.prompts {
      for answer in settings.answers {
        let file = "\(folder)/pp\(prompt)-tg\(answer).json"
        _ = try await run([
          "bench", "latency", "--model", model, "--batch-size", "1", "--input-len", "\(prompt)", "--output-len",
          "\(answer)", "--num-iters", "\(settings.repetitions)", "--num-iters-warmup", "1", "--output-json", file,
        ])
        guard let bytes = DiskTree().read(file, limit: 1 << 24),
          let found = try? JSONDecoder().decode(Latency.self, from: Data(bytes)), found.avg_latency > 0
        else { throw NativeBenchmark.Failure.unreadable(name) }
        results.append(
          NativeResult(
            test: "pp\(prompt)+tg\(answer)", promptTokens: prompt, generatedTokens: answer, depth: 0,
            tokensPerSecond: Double(answer) / found.avg_latency, deviation: nil, samples: found.latencies, build: nil))
      }
    }
    return results
  }
}
