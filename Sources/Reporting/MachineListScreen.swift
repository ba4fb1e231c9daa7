import Hardware

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
  public func rendered(showsNames: Bool, width: Int) -> String {
    guard isNamesOnly else {
      return """
        \(table.rendered())

        \(table.machines.count) of \(total) profiles; GiB, GB/s, FP16 and W are of one GPU, else of the processors
        ? marks a figure that no checked source states
        """
    }
    let listing = MachineListing(rows)
    let more = showsNames ? "" : " --verbose lists their names."
    return """
      \(showsNames ? listing.grouped(width: width) : listing.counts())

      \(rows.count) profiles.\(more) With figures: plimsoll machines list rtx-50
      """
  }
}
