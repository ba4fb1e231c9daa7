public import Platform
public import Units

/// What in a model's folder would run code when an engine loads it; found by reading, never by loading.
public struct ModelRisks: Hashable, Sendable {
  /// Weights in pickle form that an engine would load, for want of safetensors beside them.
  public var pickles: [String] = []
  /// Configuration files that name Python code of the repository.
  public var codeReferences: [String] = []

  private static let pickleEndings = [".bin", ".pt", ".pth", ".ckpt", ".pkl", ".pickle"]
  private static let configurations = [
    "config.json", "tokenizer_config.json", "processor_config.json", "preprocessor_config.json",
    "video_preprocessor_config.json", "generation_config.json",
  ]

  /// Looks at a model's file or folder.
  public init(of path: String, tree: any FileTree = DiskTree()) {
    let name = path.split(separator: "/").last.map { String($0) } ?? path
    if Self.isPickle(name) {
      pickles = [name]
      return
    }
    let names = tree.list(path)
    if !names.contains(where: { $0.lowercased().hasSuffix(".safetensors") || $0.lowercased().hasSuffix(".gguf") }) {
      pickles = names.filter { Self.isPickle($0) }
    }
    codeReferences = Self.configurations.filter { file in
      names.contains(file) && Self.namesCode(tree.read("\(path)/\(file)", limit: 16 << 20) ?? [])
    }
  }

  /// Files of training state and the like are pickles as well, and no engine loads them.
  private static func isPickle(_ name: String) -> Bool {
    let lowered = name.lowercased()
    return pickleEndings.contains { lowered.hasSuffix($0) }
      && !["training_args", "optimizer", "scheduler", "rng_state"].contains { lowered.hasPrefix($0) }
  }

  /// True where the text has a member `auto_map` that is not null, however it is written.
  ///
  /// Read as text: Python's reader takes what a strict one refuses (`NaN`), and the last of several members of one name.
  private static func namesCode(_ bytes: [UInt8]) -> Bool {
    let text = unescaped(String(decoding: bytes, as: UTF8.self))
    return text.ranges(of: "\"auto_map\"").contains { range in
      let rest = text[range.upperBound...].drop { $0.isWhitespace }
      guard rest.first == ":" else { return true }
      return !rest.dropFirst().drop { $0.isWhitespace }.hasPrefix("null")
    }
  }

  /// The text with `\u0061` written as `a`, for characters of ASCII: nothing else spells a name in two ways.
  private static func unescaped(_ text: String) -> String {
    text.replacing(/\\u00([0-7][0-9A-Fa-f])/) { match in
      UInt8(match.1, radix: 16).map { String(UnicodeScalar($0)) } ?? String(match.0)
    }
  }

  /// Why the model is not started; nil where nothing in it runs code, or the user accepted that.
  public func refusal(unless trust: ModelTrust) -> Reason? {
    if let first = pickles.first, !trust.loadsPickles {
      return Reason(
        "pickle-weights", "\(first) is a pickle, which can run any code when it is loaded",
        remedy: "take a safetensors or GGUF form of the model, or accept that with --allow-pickle")
    }
    if let file = codeReferences.first, !trust.runsRepositoryCode {
      return Reason(
        "remote-code", "\(file) names Python code of the model's author (auto_map), which the engine would run",
        remedy: "read the code first; then accept it with --trust-remote-code")
    }
    return nil
  }
}
