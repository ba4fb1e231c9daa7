/// What the loop notes about itself while it runs.
struct LoopHealth: Sendable {
  var reads = 0
  var events = 0
  private(set) var longestStall: Int64 = 0
  private(set) var start: Int64 = 0
  private(set) var startCPU: Int64 = 0
  private var wokenAt: Int64 = 0

  init(start: Int64 = 0, cpu: Int64 = 0) {
    self.start = start
    startCPU = cpu
    wokenAt = start
  }

  /// Notes that the loop goes to sleep after working since it woke.
  mutating func noteWork(until now: Int64) { longestStall = max(longestStall, now - wokenAt) }

  /// Notes that it woke, and how long after the moment it had asked for.
  mutating func noteWake(at now: Int64, late: Int64) {
    wokenAt = now
    longestStall = max(longestStall, late)
  }
}
