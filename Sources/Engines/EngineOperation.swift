import Platform
public import Units

/// How an engine is found, addressed, watched and stopped: facts of its program, none of its models.
public struct EngineOperation: Hashable, Sendable {
  /// Names under which its program is looked for, the best first.
  public var programs: [String]
  /// The words that make it print its version; empty where it has none.
  public var versionArguments: [String]
  public var address: AddressFlags
  /// How it is ended, politely first.
  public var stopSteps: [StopStep]
  /// Words of its log that tell what it allocated.
  public var memoryLines: [MemoryLine]
  /// Words of its log that tell why it failed, the most telling first.
  public var failures: [FailurePattern]
  public var knownBadBuilds: [KnownBadBuild]
  /// What it cannot do whatever the model.
  public var limitations: [Reason]
  /// Its package in Python's index, whose metadata tell the version; nil for a program that tells it at once.
  public var package: String?
  /// Programs that only some models need, with the package that each comes in: its folder is called so too, with hyphens.
  public var otherPrograms: [String: String] = [:]
  /// The flag by which it runs a repository's own code; nil for an engine that never does.
  public var trustFlag: String?
  /// The flag by which its own web page is left out; nil for an engine that has no page.
  public var pageFlag: String?
  /// Variables that say the same as optional flags, for builds whose flags are not known: a build passes over a variable
  /// that it does not know, and refuses such a flag.
  public var flagVariables: [String: String] = [:]
  /// Words of its log before the number of layers that lie on accelerators; empty for an engine that never tells.
  public var layerWords: [String] = []
  /// Words of its log that occur once for each answered request, for an engine without a counter of its own.
  public var requestWords: [String] = []
  /// Words that mark a line of its log as no failure, such as ` INFO `, for an engine whose warnings read like errors.
  public var chatter: [String] = []

  public init(
    programs: [String], versionArguments: [String], address: AddressFlags, stopSteps: [StopStep],
    memoryLines: [MemoryLine], failures: [FailurePattern], knownBadBuilds: [KnownBadBuild], limitations: [Reason]
  ) {
    self.programs = programs
    self.versionArguments = versionArguments
    self.address = address
    self.stopSteps = stopSteps
    self.memoryLines = memoryLines
    self.failures = failures
    self.knownBadBuilds = knownBadBuilds
    self.limitations = limitations
  }
}

/// Where a server listens, under which name, and which file holds its key.
public struct ServerAddress: Hashable, Sendable, Codable {
  public var host: String
  public var port: Int
  public var alias: String?
  public var apiKeyFile: String?

  public init(host: String = "127.0.0.1", port: Int, alias: String? = nil, apiKeyFile: String? = nil) {
    self.host = host
    self.port = port
    self.alias = alias
    self.apiKeyFile = apiKeyFile
  }

  /// True where only programs on this machine can reach it.
  public var isLoopback: Bool { WebOrigin.isLoopback(host: host == "::1" ? "[::1]" : host) }

  /// The base of its URLs; a server that listens on all addresses is reached through the loopback one.
  public var url: String {
    let reachable = host == "0.0.0.0" ? "127.0.0.1" : host == "::" ? "::1" : host
    return "http://\(reachable.contains(":") ? "[\(reachable)]" : reachable):\(port)"
  }
}

/// The flags by which an engine is told its address.
public struct AddressFlags: Hashable, Sendable {
  public var host = "--host"
  public var port = "--port"
  /// The flag for the name that clients use for the model; nil where the path itself is the name.
  public var alias: String?
  public var apiKeyFile: String?
  /// The variable that takes the key itself, for an engine that reads no key file.
  public var apiKeyVariable: String?

  public init(alias: String?, apiKeyFile: String? = nil, apiKeyVariable: String? = nil) {
    self.alias = alias
    self.apiKeyFile = apiKeyFile
    self.apiKeyVariable = apiKeyVariable
  }

  /// True where the engine can demand a key.
  public var canDemandKey: Bool { apiKeyFile != nil || apiKeyVariable != nil }

