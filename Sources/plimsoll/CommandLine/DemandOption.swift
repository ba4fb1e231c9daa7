import ArgumentParser
import Planning
import Profiles

/// How much load there is, where it is not stated as requests in flight.
struct DemandOption: ParsableArguments {
  @Option(help: ArgumentHelp("Requests a second, instead of --concurrency.", valueName: "n")) var rate: Double?
  @Option(
    help: ArgumentHelp(
      "People at the busiest time, instead of --concurrency; each reads an answer before the next question.",
      valueName: "n"))
  var users: Double?
  @Option(
    help: ArgumentHelp(
      "Time between an answer and the same user's next request; the workload's otherwise.",
      valueName: "seconds"))
  var thinkTime: Double?

  func validate() throws {
    for (name, value) in [("--rate", rate), ("--users", users)] {
      if let value, !value.isFinite || value <= 0 || value > 1e9 {
        throw ValidationError("\(name) is a number above 0")
      }
    }
    if rate != nil, users != nil { throw ValidationError("--rate and --users state the same load twice: give one") }
    if let thinkTime {
      guard users != nil else { throw ValidationError("--think-time is about --users") }
      guard thinkTime.isFinite, (0...86400).contains(thinkTime) else {
        throw ValidationError("--think-time is a number of seconds from 0 to 86,400")
      }
    }
  }

  /// True where the load is stated here.
  var isStated: Bool { rate != nil || users != nil }

  /// The load that was stated; nil leaves it to the workload's requests in flight.
  func resolved(_ profile: WorkloadProfile?) -> SizingDemand? {
    if let rate { return SizingDemand(.rate, rate) }
    return users.map { SizingDemand(.users, $0, thinkTimeSeconds: thinkTime ?? profile?.thinkTimeSeconds ?? 0) }
  }
}

/// Numbers of accelerators in one box: `1,2,4` or `1-8`.
struct AcceleratorCounts: ExpressibleByArgument, Hashable {
  var counts: [Int]

  /// As help shows the default.
  var defaultValueDescription: String { counts.map { "\($0)" }.joined(separator: ",") }

  init(_ counts: [Int]) { self.counts = counts }

  init?(argument: String) {
    var counts: Set<Int> = []
    for part in argument.split(separator: ",") {
      let ends = part.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) ?? 0 }
      guard let first = ends.first, let last = ends.last, ends.count <= 2, first >= 1, last >= first, last <= 64 else {
        return nil
      }
      counts.formUnion(first...last)
    }
    guard !counts.isEmpty else { return nil }
    self.counts = counts.sorted()
  }
}
