public import Models
import Units

/// Models of the catalogue as a table, and what it leaves out.
public struct CatalogueScreen: Sendable {
  private let entries: [ModelEntry]
  private let total: Int
  private let limit: Int

  /// - Parameters:
  ///   - entries: those that match, in their order.
  ///   - total: how many there are in all.
  ///   - limit: the most lines.
  public init(_ entries: [ModelEntry], of total: Int, limit: Int) {
    (self.entries, self.total, self.limit) = (entries, total, limit)
  }

  public func rendered() -> String {
    if entries.isEmpty { return "None of \(total) models matches." }
    var table = TextTable(
      ["name", "maker", ">params", ">active", ">context", "license", "released", "tasks"],
      optional: ["tasks", "maker", "active", "released"])
    for entry in entries.prefix(limit) {
      table.add([
        entry.name, entry.maker, Self.amount(entry.parameters),
        entry.activeParameters < entry.parameters ? Self.amount(entry.activeParameters) : "",
        entry.contextLength.map { $0.grouped } ?? "",
        RecommendationScreen.short(entry.license) + (entry.isGated == true ? " (gated)" : ""),
        entry.released ?? "", entry.uses.map(\.rawValue).joined(separator: ", "),
      ])
    }
    let found = counted(entries.count, "model")
    let count = entries.count == total ? found : "\(found) of \(total)"
    let newest = entries.count > limit ? "The newest \(limit) of \(count); --limit shows more." : "\(count)."
    return table.rendered() + "\n\n" + Prose.wrapped("\(newest) Details: plimsoll models catalogue NAME --json")
  }

  private static func amount(_ parameters: Int) -> String {
    let count = Double(parameters)
    return count >= 1e9 ? (count / 1e9).formatted(significant: 3) + "B" : (count / 1e6).formatted(significant: 3) + "M"
  }
}

/// The entries as `models catalogue --json` prints them.
public struct CatalogueDocument: Encodable, Sendable {
  var schema = "plimsoll.catalogue/1"
  var total: Int
  var models: [ModelEntry]

  public init(_ models: [ModelEntry], of total: Int) { (self.total, self.models) = (total, models) }
}
