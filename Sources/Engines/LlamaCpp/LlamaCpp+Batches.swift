import Models

extension EngineSettings {
  /// Returns the settings with batches that hold a whole prompt, for what reads one at once.
  ///
  /// llama-server answers an embedding of more tokens than `-ub` with an error: the whole text is one batch there. What a
  /// user stated stays.
  func holdingPrompts(of task: ModelTask?, contextLength: Int, parallel: Int) -> EngineSettings {
    guard task == .embedding || task == .reranking, isUbatchStated != true, contextLength > 0, parallel > 0 else {
      return self
    }
    var settings = self
    let longest = min((contextLength + parallel - 1) / parallel, 1 << 20)
    settings.ubatch = max(ubatch, longest)
    settings.batch = max(batch, settings.ubatch)
    return settings
  }
}
