/// What a deployment is doing.
public enum DeploymentState: String, Hashable, Sendable, Codable, CaseIterable {
  case starting
  case loading
  /// It has answered a real token.
  case ready
  /// It ended by itself, and its supervisor is about to start it again.
  case restarting
  case stopping
  case stopped
  case failed
}
