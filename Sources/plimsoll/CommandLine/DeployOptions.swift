public import ArgumentParser
public import Deployment
import Hardware
import Planning
import Platform
import Units
import Workflows

/// Where a server listens, and how long it may take.
struct DeployOptions: ParsableArguments {
  @Option(help: ArgumentHelp("The deployment's name.", valueName: "name")) var name: String?
  @Option(help: ArgumentHelp("Listen here; any but loopback requires an API key.", valueName: "address"))
  var host = "127.0.0.1"
  @Option(help: ArgumentHelp("Port (default: the first free one from 8080).", valueName: "n")) var port: Int?
  @Option(help: ArgumentHelp("Ports to choose from, as 51100-51199.", visibility: .hidden)) var portRange: String?
  @Option(
    help: ArgumentHelp("Number of copies (default: chosen for you).", valueName: "n"))
  var replicas: Int?
  @Option(help: ArgumentHelp("Give up loading after this many seconds without progress.", visibility: .hidden))
  var patience: Double?
  @Flag(help: "Require an API key on loopback too.") var key = false
  @Flag(help: "Serve the engine's own web page too, if it has one.") var webui = false
  @Option(
    help: ArgumentHelp(
      "Restart a server that crashed: never or on-failure.", valueName: "when"))
  var restart: RestartPolicy?
  @Flag(help: "Let the engine run the model author's Python code.") var trustRemoteCode = false
  @Flag(help: "Let the engine load pickle files, which can run code.") var allowPickle = false

  /// What the user accepts of the model.
  var trust: ModelTrust { ModelTrust(runsRepositoryCode: trustRemoteCode, loadsPickles: allowPickle) }

  func validate() throws {
    if let name, !DeploymentStore.isName(name) {
      throw ValidationError("--name takes up to 64 letters, digits, - _ . and begins with a letter or digit")
    }
    if let replicas, !(1...64).contains(replicas) { throw ValidationError("--replicas is 1 to 64") }
    if let port, !(0...65535).contains(port) { throw ValidationError("--port is 1 to 65535, or 0 for any free one") }
    if let port, port > 0, portRange != nil { throw ValidationError("--port and --port-range exclude each other") }
    if let patience, !patience.isFinite || patience <= 0 {
      throw ValidationError("--patience is a number of seconds above 0")
    }
    if host.isEmpty || host.contains(where: { !$0.isASCII || $0.isWhitespace || $0 == "/" }) {
      throw ValidationError("--host is an address, or a name of this machine")
    }
  }

  /// What is asked of the servers; where they are to run is for the command to add.
  func wishes() throws -> DeployWishes {
    var wishes = DeployWishes()
    wishes.settings = try settings()
    (wishes.replicas, wishes.restart) = (replicas, restart)
    return wishes
  }

  private func settings() throws -> DeploymentSettings {
    var settings = DeploymentSettings()
    settings.name = name
    settings.host = host
    settings.port = port ?? 0
    settings.showsPage = webui
    if port == nil, portRange == nil { settings.usualPorts = DeploymentSettings.stablePorts }
    settings.patience = patience
    settings.demandsKey = key
    settings.trust = trust
    guard let portRange else { return settings }
    let ends = portRange.split(separator: "-").compactMap { Int($0) }
    guard ends.count == 2, ends[0] <= ends[1], ends[0] > 0, ends[1] < 65536 else {
      throw Failure(
        .usage, .badPortRange, "\(portRange) is not a range of ports", remedy: "--port-range 51100-51199")
    }
    settings.portRange = ends[0]...ends[1]
    return settings
  }
}

extension RestartPolicy: ExpressibleByArgument {}

/// What a loading server does, for the user to see.
enum LoadDisplay {
  static func show(_ event: LoadEvent, on terminal: Terminal) {
    switch event {
    case .started(let name, let log): Terminal.note("starting \(name); log: \(log)")
    case .loading(let seconds, let bytes):
      terminal.draw("loading: \(formattedSeconds(seconds)), \(ByteCount(bytes)) resident")
    case .ready(let seconds):
      terminal.draw("")
      Terminal.note("first token after \(formattedSeconds(seconds))")
    case .stopped: break
    }
  }
}
