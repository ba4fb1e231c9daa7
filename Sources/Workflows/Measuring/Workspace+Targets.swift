public import Benchmarking
import Deployment
import Foundation
import Platform
import Units

/// What a user says of a server that is to be measured.
public struct TargetWords: Sendable {
  /// The model as the server calls it; nil for the deployment's, or the first that the server lists.
  public var model: String?
  public var api = BenchmarkTarget.API.chat
  /// A file that only the user can read and that holds the key.
  public var keyFile: String?
  /// The server's processes, whose memory and time are sampled.
  public var processes: [Int32] = []
  /// How it is spoken to: as `BenchmarkTarget` has them.
  public var headers: [String] = []
  public var path: String?
  public var caFile: String?
  public var isInsecure = false
  public var outputLimit = BenchmarkTarget.OutputLimit.maxTokens
  public var extraBody: [String: String] = [:]
  /// How long a server that is loading is waited for, and who is told of it.
  public var waitSeconds = 0.0
  public var say: @Sendable (String) -> Void = { _ in }

  public init() {}
}

extension Workspace {
  /// The target of an address, of a deployment's name, or of another application's: ollama, lmstudio, jan.
  ///
  /// - Throws: `Failure` where the text is neither or the key cannot be used, `ListingError` where the server does not
  ///   answer.
  public func target(_ text: String, _ wishes: TargetWords = TargetWords()) async throws -> BenchmarkTarget {
    var target = try bareTarget(text, wishes)
    target.headers = wishes.headers
    target.path = wishes.path
    target.caFile = wishes.caFile ?? environment["SSL_CERT_FILE"].flatMap { $0.isEmpty ? nil : $0 }
    target.isInsecure = wishes.isInsecure
    target.outputLimit = wishes.outputLimit
    target.extraBody = wishes.extraBody
    guard target.model.isEmpty else {
      // Only for the record: a server that lists nothing is measured all the same.
      target.modelsListed = (try? await ServerListing.read(target))?.models ?? []
      return target
    }
    target.modelsListed = try await ServerListing.read(target, waitSeconds: wishes.waitSeconds) {
      wishes.say("waiting for the server: \(printable($0))")
    }.models
    target.model = target.modelsListed.first ?? ""
    if target.modelsListed.count > 1 {
      let names = target.modelsListed.prefix(8).joined(separator: ", ")
      let more = target.modelsListed.count > 8 ? " and \(target.modelsListed.count - 8) more" : ""
      wishes.say(printable("the server lists \(names)\(more): measuring \(target.model); name another with --model"))
    }
    return target
  }

  private func bareTarget(_ text: String, _ wishes: TargetWords) throws -> BenchmarkTarget {
    if let deployment = deployer.list().first(where: { $0.name == text }) {
      let processes = wishes.processes.isEmpty ? deployment.process.map { [$0.pid] } ?? [] : wishes.processes
      return BenchmarkTarget(
        name: deployment.name, baseURL: deployment.url, model: wishes.model ?? deployment.modelName, api: wishes.api,
        apiKey: try key(wishes.keyFile) ?? Self.checked(deployer.key(of: deployment)), processes: processes)
    }
    let application = LocalApp(rawValue: text.lowercased())?.address(environment)
    let text = application ?? (text.contains("://") || Self.port(of: text) == nil ? text : "http://" + text)
    let scheme = text.prefix { $0 != ":" }.lowercased()
    guard text.contains("://"), scheme == "http" || scheme == "https" else {
      throw Failure(
        .usage, .unknownTarget,
        "\(BenchmarkTarget.withoutSecrets(text)) is neither an address nor a deployment",
        remedy: "use http://HOST:PORT, a name from plimsoll ps, or ollama, lmstudio or jan")
    }
    if let fault = BenchmarkTarget.fault(of: text) {
      throw Failure(
        .usage, .unknownTarget, "\(BenchmarkTarget.withoutSecrets(text)) is no address: \(fault)",
        remedy: "write http://HOST:PORT; in a password, @ is %40 and / is %2F")
    }
    return BenchmarkTarget(
      baseURL: text, model: wishes.model ?? "", api: wishes.api, apiKey: try key(wishes.keyFile),
      processes: wishes.processes)
  }

  /// The port of `HOST:PORT` or `[ADDRESS]:PORT`, with or without a path behind it; nil of any other text.
  private static func port(of text: String) -> UInt16? {
    let host = text.prefix { $0 != "/" }
    if host.hasPrefix("["), let end = host.lastIndex(of: "]") {
      return UInt16(host[host.index(after: end)...].drop { $0 == ":" })
    }
    let parts = host.split(separator: ":", omittingEmptySubsequences: false)
    return parts.count == 2 && !parts[0].isEmpty ? UInt16(parts[1]) : nil
  }

  private func key(_ file: String?) throws -> String? {
    guard let file else { return try Self.checked(environment["PLIMSOLL_API_KEY"]) }
    return try key(inFile: file)
  }

  /// The key that a file holds which only the user can read; nil of an empty one.
  ///
  /// - Throws: `Failure` where others can read it, or it is no key.
  public func key(inFile file: String) throws -> String? {
    let attributes = try? FileManager.default.attributesOfItem(atPath: file)
    guard let mode = (attributes?[.posixPermissions] as? NSNumber)?.intValue else {
      throw Failure(
        .refusedInput, .missingFile, "no such file: \(file)",
        remedy: "--api-key-file names a file that holds only the key; or set PLIMSOLL_API_KEY")
    }
    guard mode & 0o077 == 0 else {
      throw Failure(
        .refusedInput, .keyFileReadable, "other users can read \(file), which holds a key",
        remedy: "chmod 600 \(file)")
    }
    guard let bytes = DiskTree().read(FileManager.default.currentDirectoryPath.appendingPath(file), limit: 4096) else {
      throw Failure(
        .refusedInput, .missingFile, "cannot read \(file)",
        remedy: "--api-key-file names a file of up to 4 KiB that holds only the key; or set PLIMSOLL_API_KEY")
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
