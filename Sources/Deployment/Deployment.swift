public import Engines
public import Planning
public import Platform
public import Units

/// A server that Plimsoll started: what it is, where it listens, and the plan that it came from.
///
/// Kept as a file of its own under the data folder, so that it survives the command that started it.
public struct Deployment: Hashable, Sendable, Codable {
  public static let schema = "plimsoll.deployment/1"

  public var schema: String = Deployment.schema
  /// The name that `ps`, `logs` and `stop` take, also the name that clients ask for.
  public var name: String
  public var engine: EngineKind
  /// The engine's version in its own words.
  public var engineBuild: String?
  public var modelPath: String
  public var address: ServerAddress
  public var state: DeploymentState
  /// The program and words that were run. Secrets are in neither.
  public var command: [String]
  public var environment: [String: String]
  /// The server's leader; its process group has the same number. Nil until it was started.
  public var process: ProcessIdentity?
  /// The command that promised to stop the server; nil for one that is meant to stay.
  public var keeper: ProcessIdentity?
  /// True where that command is to stop it before it ends; nil for one that is to stay once it answers.
  public var isKept: Bool?
  /// Seconds since 1970.
  public var startedAt: Double
  /// From start to the first token.
  public var readySeconds: Double?
  public var log: String
  public var plannedBytes: ByteCount?
  /// The plan's option that this is.
  public var option: PlanOption?
  /// What of the model's own code the user accepted; nil is nothing.
  public var trust: ModelTrust?
  /// Whether it is started again when it ends by itself; nil is never.
  public var restart: RestartPolicy?
  /// Seconds without a sign of life that it was allowed, where the user said so; it holds for each later start.
  public var patience: Double?
  /// Measured reads of the disk that the model is on.
  public var diskBytesPerSecond: Double?
  /// The process that starts it again.
  public var supervisor: ProcessIdentity?
  /// How often it was started again.
  public var restarts: Int?
  /// Why it is not running, where it failed; of one that was started again, why it ended the last time.
  public var failure: Reason?
  /// When that was seen, in seconds since 1970.
  public var failedAt: Double?
  /// The model's file as it was at the start.
  public var modelStamp: FileStamp?
  /// The kernel's count of processes killed for want of memory, at the start.
  public var memoryKills: Int?
  /// Requests that the part of the log counted which was cut off because the log had grown too long.
  public var requestsOfCutLog: Int?

  init(
    name: String, engine: EngineKind, engineBuild: String?, modelPath: String, address: ServerAddress,
    command: [String], environment: [String: String], startedAt: Double, log: String
  ) {
    self.name = name
    self.engine = engine
    self.engineBuild = engineBuild
    self.modelPath = modelPath
    self.address = address
    self.command = command
    self.environment = environment
    self.startedAt = startedAt
    self.log = log
    state = .starting
  }

  /// The plan's memory on the host, and on accelerators with memory of their own; nil where it has none there.
  public var plannedHostBytes: ByteCount? { planned { $0.isHost } }
  public var plannedAcceleratorBytes: ByteCount? { planned { !$0.isHost } }

  private func planned(_ isCounted: (DeviceMemory) -> Bool) -> ByteCount? {
    let parts = (option?.memory?.devices ?? []).filter(isCounted)
    return parts.isEmpty ? nil : parts.reduce(.zero) { $0 + $1.expectedBytes }
  }

  /// Writes down a failure and its time.
  mutating func fail(_ reason: Reason, at seconds: Double) {
    failure = reason
    failedAt = seconds
    state = reason.code == .badModelFile || reason.code == .modelChanged ? .mustFetchAgain : .failed
  }

  /// The base address for OpenAI clients.
  public var url: String { "\(address.url)/v1" }

  /// The name that requests must carry: the alias, or the path for an engine without one.
  public var modelName: String { address.alias ?? modelPath }

  /// True while a process watches it that starts it again.
  public var isSupervised: Bool { supervisor?.isRunning ?? false }

  /// True where it should be supervised and its supervisor is gone: nobody starts it again.
  public var isLeftAlone: Bool {
    restart == .onFailure && !state.isOver && !isSupervised && !(keeper?.isRunning ?? false)
  }

  /// True where the command that should have stopped it is gone.
  public var isOrphan: Bool { keeper.map { !$0.isRunning } ?? false }
}

/// When a server that ended by itself is started again: by Plimsoll's supervisor, or by the service manager that a target
/// is written for.
public enum RestartPolicy: String, Hashable, Sendable, Codable, CaseIterable {
  case never
  case onFailure = "on-failure"
}
