public import Hub
import Platform
import Reporting
import Units

/// The models on this machine: `models list --json`.
public struct ModelInventory: Encodable, Sendable {
  var schema = "plimsoll.models/1"
  var cache: String
  var models: [CachedModel]
  /// Files that were installed and models of other applications, under the names that commands take.
  var applications: [LocalApp.Model]

  public init(cache: HubCache, elsewhere applications: [LocalApp.Model]) {
    self.cache = cache.root
    models = cache.models()
    self.applications = applications
  }

  public func rendered() -> String {
    var parts: [String] = []
    if models.isEmpty {
      parts.append(
        Prose.wrapped(
          "No models in \(cache). Fetch one: plimsoll models pull ORG/NAME; find names: plimsoll models search TEXT."))
    } else {
      var table = TextTable(["model", ">size", ">commits", ">files", "references", ""])
      for model in models {
        table.add([
          model.name, "\(model.bytes)", "\(model.snapshots.count)",
          "\(model.snapshots.map(\.files.count).reduce(0, +))",
          printable(model.references.keys.sorted().joined(separator: ", ")),
          model.unfinished.isEmpty ? "" : "unfinished",
        ])
      }
      let total = models.reduce(ByteCount.zero) { $0 + $1.bytes }
      parts.append(table.rendered() + "\n\n\(counted(models.count, "model")), \(total), in \(cache)")
    }
    if !applications.isEmpty {
      var table = TextTable(["elsewhere on this machine", ">size"])
      for model in applications { table.add([printable(model.name), "\(model.bytes)"]) }
      parts.append(table.rendered())
    }
    return parts.joined(separator: "\n\n")
  }
}
