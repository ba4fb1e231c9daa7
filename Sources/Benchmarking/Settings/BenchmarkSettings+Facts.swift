extension BenchmarkSettings {
  /// What was asked, for a reader: the settings that shape the load, by name.
  public var facts: [String: String] {
    var facts = [
      "stages": stages.map(\.name).joined(separator: ", "),
      "cache": cache.rawValue,
      "seed": "\(seed)",
      "warm-up requests": "\(warmupRequests)",
      "prompts": dataset.path.map { "\(dataset.kind.rawValue), \($0)" } ?? dataset.kind.rawValue,
      "output tokens asked": "\(answers)\(fixedOutputLength ? "" : ", the model may end sooner")",
    ]
    if dataset.kind == .synthetic { facts["input tokens asked"] = dataset.inputLength.label }
    if dataset.sharedPrefixTokens > 0 {
      facts["shared prefix"] = "\(dataset.sharedPrefixTokens) tokens, \(dataset.prefixGroups) groups"
    }
    if dataset.turns > 1 { facts["turns"] = "\(dataset.turns)" }
    if !goals.isEmpty { facts["goals"] = goals.map { "\($0)" }.joined(separator: ", ") }
    if let shard { facts["shard"] = "\(shard.index) of \(shard.count)" }
    return facts
  }

  private var answers: String {
    let drawn = dataset.outputLength.label
    if dataset.kind == .synthetic || dataset.replacesOutputLengths == true { return drawn }
    let rule = dataset.kind == .shareGPT ? " (\(ShareGPTEntry.bytesPerToken) bytes a token, assumed)" : ""
    return "as the file has them\(rule), \(drawn) where it does not"
  }
}

extension LengthDistribution {
  /// The form in which it is asked for: `256`, `100-400`, `normal:256:50`.
  public var label: String {
    switch self {
    case .constant(let count): "\(count)"
    case .uniform(let low, let high): "\(low)-\(high)"
    case .normal(let mean, let deviation): "normal:\(mean):\(deviation)"
    case .logNormal(let median, let sigma): "lognormal:\(median):\(sigma)"
    }
  }
}
