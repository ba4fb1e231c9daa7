public import Units

extension HubFile {
  /// True where loading the file can run any code.
  public var isPickle: Bool { [".bin", ".pt", ".pth", ".pkl", ".ckpt"].contains { path.hasSuffix($0) } }

  /// Why weights of a repository are not fetched without `--allow-pickle`.
  public static func pickleRefusal(of repository: String) -> Reason {
    Reason(
      .pickle, "\(repository) has its weights as pickles, which run code when loaded",
      remedy: "look for a safetensors or GGUF form, or trust it by plimsoll models pull --allow-pickle")
  }
}

extension ModelVariant {
  /// Why the choice is not fetched without `--allow-pickle`; nil where its weights are no pickles.
  public func refusal(in repository: String) -> Reason? {
    format == "pytorch" || weights.contains(where: \.isPickle) ? HubFile.pickleRefusal(of: repository) : nil
  }
}
