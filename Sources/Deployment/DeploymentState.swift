/// What a deployment is doing. One that was stopped is gone: its log stays, its record does not.
public enum DeploymentState: String, Hashable, Sendable, Codable, CaseIterable {
  case starting
  case loading
  /// It has answered a real token, or a real vector.
  case ready
  /// It ended by itself, and its supervisor is about to start it again.
  case restarting
  /// A command is ending it.
  case stopping
  case failed
  /// It failed, or would at the next start, because of its model's file: cut short, corrupt, changed or gone.
  case mustFetchAgain = "must-fetch-again"

  /// True where nothing runs and nothing will by itself.
  public var isOver: Bool { self == .failed || self == .mustFetchAgain }
}
