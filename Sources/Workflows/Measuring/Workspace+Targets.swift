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

  public init() {}
}

extension Workspace {
  /// The target of an address, or of a deployment's name.
  ///
  /// - Throws: `Failure` where the text is neither, the key cannot be used, or the server does not answer.
  public func target(_ text: String, _ wishes: TargetWords = TargetWords()) async throws -> BenchmarkTarget {
    if let deployment = deployer.list().first(where: { $0.name == text }) {
      let processes = wishes.processes.isEmpty ? deployment.process.map { [$0.pid] } ?? [] : wishes.processes
      return BenchmarkTarget(
        name: deployment.name, baseURL: deployment.url, model: wishes.model ?? deployment.modelName, api: wishes.api,
        apiKey: try key(wishes.keyFile) ?? Self.checked(deployer.key(of: deployment)), processes: processes)
    }
    let text = text.contains("://") || Self.port(of: text) == nil ? text : "http://" + text
    guard text.hasPrefix("http://") || text.hasPrefix("https://") else {
      throw Failure(
        .usage, .unknownTarget, "\(text) is no address and no deployment of that name is known",
        remedy: "write http://HOST:PORT, or list deployments with plimsoll ps")
    }
    let key = try key(wishes.keyFile)
    var target = BenchmarkTarget(
      baseURL: text, model: wishes.model ?? "", api: wishes.api, apiKey: key, processes: wishes.processes)
    if wishes.model == nil { target.model = try await ServerCatalogue(target).firstModel() }
    return target
  }

  /// The port of `HOST:PORT`, with or without a path behind it; nil of any other text.
  private static func port(of text: String) -> UInt16? {
    let parts = text.prefix { $0 != "/" }.split(separator: ":", omittingEmptySubsequences: false)
    return parts.count == 2 && !parts[0].isEmpty ? UInt16(parts[1]) : nil
  }

  private func key(_ file: String?) throws -> String? {
    guard let file else { return try Self.checked(environment["PLIMSOLL_API_KEY"]) }
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
