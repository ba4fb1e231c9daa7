public import Deployment
import Platform
import Units

/// What `doctor` found.
public struct FindingTable: Encodable, Sendable {
  public var schema = "plimsoll.doctor/1"
  public var findings: [Finding]

  public init(_ findings: [Finding]) { self.findings = findings }

  /// What needs attention, and in one line what does not.
  ///
  /// - Parameter showsAll: true to show each check with what was found.
  public func rendered(showsAll: Bool = false) -> String {
    let wrong = findings.filter { $0.state == .broken || $0.state == .doubtful }
    let broken = wrong.count { $0.state == .broken }
    var parts = [headline(broken: broken, doubtful: wrong.count - broken)]
    let shown = showsAll ? findings : wrong
    if !shown.isEmpty { parts.append(shown.map(Self.lines).joined(separator: "\n")) }
    guard !showsAll else { return parts.joined(separator: "\n\n") }
    for (state, word) in [(Finding.State.good, "Good"), (.absent, "Missing, not needed")] {
      let names = findings.filter { $0.state == state }.map(\.check)
      if !names.isEmpty { parts.append(Prose.wrapped("\(word): \(names.joined(separator: ", ")).", indent: 2)) }
    }
    return parts.joined(separator: "\n\n") + "\n\n" + TextStyle.quiet("--verbose shows what each check found.")
  }

  /// A finding in its lines: the state, what was found, what to do.
  private static func lines(_ finding: Finding) -> String {
    let state = finding.state == .absent ? "missing" : finding.state.rawValue
    let indent = 10
    let start = style(finding.state)(state) + String(repeating: " ", count: indent - state.count)
    let found = Prose.wrapped("\(start)\(printable(finding.check)): \(printable(finding.found))", indent: indent)
    let blanks = String(repeating: " ", count: indent)
    let remedy = finding.remedy.map { "\n" + Prose.wrapped("\(blanks)fix: \(printable($0))", indent: indent) }
    return found + (remedy ?? "")
  }

  private func headline(broken: Int, doubtful: Int) -> String {
    switch (broken, doubtful) {
    case (0, 0): TextStyle.good("Ready to deploy.")
    case (0, _): TextStyle.doubtful("Ready to deploy; \(counted(doubtful, "check")) to look at.")
    default: TextStyle.bad("A deployment would fail: \(counted(broken, "check")) broken.")
    }
  }

  private static func style(_ state: Finding.State) -> TextStyle {
    switch state {
    case .good: .good
    case .absent: .quiet
    case .doubtful: .doubtful
    case .broken: .bad
    }
  }
}
