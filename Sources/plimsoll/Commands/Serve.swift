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
        plimsoll serve --api-only --port 8800

      One user: the printed address opens it in one browser, once. Ctrl-C ends it; deployments keep running.
      """)
  @Option(help: ArgumentHelp("Address to listen at; any but loopback needs a key.", valueName: "address"))
  var host = "127.0.0.1"
  @Option(help: ArgumentHelp("Port (default: 8765, or a free one).", valueName: "n")) var port: Int?
  @Option(
    help: ArgumentHelp("File with the key that programs send; one is made otherwise.", valueName: "file"),
    completion: .file())
  var apiKeyFile: String?
  @Flag(help: "Serve the API alone.") var apiOnly = false
  @Flag(help: "Do not open a browser.") var noBrowser = false
  @OptionGroup var names: CatalogueOption

  func validate() throws {
    if let port, !(1...65535).contains(port) { throw ValidationError("--port is from 1 to 65535") }
  }

  func run() async throws {
    let workspace = names.workspace()
    let host = host == "localhost" ? "127.0.0.1" : host
    let key = try apiKeyFile.flatMap { try workspace.key(inFile: $0) }
    guard WebAddress(host: host, port: 0).isLoopback || key != nil else {
      throw Failure(
        .usage, .wrongUsage, "--host \(host) is reached from other machines, so it needs a key",
        remedy: "--api-key-file FILE, a file that only you can read")
    }
    let server = try WebServer(host: host, ports: port.map { [$0] } ?? WebServer.usualPorts)
    let address = server.address
    let gate = Gate(address, key: key, hostName: hostName())
    let app = try WebApp(
      workspace, gate: gate, program: Workspace.program, schemas: ShippedData.schemas, hasPages: !apiOnly)
    Terminal.result(apiOnly ? "The API answers at \(address.url)/api/v1" : "Open \(gate.link)")
    if apiOnly, key == nil { Terminal.result("Send this header: Authorization: Bearer \(gate.programKey)") }
    if !address.isLoopback { Terminal.note(Self.openWords) }
    Terminal.note("Ctrl-C ends it.")
    if !apiOnly, !noBrowser { _ = await BrowserOpening(in: workspace).open(gate.link) }
    try await server.run(app)
    await app.end()
  }

  private static let openWords =
    "Not encrypted: others on the network can read along. Safer: ssh -L 8765:127.0.0.1:8765 HOST, or a proxy with TLS."
}
