import ArgumentParser
import Foundation
import Platform
import Units
import Web
import Workflows

/// The workbench: what the commands do, as a web app and an API.
struct Serve: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Serve the web app and the API on this machine.",
    usage: "plimsoll serve [OPTIONS]",
    discussion: """
      Examples:
        plimsoll serve
        plimsoll serve --detach

      One user: the printed address opens it in one browser, once. Ctrl-C or --stop ends it; deployments keep running.
      """)
  @Option(
    help: ArgumentHelp("Address to listen at (default: 127.0.0.1); any but loopback needs a key.", valueName: "address")
  )
  var host: String?
  @Option(help: ArgumentHelp("Port (default: 8765, or a free one).", valueName: "n")) var port: Int?
  @Option(
    help: ArgumentHelp("File with the key that programs send; one is made otherwise.", valueName: "file"),
    completion: .file())
  var apiKeyFile: String?
  @Flag(help: "Serve the API alone.") var apiOnly = false
  @Flag(help: "Do not open a browser.") var noBrowser = false
  @Flag(help: "Keep serving after this terminal is closed.") var detach = false
  @Flag(help: "Print a new address for a browser.") var link = false
  @Flag(help: "Stop the server that runs.") var stop = false
  /// The server that `--detach` started.
  @Flag(help: ArgumentHelp(visibility: .private)) var isDetached = false
  @OptionGroup var names: CatalogueOption

  func validate() throws {
    if let port, !(1...65535).contains(port) { throw ValidationError("--port is from 1 to 65535") }
    if (link || stop) && (detach || hasWishes) || link && stop {
      throw ValidationError("\(stop ? "--stop" : "--link") stands alone")
    }
  }

  /// True where it is said how to serve.
  private var hasWishes: Bool { host != nil || port != nil || apiKeyFile != nil || apiOnly }

  func run() async throws {
    let workspace = names.workspace()
    let server = RunningServer(in: workspace.folders)
    if stop { return try await ServeScreen(workspace).stop(server) }
    if link { return try await ServeScreen(workspace).show(server, opensBrowser: false) }
    if let server {
      guard !hasWishes, server.isDetached || !detach else { throw ServeScreen.runs(server) }
      return try await ServeScreen(workspace).show(server, opensBrowser: !noBrowser)
    }
    let host = host.flatMap { $0 == "localhost" ? nil : $0 } ?? "127.0.0.1"
    let key = try apiKeyFile.flatMap { try workspace.key(inFile: $0) }
    guard WebAddress(host: host, port: 0).isLoopback || key != nil else {
      throw Failure(
        .usage, .wrongUsage, "--host \(host) is reached from other machines, so it needs a key",
        remedy: "--api-key-file FILE, a file that only you can read")
    }
    if detach {
      let server = try await DetachedServer(in: workspace).started(detachedWords)
      return try await ServeScreen(workspace).show(server, opensBrowser: !noBrowser, isNew: true)
    }
    try await serve(workspace, host: host, key: key)
  }

  private func serve(_ workspace: Workspace, host: String, key: String?) async throws {
    guard let place = try await ServerPlace.taken(workspace.folders) else {
      throw ServeScreen.runs(RunningServer(in: workspace.folders))
    }
    let listener = try WebServer(host: host, ports: port.map { [$0] } ?? WebServer.usualPorts)
    let gate = Gate(listener.address, key: key, hostName: hostName())
    let app = try WebApp(
      workspace, gate: gate, program: Workspace.program, schemas: ShippedData.schemas, hasPages: !apiOnly)
    let server = RunningServer(
      process: ProcessIdentity(running: getpid()) ?? ProcessIdentity(pid: getpid(), startTicks: 0),
      url: listener.address.nearURL, key: gate.programKey, isKeyMade: key == nil, hasPages: !apiOnly,
      isDetached: isDetached)
    try place.record(server)
    let screen = ServeScreen(workspace)
    if isDetached { screen.log("serving at \(listener.address.url)") } else { screen.begin(server, gate) }
    if !listener.address.isLoopback { Terminal.note(ServeScreen.openWords) }
    if !isDetached {
      Terminal.note("Ctrl-C ends it.")
      if !apiOnly, !noBrowser { _ = await BrowserOpening(in: workspace).open(gate.link) }
    }
    try await withThrowingTaskGroup(of: Void.self) { group in
      if isDetached { group.addTask { await DetachedLog.keepShort() } }
      try await listener.run(app)
      group.cancelAll()
    }
    await app.end()
    if isDetached { screen.log("ended") }
    // Held until nothing runs any more.
    withExtendedLifetime(place) {}
  }

  /// The words that start the same server without a terminal.
  private var detachedWords: [String] {
    var words = ["serve", "--is-detached", "--no-browser"]
    for (name, value) in [
      ("--host", host), ("--port", port.map(String.init)), ("--api-key-file", apiKeyFile),
      ("--profiles", names.profiles),
    ] {
      if let value { words += [name, value] }
    }
    return apiOnly ? words + ["--api-only"] : words
  }
}
