import Platform
import CCurl

/// Carries out one stage on the loop: what is sent when, what is done with what ends.
///
/// Confined to the loop's thread like the loop itself.
final class StageRunner {
  private let loop: LoadLoop
  private let plan: StagePlan
  private let control: LoadControl
  private let deliver: (LoadReport) -> Void
  private let start: Int64
  private var tally = StageTally()
  private var conversations = 0
  private var inFlight = 0
  /// A request made ready while there is time, so that its making does not delay its sending.
  private var prepared: Transfer?
  /// Conversations whose next turn can go out.
  private var followUps: [Transfer] = []
  private var lateness: [Int64] = []
  /// Since when a place has been free for a request that is due.
  private var freeSince: Int64
  /// No sending before this moment, after a failure.
  private var resumeAt: Int64 = 0
  private var nextReport: Int64 = 0
  private var ending = StageOutcome.Ending.planned
  /// The limit at the last look, by which a ramp's step is seen.
  private var lastLimit = 0
  /// True where requests are due that were held back, so that answers are read in between.
  private var isHoldingBack = false
  /// Requests sent before the loop looks for answers again: a burst must not delay the stamps of what comes.
  private static let burst = 8

  init(loop: LoadLoop, plan: StagePlan, control: LoadControl, deliver: @escaping (LoadReport) -> Void) {
    self.loop = loop
    self.plan = plan
    self.control = control
    self.deliver = deliver
    loop.resetHealth()
    start = loop.now()
    freeSince = start
    lateness.reserveCapacity(min(plan.stage.stop.requests ?? 4096, 1 << 20))
  }

  /// Runs the stage to its end and returns how it went; its requests go out through `deliver` as they end.
  func run() -> StageOutcome {
    var sendingEnded: Int64?
    while control.state != .abort {
      let now = loop.now()
      if sendingEnded == nil, isDone(now) { sendingEnded = now }
      if sendingEnded == nil || !followUps.isEmpty { dispatch(now, opening: sendingEnded == nil) }
      report(now)
      if let ended = sendingEnded, inFlight == 0 || now - ended > Int64(plan.graceSeconds * 1e9) { break }
      if prepared == nil, sendingEnded == nil, inFlight > 0 { prepared = makeNext() }
      loop.turn(until: wakeTime(sendingEnded)) { self.finish($0, $1) }
    }
    if control.state == .abort { ending = .interrupted }
    let ended = loop.now()
    censor(at: ended)
    recordUnsent(dueBy: sendingEnded ?? ended)
    deliver(.requests(tally.takePending()))
    let busy = Double(threadTime() - loop.health.startCPU) / Double(max(1, ended - loop.health.start))
    return StageOutcome(
      started: start, sendingEnded: sendingEnded ?? ended, ended: ended, ending: ending,
      nextIndex: plan.firstIndex + max(tally.sent, conversations), conversations: conversations, lateness: lateness,
      longestStall: loop.health.longestStall, busyShare: busy, events: loop.health.events, reads: loop.health.reads)
  }

  /// Tells whether no new conversation is to be begun.
  private func isDone(_ now: Int64) -> Bool {
    if control.state != .run {
      ending = .interrupted
      return true
    }
    if tally.isHopeless(after: plan.failureLimit) {
      ending = .tooManyFailures(tally.lastError)
      return true
    }
    if let wanted = plan.stage.stop.precision, tally.precision.isReached(wanted) {
      ending = .precisionReached
      return true
    }
    if let seconds = plan.stage.stop.seconds, Double(now - start) / 1e9 >= seconds { return true }
    return !hasMore
  }

  private var hasMore: Bool {
    if let requests = plan.stage.stop.requests, conversations >= requests { return false }
    if let schedule = plan.schedule, conversations >= schedule.count { return false }
    return true
  }

  private func dispatch(_ now: Int64, opening: Bool) {
    isHoldingBack = false
    guard now >= resumeAt else { return }
    var left = Self.burst
    while left > 0, let transfer = followUps.popLast() {
      left -= 1
      transfer.state.record.scheduled = now
      begin(transfer, due: now)
    }
    let limit = plan.limit(at: now - start)
    // The place that a ramp has just opened was not free before.
    if limit > lastLimit, lastLimit > 0 { freeSince = max(freeSince, now) }
    lastLimit = limit
    while opening, hasMore, inFlight < limit {
      let scheduled = plan.schedule.map { start + $0[conversations] }
      if let scheduled, scheduled > now { return }
      guard left > 0 else {
        isHoldingBack = true
        return
      }
      left -= 1
      guard let transfer = prepared ?? makeNext() else { return }
      prepared = nil
      transfer.state.record.scheduled = scheduled ?? now
      conversations += 1
      inFlight += 1
      begin(transfer, due: max(scheduled ?? freeSince, freeSince))
    }
  }

  private func begin(_ transfer: Transfer, due: Int64) {
    transfer.state.record.index = plan.firstIndex + tally.sent
    tally.sent += 1
    loop.start(transfer)
    lateness.append(max(0, transfer.dispatched - max(due, resumeAt)))
  }

