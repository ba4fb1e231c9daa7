public import Deployment
public import Hub
public import Platform
import Units

/// Where one piece of work happens: environment, folders, clock, and whoever started it.
///
/// Made once and handed on; the modules below read no environment themselves.
public struct Workspace: Sendable {
  public let environment: [String: String]
  public let folders: DataFolders
  /// A folder of profiles instead of those that came with the program; nil for the environment's, else those.
  public let profiles: String?
  public let audience: Audience
  /// The words that start this program's own launcher, which binds a server to its place; nil leaves it to `numactl`.
  public let launcher: [String]?
  public let clock = MonotonicClock()

  public init(
    environment: [String: String], profiles: String? = nil,
    audience: Audience = Audience(), launcher: [String]? = nil
  ) {
    self.launcher = launcher
    self.environment = environment
    self.profiles = profiles
    self.audience = audience
    folders = DataFolders(environment: environment)
  }

  /// The same place for work that somebody else started.
  public func heard(by audience: Audience) -> Workspace {
    Workspace(environment: environment, profiles: profiles, audience: audience, launcher: launcher)
  }
}

extension Workspace {
  /// A client of the Hub that the environment names, which says when it has to wait.
  public func hubClient() -> HubClient {
    var client = HubClient(endpoint: hub)
    client.onPause = { [audience] cause, seconds in
      guard seconds >= 1 else { return }
      audience.note("\(printable(cause.reason.message)); waiting \(formattedSeconds(seconds)), then again")
    }
    return client
  }

  /// The Hub and cache that the environment names.
  public var hub: HubEndpoint { HubEndpoint(environment: environment) }

  /// Starts, watches and ends servers, with the real transport.
  public var deployer: Deployer {
    var deployer = Deployer(folders: folders, environment: environment, transport: CurlTransport())
    deployer.launcher = launcher
    return deployer
  }

  public var engineFinder: EngineFinder { EngineFinder(folders: folders, environment: environment) }
}
