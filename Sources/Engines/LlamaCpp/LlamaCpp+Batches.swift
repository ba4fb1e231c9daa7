import Models

extension EngineSettings {
  /// Returns the settings as llama-server makes them for what a model is asked.
  ///
  /// - An embedding of more tokens than `-ub` is answered with an error: the whole text is one batch there. Logits of all its
  ///   rows are reserved, though none is read (`server_output_limits`, 11434).
  /// - With a draft each slot's guesses are checked at once (`common_speculative_get_output_limits`).
  ///
  /// What a user stated stays.
  func asServed(for task: ModelTask?, contextLength: Int, parallel: Int, guesses: Int) -> EngineSettings {
    var settings = self
    guard task == .embedding || task == .reranking else {
      if guesses > 0, parallel > 0, parallel <= 1 << 16 {
        settings.outputRows = outputRows ?? parallel * (guesses + 1)
      }
      return settings
    }
    settings.outputRows = outputRows ?? 0
    guard isUbatchStated != true, contextLength > 0, parallel > 0 else { return settings }
    let longest = min((contextLength + parallel - 1) / parallel, 1 << 20)
    settings.ubatch = max(ubatch, longest)
    settings.batch = max(batch, settings.ubatch)
    return settings
  }
}
