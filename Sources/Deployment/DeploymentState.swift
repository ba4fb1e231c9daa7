/// What a deployment is doing.
public enum DeploymentState: String, Hashable, Sendable, Codable, CaseIterable {
  case starting
  case loading
  /// It has answered a real token.
  case ready
  case stopping
  case stopped
  case failed
}
