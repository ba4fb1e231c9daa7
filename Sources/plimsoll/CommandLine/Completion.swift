import ArgumentParser
import Deployment
import Foundation
import Hub
import Platform
import Profiles
import Records
import Workflows

/// What shells offer for the names that commands take: machines, models, runs and deployments.
///
/// A shell asks while somebody types: what cannot be read offers nothing, and nothing is fetched.
enum Completion {
  /// Names of the catalogue and of the user's own profiles, and profile files.
  static let machines = CompletionKind.custom { _, _, prefix in
    starting(with: prefix, Workspace.ofCommand().catalogue().makers().map(\.entry.name))
      + files(prefix, endings: ["yaml", "yml"])
  }

  /// Names of the model catalogue, model files and folders, and what is in the cache.
  static let models = CompletionKind.custom { _, _, prefix in
    let workspace = Workspace.ofCommand()
    let cached = HubCache(root: workspace.hub.cache).models().map { "hf:\($0.name)" }
    return starting(with: prefix, workspace.catalogue().modelCatalogue().names() + cached)
      + files(prefix, endings: ["gguf", "safetensors", "json"])
  }

  /// Repositories in the Hugging Face cache.
  static let cachedModels = CompletionKind.custom { _, _, prefix in
    starting(with: prefix, HubCache(root: Workspace.ofCommand().hub.cache).models().map(\.name))
  }

  /// Stored runs, the latest first, after the words for the latest.
  static let runs = CompletionKind.custom { _, _, prefix in
    var latest = RunFilter()
    latest.limit = 50
    let stored = try? RunStore.reading(path: Workspace.ofCommand().folders.database).list(latest).map(\.id)
    return starting(with: prefix, ["last", "last-1"] + (stored ?? []))
  }

  /// Deployments of this machine.
  static let deployments = CompletionKind.custom { _, _, prefix in
    starting(with: prefix, Workspace.ofCommand().deployer.list().map(\.name))
  }

  private static func starting(with prefix: String, _ names: [String]) -> [String] {
    names.filter { $0.hasPrefix(prefix) }
  }

  /// Files of these endings, and folders, in the folder that the prefix names.
  private static func files(_ prefix: String, endings: Set<String>) -> [String] {
    let folder = prefix.range(of: "/", options: .backwards).map { String(prefix[..<$0.upperBound]) } ?? ""
    let manager = FileManager.default
    let names = (try? manager.contentsOfDirectory(atPath: folder.isEmpty ? "." : folder)) ?? []
    return names.filter { !$0.hasPrefix(".") }.compactMap { name in
      let path = folder + name
      guard path.hasPrefix(prefix) else { return nil }
      var isFolder: ObjCBool = false
      guard manager.fileExists(atPath: path, isDirectory: &isFolder) else { return nil }
      if isFolder.boolValue { return path + "/" }
      return endings.contains((name as NSString).pathExtension.lowercased()) ? path : nil
    }.sorted()
  }
}
