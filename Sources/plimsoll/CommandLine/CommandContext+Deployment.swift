import Deployment
import Hub

extension CommandContext {
  /// Starts, watches and ends servers, with the real transport.
  var deployer: Deployer {
    var deployer = Deployer(folders: folders, environment: environment, transport: CurlTransport())
    deployer.launcher = [Deploy.program(), "bind"]
    return deployer
  }

  var engineFinder: EngineFinder { EngineFinder(folders: folders, environment: environment) }
}
