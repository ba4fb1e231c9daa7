import Deployment

/// Deployments as `ps --json` and `deploy --json` print them.
struct DeploymentListing: Encodable {
  struct Row: Encodable {
    var deployment: Deployment
    var isOrphan: Bool
    /// True where its supervisor is gone.
    var isLeftAlone: Bool
    var usage: ServerUsage?

    init(deployment: Deployment, usage: ServerUsage? = nil) {
      self.deployment = deployment
      self.usage = usage
      isOrphan = deployment.isOrphan
      isLeftAlone = deployment.isLeftAlone
    }
  }

  var schema = "plimsoll.deployments/1"
  var deployments: [Row]

  init(_ rows: [Row]) { deployments = rows }
}
