import ArgumentParser
import Benchmarking
import Deployment
import Foundation
import Hub
import Platform
import Units

/// Which server is measured, and how it is spoken to.
struct ServerOptions: ParsableArguments {
  @Option(help: "The model's name as the server has it; the first it lists otherwise.") var model: String?
  @Option(help: "chat or completions.") var api: BenchmarkTarget.API = .chat
  @Option(help: ArgumentHelp("A file that only you can read and that holds the key.", valueName: "file"))
  var apiKeyFile: String?
  @Option(help: ArgumentHelp("The server's process, whose memory and CPU are sampled.", valueName: "pid"))
  var serverPid: [Int32] = []
  @Option(help: "What the server is, for the record, such as llama.cpp.") var engine: String?

  /// True where an option was given that only a server has; the engine's name is not one.
  var isGiven: Bool { model != nil || api != .chat || apiKeyFile != nil || !serverPid.isEmpty }

  func validate() throws {
    for pid in serverPid where ProcessStatus(pid: pid)?.isAlive != true {
      throw ValidationError("--server-pid \(pid): there is no such process")
    }
  }

  /// The target of an address, or of a deployment's name.
  func target(_ text: String, _ context: CommandContext) async throws -> BenchmarkTarget {
    if let deployment = context.deployer.list().first(where: { $0.name == text }) {
      let processes = serverPid.isEmpty ? deployment.process.map { [$0.pid] } ?? [] : serverPid
      return BenchmarkTarget(
        name: deployment.name, baseURL: deployment.url, model: model ?? deployment.modelName, api: api,
        apiKey: try key(context) ?? Self.checked(context.deployer.key(of: deployment)), processes: processes)
    }
    let text = text.contains("://") || Self.port(of: text) == nil ? text : "http://" + text
    guard text.hasPrefix("http://") || text.hasPrefix("https://") else {
      throw Failure(
        .usage, .unknownTarget, "\(text) is no address and no deployment of that name is known",
        remedy: "write http://HOST:PORT, or list deployments with plimsoll ps")
    }
    let key = try key(context)
    var target = BenchmarkTarget(baseURL: text, model: model ?? "", api: api, apiKey: key, processes: serverPid)
    if model == nil { target.model = try await ServerCatalogue(target).firstModel() }
    return target
  }

  /// The port of `HOST:PORT`, with or without a path behind it; nil of any other text.
  private static func port(of text: String) -> UInt16? {
    let parts = text.prefix { $0 != "/" }.split(separator: ":", omittingEmptySubsequences: false)
    return parts.count == 2 && !parts[0].isEmpty ? UInt16(parts[1]) : nil
  }

  private func key(_ context: CommandContext) throws -> String? {
    guard let file = apiKeyFile else { return try Self.checked(context.environment["PLIMSOLL_API_KEY"]) }
    let attributes = try? FileManager.default.attributesOfItem(atPath: file)
    guard let mode = (attributes?[.posixPermissions] as? NSNumber)?.intValue else {
      throw Failure(.refusedInput, .missingFile, "no such file: \(file)")
    }
    guard mode & 0o077 == 0 else {
      throw Failure(
        .refusedInput, .keyFileReadable, "others can read \(file), which is to hold a key",
        remedy: "chmod 600 \(file)")
    }
    guard let bytes = DiskTree().read(FileManager.default.currentDirectoryPath.appendingPath(file), limit: 4096) else {
      throw Failure(.refusedInput, .missingFile, "cannot read \(file)")
    }
    let text = String(decoding: bytes, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    return try Self.checked(text)
  }

  private static func checked(_ key: String?) throws -> String? {
    guard let key, !key.isEmpty else { return nil }
    guard key.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
      throw Failure(.refusedInput, .badKey, "the key holds characters that a header cannot carry")
    }
    return key
  }
}

extension String {
  /// Joins a path to this folder; an absolute one stays as it is.
  fileprivate func appendingPath(_ path: String) -> String { path.hasPrefix("/") ? path : self + "/" + path }
}

/// What a server says of itself.
struct ServerCatalogue {
  private let target: BenchmarkTarget

  init(_ target: BenchmarkTarget) { self.target = target }

  private struct Listing: Decodable {
    struct Entry: Decodable { var id: String }
    var data: [Entry]
  }

  /// Returns the name of the first model that the server lists.
  func firstModel() async throws -> String {
    var headers: [String: String] = [:]
    if let key = target.apiKey { headers["Authorization"] = "Bearer \(key)" }
    let url = target.root + "/v1/models"
    let answer: HTTPResponse
    do {
      answer = try await CurlTransport().send(
        HTTPRequest("GET", url, headers: headers, timeout: .seconds(10), bodyLimit: 1 << 20))
    } catch {
      throw Failure(
        .failed, .serverUnreachable, "the server did not answer: \(error)", remedy: "check that it runs: curl \(url)")
    }
    guard answer.status == 200, let listing = try? JSONDecoder().decode(Listing.self, from: Data(answer.body)),
      let first = listing.data.first
    else {
      throw Failure(
        .refusedInput, .noModelListed, "the server lists no model (it answered \(answer.status))",
        remedy: "name it with --model")
    }
    return first.id
  }
}
