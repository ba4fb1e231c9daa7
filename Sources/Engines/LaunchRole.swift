/// What the last word of a launch flag is, so that nothing has to be read back out of a command line.
public enum LaunchRole: String, Hashable, Sendable, Codable, CaseIterable {
  /// The model's file or folder.
  case model
  /// A file beside the model: a projector, a draft, an adapter.
  case companion
  /// An adapter's name and its path, with a sign of equality between them.
  case namedCompanion
  /// Threads that write tokens.
  case threads
  /// Threads that read prompts.
  case promptThreads
  /// What binds the server to a NUMA node; the whole flag goes where it is bound to none.
  case nodeBinding
  /// What keeps the weights from being pages of a mapped file.
  case unmapped
  /// What lets all slots share one cache.
  case sharedCache
  case host, port, alias
  /// The file of the API key.
  case keyFile
}

extension LaunchConfiguration {
  /// Returns the last words of the flags with a role.
  func values(of role: LaunchRole) -> [String] { flags.filter { $0.role == role }.compactMap(\.words.last) }

  /// Gives the flags with a role other last words.
  mutating func replace(_ role: LaunchRole, by value: (String) -> String) {
    for index in flags.indices where flags[index].role == role {
      guard let last = flags[index].words.popLast() else { continue }
      flags[index].words.append(value(last))
    }
  }

  /// True where a flag has the role.
  public func has(_ role: LaunchRole) -> Bool { flags.contains { $0.role == role } }

  /// The model's path; nil where the command names none.
  public var modelPath: String? { values(of: .model).first }

  /// The files beside the model that the command names.
  public var companions: [String] {
    values(of: .companion) + values(of: .namedCompanion).map { Self.named($0).path }
  }

  private static func named(_ word: String) -> (name: Substring, path: String) {
    let name = word.prefix { $0 != "=" }
    return (name, String(word.dropFirst(name.count + 1)))
  }

  /// The threads that write tokens, where the plan made that choice.
  public var threads: Int? { values(of: .threads).first.flatMap { Int($0) } }

  /// The CPUs that it keeps busy at the most: for prompts it may have more threads than for tokens.
  public var busyThreads: Int? {
    (values(of: .threads) + values(of: .promptThreads)).compactMap { Int($0) }.max()
  }

  /// Returns the same command with the model named by an absolute path, so that it starts from any folder.
  public func placed(at path: String) -> LaunchConfiguration {
    guard let old = modelPath, !old.hasPrefix("/"), path.hasPrefix("/") else { return self }
    var copy = self
    copy.replace(.model) { _ in path }
    return copy
  }

  /// Returns the same command with the model elsewhere.
  public func withModel(at path: String) -> LaunchConfiguration {
    var copy = self
    copy.replace(.model) { _ in path }
    return copy
  }

  /// Returns the same command with the files beside the model named as `path` says, so that it starts from any folder.
  public func withCompanions(at path: (String) -> String) -> LaunchConfiguration {
    var copy = self
    copy.replace(.companion, by: path)
    copy.replace(.namedCompanion) { word in
      let (name, place) = Self.named(word)
      return "\(name)=\(path(place))"
    }
    return copy
  }

  /// Gives every count of threads another number; a command that counts none stays as it is.
  public mutating func setThreads(_ count: Int) {
    replace(.threads) { _ in "\(count)" }
    replace(.promptThreads) { _ in "\(count)" }
    if environment["OMP_NUM_THREADS"] != nil { environment["OMP_NUM_THREADS"] = "\(count)" }
  }
}

// MARK: - Commands of earlier versions

extension LaunchConfiguration {
  /// Gives flags that were stored before flags had roles the roles that their names had then.
  static func withRoles(_ flags: [LaunchFlag]) -> [LaunchFlag] {
    guard flags.allSatisfy({ $0.role == nil }) else { return flags }
    return flags.map { flag in
      var flag = flag
      if flag.words.count == 2 { flag.role = storedRoles[flag.words[0]] }
      return flag
    }
  }

  private static let storedRoles: [String: LaunchRole] = [
    "-m": .model, "--model": .model, "serve": .model, "--mmproj": .companion, "-md": .companion, "--lora": .companion,
    "--draft-model": .companion, "-t": .threads, "-tb": .promptThreads, "--numa": .nodeBinding, "--host": .host,
    "--port": .port, "--alias": .alias, "--served-model-name": .alias, "--api-key-file": .keyFile,
  ]
}
