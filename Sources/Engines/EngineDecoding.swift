import Platform

/// The readers of what engines write, alone: their logs, and the output of their own benchmarks.
///
/// For those who hold the readers against bytes of their own choice, as fuzzing does.
public enum EngineDecoding {
  /// Returns how many figures of memory the engines find in a log.
  public static func figures(ofLog text: String) -> Int {
    EngineCatalogue.all.reduce(0) { sum, engine in
      let operation = engine.operation
      let layers = EngineMemory.layersOnAccelerators(log: text, words: operation.layerWords)
      return sum + EngineMemory(log: text, lines: operation.memoryLines).parts.count + (layers == nil ? 0 : 1)
    }
  }

  /// Returns how many results of engines' own benchmarks a text holds.
  public static func results(of text: String) -> Int {
    let bench = try? LlamaBench.results(in: text)
    let mlx = try? MLXBenchmark.results(in: text, prompt: 512, answer: 128)
    return (bench ?? []).count + (mlx ?? []).count
  }
}
