import Foundation
import Platform

@testable import Hub

/// The stand-in Hub of `scripts/hub-server`, started for one test and stopped with it.
///
/// `@unchecked Sendable`: everything is set before the first use and only read after.
final class HubServer: @unchecked Sendable {
  let folder: String
  let hub: String
  let content: String
  private let process = Process()
  private let input = Pipe()

  struct Addresses: Decodable {
    var hub: String
    var cdn: String
  }

  /// One request as the server saw it.
  struct Request: Decodable {
    var port: String
    var method: String
    var path: String
    var sent: Int
    var range: String?
    var token: Bool
  }

  static let script = "/" + #filePath.split(separator: "/").dropLast(4).joined(separator: "/") + "/scripts/hub-server"
  static let python = ["/usr/bin/python3", "/usr/local/bin/python3", "/opt/homebrew/bin/python3"].first {
    FileManager.default.isExecutableFile(atPath: $0)
  }

  /// Serves repositories made of these files: `org/name` to path to content.
  init(_ repositories: [String: [String: [UInt8]]], page: Int = 1000) throws {
    folder = NSTemporaryDirectory() + "plimsoll-hub-\(UUID().uuidString)"
    for (name, files) in repositories {
      for (path, content) in files {
        let place = URL(fileURLWithPath: "\(folder)/models/\(name)/\(path)")
        let parent = place.deletingLastPathComponent()
        try FileManager.default.createDirectory(at: parent, withIntermediateDirectories: true)
        try Data(content).write(to: place)
      }
    }
    let output = Pipe()
    process.executableURL = URL(fileURLWithPath: Self.python ?? "/usr/bin/python3")
    process.arguments = [Self.script, "\(folder)/models", "--page", "\(page)"]
    process.standardInput = input
    process.standardOutput = output
    try process.run()
    var line = Data()
    while !line.contains(10) {
      let more = output.fileHandleForReading.availableData
      guard !more.isEmpty else { break }
      line += more
    }
    let addresses = try JSONDecoder().decode(Addresses.self, from: line)
    hub = addresses.hub
    content = addresses.cdn
  }

  deinit {
    process.terminate()
    try? FileManager.default.removeItem(atPath: folder)
  }

  var cache: String { "\(folder)/hf/hub" }

  /// An endpoint for this server, with its own cache.
  func endpoint(token: String? = nil, _ more: [String: String] = [:]) -> HubEndpoint {
    var environment = ["HF_ENDPOINT": hub, "HF_HOME": "\(folder)/hf", "HOME": folder]
    environment["HF_TOKEN"] = token
    return HubEndpoint(environment: environment.merging(more) { _, new in new })
  }

  /// A client that does not wait between tries.
  func client(token: String? = nil, ledger: RequestLedger = RequestLedger()) -> HubClient {
    var client = HubClient(endpoint: endpoint(token: token), ledger: ledger)
    client.wait = { _ in }
    return client
  }

  func post(_ path: String, _ json: String) async throws {
    let request = HTTPRequest("POST", hub + path, body: Array(json.utf8))
    _ = try await CurlTransport().send(request)
  }

  /// Sets the faults of the next requests; see the script's opening comment.
  func fail(_ faults: String) async throws { try await post("/_faults", faults) }

  func requests() async throws -> [Request] {
    let answer = try await CurlTransport().send(HTTPRequest("GET", hub + "/_log"))
    return try JSONDecoder().decode([Request].self, from: Data(answer.body))
  }
}

/// Bytes that look like nothing in particular, the same each time.
func testBytes(_ count: Int, seed: UInt64 = 1) -> [UInt8] {
  var state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
  var out = [UInt8](repeating: 0, count: count)
  for index in out.indices {
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    out[index] = UInt8(truncatingIfNeeded: state >> 24)
  }
  return out
}
