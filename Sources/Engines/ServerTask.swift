public import Models

extension LaunchConfiguration {
  /// What a server that is started so answers with.
  public var task: ModelTask { Self.task(of: arguments) }

  /// What a server with such words in its command answers with. vLLM's pooling models are either, and are asked for both.
  public static func task(of words: [String]) -> ModelTask {
    if words.contains("--reranking") { return .reranking }
    return words.contains("--embeddings") || words.contains("pooling") ? .embedding : .generation
  }
}
