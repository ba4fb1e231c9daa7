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
    if !shown.isEmpty {
      var table = TextTable(["check", "state", "found", "what to do"])
      for finding in shown {
        table.add(
          [finding.check, finding.state.rawValue, finding.found, finding.remedy ?? ""],
          styles: [1: Self.style(finding.state)])
      }
      parts.append(table.rendered())
    }
    guard !showsAll else { return parts.joined(separator: "\n\n") }
    for (state, word) in [(Finding.State.good, "Good"), (.absent, "Not here")] {
      let names = findings.filter { $0.state == state }.map(\.check)
      if !names.isEmpty { parts.append(Prose.wrapped("\(word): \(names.joined(separator: ", ")).", indent: 2)) }
    }
    return parts.joined(separator: "\n\n") + "\n\n" + TextStyle.quiet("--verbose shows what each check found.")
  }

  private func headline(broken: Int, doubtful: Int) -> String {
    switch (broken, doubtful) {
    case (0, 0): TextStyle.good("Nothing stands in the way of a deployment.")
    case (0, _): TextStyle.doubtful("Deployments work; \(counted(doubtful, "check")) to look at.")
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