  /// Why the engine is not started where other machines reach it; nil where it can demand a key.
  public func refusal(of engine: EngineKind) -> Reason? {
    guard !canDemandKey else { return nil }
    return Reason(
      .noAPIKey, "\(engine.rawValue) has no API key, so it is only started on the loopback address",
      remedy: "put a proxy that checks a key in front of it")
  }

  /// Returns the flags for an address; the port is left out while it is 0, which is "not chosen yet".
  public func flags(for address: ServerAddress) -> [LaunchFlag] {
    let why =
      address.isLoopback
      ? "reachable from this machine only" : "reachable from other machines, as asked; a key is required"
    var flags = [LaunchFlag(host, address.host, reason: why, role: .host)]
    if address.port > 0 {
      flags.append(LaunchFlag(port, "\(address.port)", reason: "free when it was chosen", role: .port))
    }
    if let alias, let name = address.alias {
      flags.append(LaunchFlag(alias, name, reason: "the name that clients ask for, instead of a path", role: .alias))
    }
    if let apiKeyFile, let file = address.apiKeyFile {
      flags.append(
        LaunchFlag(
          apiKeyFile, file, reason: "requests need a key; a file keeps it out of the process list", role: .keyFile))
    }
    return flags
  }
}

extension LaunchConfiguration {
  /// Returns the same command with another address; every other flag stays as the plan made it.
  public func addressed(to address: ServerAddress, by names: AddressFlags) -> LaunchConfiguration {
    let replaced: [LaunchRole] = [.host, .port, .alias, .keyFile]
    var copy = self
    copy.flags.removeAll { flag in flag.role.map { replaced.contains($0) } ?? false }
    copy.flags += names.flags(for: address)
    return copy
  }

  /// Returns the same command with the engine's own web page; nil where it has none.
  public func showingPage(_ operation: EngineOperation) -> LaunchConfiguration? {
    guard let flag = operation.pageFlag else { return nil }
    var copy = self
    copy.flags.removeAll { $0.words.first == flag }
    return copy
  }

  /// Returns the same command with the flag that lets the engine run the repository's own code.
  public func trusting(_ operation: EngineOperation) -> LaunchConfiguration {
    guard let flag = operation.trustFlag else { return self }
    var copy = self
    copy.flags.removeAll { $0.words.first == flag }
    copy.flags.append(LaunchFlag(flag, reason: "the repository's own code is trusted, as asked"))
    return copy
  }
}

/// One step of ending a server: a signal to its process group, and how long to wait for it to go.
public struct StopStep: Hashable, Sendable {
  public enum Signal: String, Hashable, Sendable, CaseIterable { case interrupt, terminate, kill }
  public var signal: Signal
  public var patience: Duration

  /// For a server of which it is not known what it is.
  public static let usual = [
    StopStep(.interrupt, patience: .seconds(5)), StopStep(.terminate, patience: .seconds(3)),
    StopStep(.kill, patience: .seconds(5)),
  ]

  public init(_ signal: Signal, patience: Duration) {
    self.signal = signal
    self.patience = patience
  }
}

/// Words of a log line that tells an amount of memory.
public struct MemoryLine: Hashable, Sendable {
  /// The component of the plan, by its name in `MemoryComponents.all`.
  public var component: String
  /// All of these occur in the line; the amount follows the last one.
  public var words: [String]

  public init(_ component: String, _ words: String...) {
    self.component = component
    self.words = words
  }
}

/// Words of an engine's log that tell why it failed, and what to do about it.
public struct FailurePattern: Hashable, Sendable {
  public var code: ReasonCode
  /// The line holds all of these, in any case.
  public var words: [String]
  public var remedy: String

  public init(_ code: ReasonCode, _ words: String..., remedy: String) {
    self.code = code
    self.words = words
    self.remedy = remedy
  }
}

extension LaunchRequest {
  /// The folder of a model whose path names a file in it: what engines for safetensors take.
  var modelFolder: String {
    let endings = [".safetensors", ".json", ".bin", ".pt", ".pth"]
    guard endings.contains(where: { modelPath.lowercased().hasSuffix($0) }) else { return modelPath }
    let folder = modelPath.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
    return folder.isEmpty ? (modelPath.hasPrefix("/") ? "/" : ".") : folder
  }
}
