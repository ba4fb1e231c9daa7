import Models
public import Platform
public import Units

/// What in a model's folder would run code when an engine loads it; found by reading, never by loading.
public struct ModelRisks: Hashable, Sendable {
  /// Weights in pickle form that an engine would load, for want of safetensors beside them.
  public var pickles: [String] = []
  /// Configuration files that name Python code of the repository.
  public var codeReferences: [String] = []
  /// Configuration files that not every reader would read alike, so that nobody knows what code they name.
  public var unreadable: [String] = []
  /// Python files beside the weights, which engines load only where a configuration names them and they may.
  public var codeFiles: [String] = []

  private static let pickleEndings = [".bin", ".pt", ".pth", ".ckpt", ".pkl", ".pickle"]
  /// Where transformers finds a repository's classes.
  private static let codeKeys: Set<String> = ["auto_map"]
  /// mlx_lm takes the module of `model_file` as well, of this file alone (`load_model` in its utils.py).
  private static let mainKeys: Set<String> = ["auto_map", "model_file"]
  /// Far above any real one; a longer file counts as unreadable.
  private static let longestConfiguration = 16 << 20

  /// Looks at a model's file or folder.
  public init(of path: String, tree: any FileTree = DiskTree()) {
    let name = path.split(separator: "/").last.map { String($0) } ?? path
    if Self.isPickle(name) {
      pickles = [name]
      return
    }
    // An engine that is given one file of weights reads the configurations beside it.
    let isFile = name.lowercased().hasSuffix(".safetensors")
    let folder = !isFile ? path : path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
    let names = tree.list(folder)
    if !names.contains(where: { $0.lowercased().hasSuffix(".safetensors") || $0.lowercased().hasSuffix(".gguf") }) {
      pickles = names.filter { Self.isPickle($0) }
    }
    codeFiles = names.filter { $0.lowercased().hasSuffix(".py") }
    for file in names where file.hasSuffix("config.json") {
      let bytes = tree.read("\(folder)/\(file)", limit: Self.longestConfiguration + 1) ?? []
      guard bytes.count <= Self.longestConfiguration, let read = try? StrictConfiguration(parsing: bytes) else {
        unreadable.append(file)
        continue
      }
      if read.holds(anyOf: file == "config.json" ? Self.mainKeys : Self.codeKeys) { codeReferences.append(file) }
    }
  }

  /// Files of training state and the like are pickles as well, and no engine loads them.
  private static func isPickle(_ name: String) -> Bool {
    let lowered = name.lowercased()
    return pickleEndings.contains { lowered.hasSuffix($0) }
      && !["training_args", "optimizer", "scheduler", "rng_state"].contains { lowered.hasPrefix($0) }
  }

  /// Why the model is not started; nil where nothing in it runs code, or the user accepted that.
  public func refusal(unless trust: ModelTrust) -> Reason? {
    if let first = pickles.first, !trust.loadsPickles {
      return Reason(
        .pickleWeights, "\(first) is a pickle, which can run any code when it is loaded",
        remedy: "use a safetensors or GGUF version of the model, or accept the risk with --allow-pickle")
    }
    if let file = codeReferences.first, !trust.runsRepositoryCode {
      return Reason(
        .remoteCode,
        "\(file) names Python code of the model's author (auto_map, model_file), which the engine would run",
        remedy: "read the code first; then accept it with --trust-remote-code")
    }
    if let file = unreadable.first, !trust.runsRepositoryCode {
      return Reason(
        .remoteCode, "\(file) is no JSON that every engine would read alike, so that the code it names is not known",
        remedy: "check the file for a duplicate key or damage; --trust-remote-code accepts it as it is")
    }
    return nil
  }

  /// What lies beside the model and is not run as things stand; nil where there is nothing to say.
  public func note(unless trust: ModelTrust) -> String? {
    guard let first = codeFiles.first, !trust.runsRepositoryCode else { return nil }
    let others = codeFiles.count > 1 ? " and \(codeFiles.count - 1) more" : ""
    return
      "\(first)\(others) beside the model is code of its author's: it is not run, for --trust-remote-code is not given"
  }
}
