import Testing

@Suite struct DeploymentTests {}