  /// Makes the next conversation's first request ready, without sending it.
  private func makeNext() -> Transfer? {
    guard hasMore, let transfer = loop.take() else { return nil }
    var conversation = plan.prompts.conversation(plan.order[conversations])
    if let nonce = plan.nonce {
      conversation = nonce.applied(to: conversation, request: plan.firstIndex + conversations)
    }
    transfer.conversation = conversation
    transfer.answers = []
    prepare(transfer, turn: 0)
    return transfer
  }

  private func prepare(_ transfer: Transfer, turn: Int) {
    let conversation = transfer.conversation
    var record = RequestRecord(index: 0, stage: plan.stage.name, scheduled: 0)
    record.requestedOutputTokens = conversation.turns[turn].outputTokens
    if conversation.turns.count > 1 { record.turn = turn }
    transfer.prepare(
      record, body: plan.composer.body(of: conversation, turn: turn, answers: transfer.answers),
      keepsAnswer: turn + 1 < conversation.turns.count)
  }

  private func finish(_ transfer: Transfer, _ code: CURLcode) {
    if transfer.takesSecondTry(after: code) { return loop.restart(transfer) }
    let now = loop.now()
    transfer.finish(code, at: now)
    let record = transfer.state.record
    tally.add(record)
    if record.outcome != .completed, plan.schedule == nil {
      resumeAt = now + tally.pause(asked: transfer.retryAfter)
    }
    loop.release(transfer)
    let nextTurn = (record.turn ?? 0) + 1
    if record.outcome == .completed, nextTurn < transfer.conversation.turns.count, let next = loop.take() {
      // The conversation keeps its place in flight for its next turn; `next` is most often the same transfer.
      let answer = String(decoding: JSONText.unescaped(transfer.state.answer), as: UTF8.self)
      next.conversation = transfer.conversation
      next.answers = transfer.answers + [answer]
      prepare(next, turn: nextTurn)
      followUps.append(next)
    } else {
      inFlight -= 1
      freeSince = now
    }
  }

  /// Ends what is still in flight: its times are kept, its outcome is that there is none.
  private func censor(at now: Int64) {
    for transfer in loop.transfers where transfer.isActive {
      transfer.state.finishStream(at: now)
      transfer.state.record.outcome = .censored
      tally.add(transfer.state.record)
      loop.release(transfer)
    }
    for transfer in followUps { loop.release(transfer) }
    if let transfer = prepared { loop.release(transfer) }
  }

  /// Counts the arrivals that were due and had to wait until the end, for a place in flight: they were never answered.
  private func recordUnsent(dueBy end: Int64) {
    guard let schedule = plan.schedule else { return }
    while hasMore, start + schedule[conversations] <= end {
      let due = start + schedule[conversations]
      tally.add(RequestRecord(index: plan.firstIndex + tally.sent, stage: plan.stage.name, scheduled: due))
      tally.sent += 1
      conversations += 1
    }
  }

  /// The next moment at which something is due though nothing comes.
  private func wakeTime(_ sendingEnded: Int64?) -> Int64 {
    let now = loop.now()
    if (isHoldingBack && sendingEnded == nil) || !followUps.isEmpty { return max(now, resumeAt) }
    if let ended = sendingEnded { return min(nextReport, ended + Int64(plan.graceSeconds * 1e9)) }
    var moment = nextReport
    if let schedule = plan.schedule, conversations < schedule.count, inFlight < plan.limit(at: now - start) {
      moment = min(moment, start + schedule[conversations])
    }
    if resumeAt > now { moment = min(moment, resumeAt) }
    if let step = plan.limitStep { moment = min(moment, now + step) }
    if let seconds = plan.stage.stop.seconds { moment = min(moment, start + Int64(seconds * 1e9)) }
    return moment
  }

  /// Tells the other side how things stand, ten times a second; hands on what ended, sooner where it is much.
  private func report(_ now: Int64) {
    if tally.pending.count >= 512 { deliver(.requests(tally.takePending())) }
    guard now >= nextReport else { return }
    nextReport = now + 100_000_000
    if !tally.pending.isEmpty { deliver(.requests(tally.takePending())) }
    let underWay = loop.transfers.reduce(0) { $0 + ($1.isActive ? $1.state.record.chunkTimes.count : 0) }
    var progress = BenchmarkProgress(
      stage: plan.stage.name, elapsedSeconds: Double(now - start) / 1e9, sent: tally.sent,
      finished: tally.sent - inFlight, failed: tally.failed, inFlight: inFlight, chunks: tally.chunks + underWay,
      outputTokens: tally.outputTokens, share: nil)
    if tally.failed > 0 { progress.lastError = tally.lastError }
    let total = plan.stage.stop.requests ?? plan.schedule?.count
    let byCount = total.map { Double(conversations - inFlight) / Double(max(1, $0)) }
    let byTime = plan.stage.stop.seconds.map { Double(now - start) / 1e9 / $0 }
    progress.share = [byCount, byTime].compactMap { $0 }.max().map { min(1, max(0, $0)) }
    deliver(.progress(progress))
  }
}
