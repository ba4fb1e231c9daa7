import Engines
import Planning
public import Units

/// What a deployment is asked to be beyond its plan.
public struct DeploymentSettings: Hashable, Sendable {
  public var name: String?
  public var host = "127.0.0.1"
  /// 0 takes a free one.
  public var port = 0
  public var portRange: ClosedRange<Int>?
  /// Ports to take before any other where one is free and none was asked for.
  public var usualPorts: ClosedRange<Int>?
  /// Where a server is found again after each start, as clients are set up once.
  public static let stablePorts = 8080...8099
  /// Whether the engine's own web page is served too.
  public var showsPage = false
  /// The command stops the server itself before it ends; a record whose keeper is gone is shown as an orphan.
  public var isKept = false
  /// Seconds without a sign of life after which a load is given up; nil takes the usual.
  public var patience: Double?
  /// Measured reads of the disk that the model is on.
  public var diskBytesPerSecond: Double?
  public var modelBytes: ByteCount?
  /// The key to demand where one is demanded; nil makes a new one.
  var apiKey: String?
  /// Demands a key although only this machine can reach it.
  public var demandsKey = false
  /// What of the model's own code is accepted.
  public var trust = ModelTrust()
  /// Whether it is started again when it ends by itself; the caller starts the supervisor.
  public var restart = RestartPolicy.never

  public init() {}

  /// What a deployment was asked to be, for another start of it.
  init(again deployment: Deployment) {
    name = deployment.name
    host = deployment.address.host
    port = deployment.address.port
    demandsKey = deployment.address.apiKeyFile != nil
    trust = deployment.trust ?? ModelTrust()
    restart = deployment.restart ?? .never
    patience = deployment.patience
    diskBytesPerSecond = deployment.diskBytesPerSecond
    modelBytes = deployment.option?.loadedBytes
  }
}
