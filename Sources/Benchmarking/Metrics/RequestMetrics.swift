extension RequestRecord {
  /// Seconds from the send to the first generated content.
  public var timeToFirstToken: Double? { span(sent, firstToken) }
  /// Seconds from the send to the first content that is no reasoning.
  public var timeToFirstOutput: Double? { span(sent, firstOutput) }
  /// Seconds from the send to the last content.
  public var endToEnd: Double? { span(sent, lastToken) }
  /// The same two from the schedule: what a user of an open system waits.
  public var responseTimeToFirstToken: Double? { span(scheduled, firstToken) }
  public var responseEndToEnd: Double? { span(scheduled, lastToken) }
  /// Seconds from the last content to the end of the stream.
  public var streamClose: Double? { span(lastToken, closed) }

  /// Output tokens as counted by the server, else the chunks.
  public var countedOutputTokens: Int { outputTokens ?? chunkTimes.count }

  /// How the tokens of this request's chunks are known.
  public var tokenCounting: TokenCounting {
    if !chunkTokens.isEmpty, chunkTokens.count == chunkTimes.count { return .perChunk }
    guard outputTokens != nil else { return .chunks }
    return visibleOutputTokens == chunkTimes.count ? .oneByOne : .spread
  }

  /// Output tokens that were streamed: without reasoning that the server counts and keeps to itself.
  public var visibleOutputTokens: Int { countedOutputTokens - (hiddenTokens ?? 0) }

  /// Tokens that were there when the first came: those of the first chunk, and of all that were read together with it.
  var firstTokens: Double {
    let chunks = chunkTimes.prefix { $0 == chunkTimes.first }.count
    guard tokenCounting != .perChunk else { return Double(max(1, chunkTokens.prefix(chunks).reduce(0, +))) }
    return Double(visibleOutputTokens) / Double(max(1, chunkTimes.count)) * Double(chunks)
  }

  /// Seconds for each output token after those that came first; nil where none came later.
  public var timePerOutputToken: Double? {
    guard chunkTimes.count > 1, let generation = span(firstToken, lastToken), generation > 0 else { return nil }
    let rest = Double(visibleOutputTokens) - firstTokens
    return rest > 0 ? generation / rest : nil
  }

  /// End-to-end seconds divided by all output tokens.
  public var normalizedTimePerOutputToken: Double? {
    let count = countedOutputTokens
    return count > 0 ? endToEnd.map { $0 / Double(count) } : nil
  }

  /// Gaps between tokens: a chunk of k tokens after a gap g is k samples of g/k.
  ///
  /// Where chunk counts are not known a chunk is one sample.
  var tokenGaps: [WeightedSample] {
    let counting = tokenCounting
    return chunkTimes.indices.dropFirst().compactMap { place in
      let gap = Double(chunkTimes[place] - chunkTimes[place - 1]) / 1e9
      let tokens = counting == .perChunk ? chunkTokens[place] : 1
      return tokens > 0 ? WeightedSample(value: gap / Double(tokens), weight: tokens) : nil
    }
  }

  /// Tokens that each chunk stands for; together those that were streamed.
  func tokens(ofChunk place: Int) -> Double {
    tokenCounting == .perChunk ? Double(chunkTokens[place]) : Double(visibleOutputTokens) / Double(chunkTimes.count)
  }

  private func span(_ from: Int64?, _ to: Int64?) -> Double? {
    guard let from, let to else { return nil }
    return Double(to - from) / 1e9
  }
}
