import CVersion

/// Which Plimsoll made a run or a report.
public struct ProgramVersion: Hashable, Sendable, Codable {
  public var version: String
  /// The commit it was built from, 40 hexadecimal digits; nil for a build outside of a checkout.
  public var commit: String?
  /// The day of the build: `2026-11-28`.
  public var date: String?

  public init(version: String, commit: String? = nil, date: String? = nil) {
    self.version = version
    self.commit = commit
    self.date = date
  }

  /// This program.
  public static let current = ProgramVersion(
    version: "0.2.0", commit: String(cString: plimsoll_commit()).nonEmpty,
    date: day(String(cString: plimsoll_build_date())))

  /// Turns a compiler's `Nov  8 2026` into `2026-11-08`; nil where it is nothing of the kind.
  static func day(_ text: String) -> String? {
    let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    let parts = text.split(separator: " ")
    guard parts.count == 3, let month = months.firstIndex(of: String(parts[0])), let day = Int(parts[1]),
      (1...31).contains(day), parts[2].count == 4, Int(parts[2]) != nil
    else { return nil }
    func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
    return "\(parts[2])-\(two(month + 1))-\(two(day))"
  }
}

extension ProgramVersion: CustomStringConvertible {
  /// `0.1.0 (commit 19fe8d0, built 2026-11-28)`.
  public var description: String {
    let facts = [commit.map { "commit \($0.prefix(7))" }, date.map { "built \($0)" }].compactMap { $0 }
    return facts.isEmpty ? version : "\(version) (\(facts.joined(separator: ", ")))"
  }
}

extension String {
  fileprivate var nonEmpty: String? { isEmpty ? nil : self }
}
