public import Deployment

/// Deployments as `ps --json` and `deploy --json` print them.
public struct DeploymentListing: Encodable, Sendable {
  public struct Row: Encodable, Sendable {
    public var deployment: Deployment
    public var isOrphan: Bool
    /// True where its supervisor is gone.
    public var isLeftAlone: Bool
    public var usage: ServerUsage?

    public init(deployment: Deployment, usage: ServerUsage? = nil) {
      self.deployment = deployment
      self.usage = usage
      isOrphan = deployment.isOrphan
      isLeftAlone = deployment.isLeftAlone
    }
  }

  var schema = "plimsoll.deployments/1"
  public var deployments: [Row]

  public init(_ rows: [Row]) { deployments = rows }
}
