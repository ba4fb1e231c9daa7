import Platform

/// Names of machines in groups: some hundreds of them fit a few screens.
public struct MachineListing: Encodable, Sendable {
  /// One machine under the heading that it is found by.
  public struct Row: Encodable, Sendable {
    /// `accelerators`, `machines`, `processors` or `personal`.
    public var kind: String
    public var name: String
    public var maker: String

    public init(kind: String, name: String, maker: String?) {
      self.kind = kind
      self.name = name
      self.maker = maker ?? "others"
    }
  }

  var schema = "plimsoll.machine-names/1"
  public var rows: [Row]

  public init(_ rows: [Row]) { self.rows = rows }

  /// How many there are of each kind and maker, on one screen.
  public func counts() -> String {
    let groups = kinds.map { kind -> String in
      let own = rows.filter { $0.kind == kind }
      let words = makers(of: own).map { "\($0.maker) \($0.rows.count)" }.joined(separator: ", ")
      let title = TextStyle.strong("\(Self.title(kind)) (\(own.count))")
      return "\(title)\n" + Prose.wrapped("  \(words)", indent: 2)
    }
    return groups.joined(separator: "\n\n")
  }

  private var kinds: [String] {
    rows.reduce(into: []) { kinds, row in if !kinds.contains(row.kind) { kinds.append(row.kind) } }
  }

  /// The makers with their rows, the largest first.
  private func makers(of rows: [Row]) -> [(maker: String, rows: [Row])] {
    Dictionary(grouping: rows, by: \.maker).sorted { ($1.value.count, $0.key) < ($0.value.count, $1.key) }
      .map { (maker: $0.key, rows: $0.value) }
  }

  /// The names by kind and maker, the largest groups first.
  ///
  /// - Parameter width: columns of the terminal.
  public func grouped(width: Int) -> String {
    kinds.map { kind in
      let own = rows.filter { $0.kind == kind }
      let groups = makers(of: own).map { maker, rows in
        "  \(maker) (\(rows.count))\n" + Self.wrapped(rows.map(\.name), width: max(40, min(width, 100)), indent: 4)
      }
      return "\(Self.title(kind)) (\(own.count))\n" + groups.joined(separator: "\n")
    }.joined(separator: "\n\n")
  }

  private static func title(_ kind: String) -> String {
    switch kind {
    case "personal": "Your own profiles"
    case "accelerators": "Accelerators"
    case "machines": "Computers, servers and cloud instances"
    case "processors": "Processors"
    default: kind
    }
  }

  private static func wrapped(_ names: [String], width: Int, indent: Int) -> String {
    var lines = [""]
    for (index, name) in names.enumerated() {
      let word = name + (index + 1 < names.count ? "," : "")
      let last = lines[lines.count - 1]
      if !last.isEmpty, indent + last.count + 1 + word.count > width {
        lines.append(word)
      } else {
        lines[lines.count - 1] = last.isEmpty ? word : "\(last) \(word)"
      }
    }
    return lines.map { String(repeating: " ", count: indent) + $0 }.joined(separator: "\n")
  }
}
