import Hardware
import Platform

/// What `machines list` shows: how many of each kind there are, their names, or their figures.
public struct MachineListScreen: Sendable {
  /// Those that were asked for, by the heading that each is found by.
  public var rows: [MachineListing.Row]
  /// All that there are.
  public var total: Int
  /// The figures; empty of machines where names alone are asked for.
  public var table: MachineTable
  public var isNamesOnly: Bool

  public init(rows: [MachineListing.Row], total: Int, table: MachineTable, isNamesOnly: Bool) {
    self.rows = rows
    self.total = total
    self.table = table
    self.isNamesOnly = isNamesOnly
  }

  /// - Parameter showsNames: true for every name instead of counts.
  /// - Parameter showsAll: true for each one's figures instead of the first.
  public func rendered(showsNames: Bool, showsAll: Bool, width: Int) -> String {
    guard isNamesOnly else {
      let count = table.machines.count
      let limit = showsAll || count <= Self.rows + 1 ? count : Self.rows
      let notes = [
        count > limit
          ? "\(limit) of \(count) matches; --all shows all of them" : "\(count) of \(total) profiles",
        "GiB, GB/s, FP16 and W are per GPU; without a GPU, of the processors",
        "? not from a checked source",
      ]
      return "\(table.rendered(limit: limit))\n\n" + TextStyle.quiet(notes.joined(separator: "\n"))
    }
    let listing = MachineListing(rows)
    let more = showsNames ? "" : " --verbose lists their names."
    return """
      \(showsNames ? listing.grouped(width: width) : listing.counts())

      \(rows.count) profiles.\(more) Figures: plimsoll machines list rtx
      """
  }

  /// Rows that a screen of 24 lines has room for.
  private static let rows = 18
}
