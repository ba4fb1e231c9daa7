import Deployment
import Hub

extension CommandContext {
  /// Starts, watches and ends servers, with the real transport.
  var deployer: Deployer {
    Deployer(folders: folders, environment: environment, transport: CurlTransport())
  }

  var engineFinder: EngineFinder { EngineFinder(folders: folders, environment: environment) }
}
