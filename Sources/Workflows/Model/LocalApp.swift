import Foundation
import Platform
public import Units

/// An application of this machine that keeps models and serves them itself.
///
/// Its models are read where they are, as `ollama:llama3.2:3b`; its server is measured as any other, as `ollama`.
public enum LocalApp: String, Hashable, Sendable, Codable, CaseIterable {
  case ollama
  case lmStudio = "lmstudio"
  case jan

  public var title: String {
    switch self {
    case .ollama: "Ollama"
    case .lmStudio: "LM Studio"
    case .jan: "Jan"
    }
  }

  /// A model that an application keeps.
  public struct Model: Hashable, Sendable, Codable {
    /// As Plimsoll takes it: `ollama:llama3.2:3b`.
    public var name: String
    /// The file, or the folder of several.
    public var path: String
    public var bytes: ByteCount
  }

  /// Takes `ollama:NAME` apart; nil for any other text.
  static func reference(_ text: String) -> (app: LocalApp, name: String)? {
    let parts = text.split(separator: ":", maxSplits: 1)
    guard parts.count == 2, let app = LocalApp(rawValue: String(parts[0])) else { return nil }
    return (app, String(parts[1]))
  }

  /// Where its server listens: the address that its own variable states, else its documented port on loopback.
  public func address(_ environment: [String: String]) -> String {
    switch self {
    case .ollama: Self.address(environment["OLLAMA_HOST"] ?? "", port: 11434)
    case .lmStudio: "http://127.0.0.1:1234"
    case .jan: "http://127.0.0.1:1337"
    }
  }

  /// `OLLAMA_HOST` is a server's and a client's variable: all addresses (0.0.0.0) are reached on loopback.
  private static func address(_ stated: String, port: Int) -> String {
    guard !stated.isEmpty else { return "http://127.0.0.1:\(port)" }
    let scheme = ["https://", "http://"].first { stated.hasPrefix($0) }
    let bare = stated.dropFirst(scheme?.count ?? 0).prefix { $0 != "/" }
    // The colons of an IPv6 address are in brackets.
    let end = bare.lastIndex(of: "]").map { bare.index(after: $0) } ?? bare.startIndex
    let colon = bare[end...].firstIndex(of: ":")
    let host = bare[..<(colon ?? bare.endIndex)]
    let own = colon.map { String(bare[bare.index(after: $0)...]) }
    // With a scheme its own port is meant.
    let usual = scheme.map { $0 == "https://" ? 443 : 80 } ?? port
    let isAll = ["", "0.0.0.0", "[::]"].contains(String(host))
    return "\(scheme ?? "http://")\(isAll ? "127.0.0.1" : String(host)):\(own ?? "\(usual)")"
  }

  /// Its models, by name; none where it was never installed.
  public func models(_ environment: [String: String]) -> [Model] {
    let folders = folders(environment)
    let found = self == .ollama ? folders.flatMap(OllamaStore.models) : folders.flatMap { files(in: $0) }
    var names: Set<String> = []
    return found.filter { names.insert($0.name).inserted }.sorted { $0.name < $1.name }
  }

  /// - Throws: `Failure` where it keeps no such model.
  func model(_ name: String, _ environment: [String: String]) throws -> Model {
    let all = models(environment)
    let wanted = "\(rawValue):\(name)"
    if let found = all.first(where: { $0.name == wanted || $0.name == wanted + ":latest" }) { return found }
    let names = all.prefix(5).map(\.name).joined(separator: ", ")
    throw Failure(
      .refusedInput, .unknownModel, "\(title) has no model \(printable(name)) on this machine",
      remedy: all.isEmpty ? "plimsoll models list shows what is here" : "it has \(printable(names))")
  }

  /// The folders in which models may be, in the order in which they are looked through.
  private func folders(_ environment: [String: String]) -> [String] {
    let home = environment["HOME"] ?? "/nonexistent"
    switch self {
    case .ollama:
      // The last is the home of the user that Ollama's installer makes for the service on Linux.
      return [environment["OLLAMA_MODELS"], "\(home)/.ollama/models", "/usr/share/ollama/.ollama/models"]
        .compactMap { $0 }.filter { !$0.isEmpty }
    case .lmStudio:
      let pointer = DiskTree().text("\(home)/.lmstudio-home-pointer", limit: 4096)
      return [pointer.map { $0 + "/models" }, "\(home)/.lmstudio/models", "\(home)/.cache/lm-studio/models"]
        .compactMap { $0 }
    case .jan:
      let roots =
        OperatingSystem.current == .macOS
        ? ["\(home)/Library/Application Support/Jan/data", "\(home)/Library/Application Support/jan"]
        : ["\(home)/.local/share/Jan/data", "\(home)/.config/Jan/data", "\(home)/jan"]
      return roots.flatMap { ["\($0)/llamacpp/models", "\($0)/models"] }
    }
  }

  /// The folders below one that hold models: `PUBLISHER/REPOSITORY` of LM Studio, `ID` of Jan.
  private func files(in root: String) -> [Model] {
    var found: [Model] = []
    func walk(_ path: String, depth: Int) {
      let names = DiskTree().list(path)
      let weights = names.filter {
        ($0.hasSuffix(".gguf") && !$0.lowercased().contains("mmproj")) || $0.hasSuffix(".safetensors")
      }
      if !weights.isEmpty, path != root {
        let isOne = weights.count == 1 && weights[0].hasSuffix(".gguf")
        found.append(
          Model(
            name: "\(rawValue):\(path.dropFirst(root.count + 1))", path: isOne ? "\(path)/\(weights[0])" : path,
            bytes: weights.reduce(.zero) { $0 + ByteCount(fileSize("\(path)/\($1)") ?? 0) }))
        return
      }
      guard depth > 0, found.count < 10_000 else { return }
      for name in names where !name.hasPrefix(".") { walk("\(path)/\(name)", depth: depth - 1) }
    }
    walk(root, depth: 4)
    return found
  }
}

/// Ollama's own store: a manifest for each name, which names blobs by their hashes.
enum OllamaStore {
  private struct Manifest: Decodable {
    struct Layer: Decodable {
      var mediaType: String
      var digest: String
      var size: Int
    }
    var layers: [Layer]
  }

  /// The models of a folder whose weights are one GGUF file.
  static func models(in folder: String) -> [LocalApp.Model] {
    let tree = DiskTree()
    let root = "\(folder)/manifests"
    var found: [LocalApp.Model] = []
    for host in tree.list(root).prefix(1000) {
      for owner in tree.list("\(root)/\(host)").prefix(10_000) {
        for name in tree.list("\(root)/\(host)/\(owner)").prefix(10_000) {
          for tag in tree.list("\(root)/\(host)/\(owner)/\(name)").prefix(10_000) {
            guard let weights = weights("\(root)/\(host)/\(owner)/\(name)/\(tag)", in: folder) else { continue }
            // As `ollama list` writes them: what is usual is left out.
            let isUsual = host == "registry.ollama.ai"
            let place = isUsual ? (owner == "library" ? "" : "\(owner)/") : "\(host)/\(owner)/"
            found.append(
              LocalApp.Model(name: "ollama:\(place)\(name):\(tag)", path: weights.path, bytes: weights.bytes))
          }
        }
      }
    }
    return found
  }

  private static func weights(_ manifest: String, in folder: String) -> (path: String, bytes: ByteCount)? {
    guard let bytes = DiskTree().read(manifest, limit: 1 << 20),
      let layers = try? JSONDecoder().decode(Manifest.self, from: Data(bytes)).layers,
      let layer = layers.first(where: { $0.mediaType.hasSuffix(".image.model") }), layer.size > 0
    else { return nil }
    let parts = layer.digest.split(separator: ":")
    // A digest is a file's name here: nothing but a hash may stand in it.
    guard parts.count == 2, parts[0] == "sha256", parts[1].count == 64, parts[1].allSatisfy(\.isHexDigit) else {
      return nil
    }
    let path = "\(folder)/blobs/sha256-\(parts[1])"
    return FileManager.default.fileExists(atPath: path) ? (path, ByteCount(layer.size)) : nil
  }
}
