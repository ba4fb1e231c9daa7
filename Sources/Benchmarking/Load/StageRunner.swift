import Platform
import CCurl

/// Carries out one stage on the loop: what is sent when, what is done with what ends.
///
/// Confined to the loop's thread like the loop itself.
final class StageRunner {
  private let loop: LoadLoop
  let plan: StagePlan
  private let control: LoadControl
  private let queue: PromptQueue
  private let deliver: (LoadReport) -> Void
  private var start: Int64 = 0
  private var tally = StageTally()
  private(set) var conversations = 0
  private(set) var inFlight = 0
  /// Prompts that are ready, the next last.
  private var prompts: [PreparedPrompt] = []
  /// Prompts that were used and whose places the queue does not know to be free yet, and how many it is told at once.
  private var used = 0
  private var usedAtOnce = 1
  /// Conversations whose next turn can go out.
  private var followUps: [Transfer] = []
  private var lateness = Samples()
  /// How long requests waited for their prompts to be generated.
  private var promptWaits = Samples()
  /// True since a request was due and its prompt was not written yet.
  private var isHungry = false
  private var oddities = StreamOddities()
  /// When each place in flight that is free became so; places that were never taken are not in it.
  private var freed = MomentQueue()
  /// No sending before this moment, after a failure.
  private var resumeAt: Int64 = 0
  private var nextReport: Int64 = 0
  /// When it was last seen what is due.
  private var lastLook: Int64 = 0
  private var ending = StageOutcome.Ending.planned
  /// True where requests are due that were held back, so that answers are read in between.
  private var isHoldingBack = false
  /// Requests sent before the loop looks for answers again: a burst must not delay the stamps of what comes.
  private static let burst = 8
  /// Places for which prompts are written before a stage that does not say how many it keeps in flight.
  private static let usualInFlight = 64

  /// Readies a stage; nil where the system has no thread left.
  init?(loop: LoadLoop, plan: StagePlan, control: LoadControl, deliver: @escaping (LoadReport) -> Void) {
    let limit = min(plan.stage.stop.requests ?? .max, plan.schedule?.count ?? .max)
    guard let queue = PromptQueue(plan, limit: limit, wake: { control.wakeLoop() }) else { return nil }
    self.queue = queue
    self.loop = loop
    self.plan = plan
    self.control = control
    self.deliver = deliver
  }

  /// Runs the stage to its end and returns how it went; its requests go out through `deliver` as they end.
  func run() -> StageOutcome {
    queue.fill(plan.stage.load.mostInFlight ?? Self.usualInFlight) { control.state == .run }
    loop.resetHealth()
    let suspended = MonotonicClock().suspendedTime()
    start = loop.now()
    var sendingEnded: Int64?
    while control.state != .abort {
      let now = loop.now()
      if sendingEnded == nil, isDone(now) { sendingEnded = now }
      if sendingEnded == nil || !followUps.isEmpty { dispatch(now, opening: sendingEnded == nil) }
      report(now)
      if let ended = sendingEnded, inFlight == 0 || now - ended > Int64(plan.graceSeconds * 1e9) { break }
      loop.turn(until: wakeTime(sendingEnded)) { self.finish($0, $1) }
    }
    queue.close()
    if control.state == .abort { ending = .interrupted }
    let ended = loop.now()
    loop.noteWork(until: ended)
    // A laptop that slept has lost its streams, though its clock shows no gap. Two reads of two clocks differ by little.
    let slept = MonotonicClock().suspendedTime() - suspended
    censor(at: ended)
    recordUnsent(dueBy: sendingEnded ?? ended)
    deliver(.requests(tally.takePending()))
    let busy = Double(threadTime() - loop.health.startCPU) / Double(max(1, ended - loop.health.start))
    return StageOutcome(
      started: start, sendingEnded: sendingEnded ?? ended, ended: ended, ending: ending,
      nextIndex: plan.firstIndex + max(tally.sent, conversations), conversations: conversations, lateness: lateness,
      promptWaits: promptWaits, oddities: oddities, longestStall: max(loop.health.longestStall, slept), busyShare: busy,
      events: loop.health.events, reads: loop.health.reads)
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
    guard hasMore else { return true }
    guard let seconds = plan.stage.stop.seconds, Double(now - start) / 1e9 >= seconds else { return false }
    // All arrivals of a schedule are due before the end: the last go out though it has just passed, if they may.
    return plan.schedule == nil || inFlight >= plan.limit(at: now - start)
  }

  private var hasMore: Bool {
    if let requests = plan.stage.stop.requests, conversations >= requests { return false }
    if let schedule = plan.schedule, conversations >= schedule.count { return false }
    return true
  }

  private func dispatch(_ now: Int64, opening: Bool) {
    isHoldingBack = false
    lastLook = now
    guard now >= resumeAt else { return }
    var left = Self.burst
    while left > 0, let transfer = followUps.popLast() {
      left -= 1
      transfer.state.record.scheduled = now
      begin(transfer, due: now)
    }
    let limit = plan.limit(at: now - start)
    while opening, hasMore, inFlight < limit {
      let scheduled = plan.schedule.map { start + $0[conversations] }
      if let scheduled, scheduled > now { break }
      guard left > 0 else {
        isHoldingBack = true
        return
      }
      left -= 1
      if prompts.isEmpty {
        prompts = queue.takeAll()
        usedAtOnce = max(1, prompts.count / 4)
      }
      guard let prompt = prompts.last else {
        isHungry = true
        return
      }
      guard let transfer = loop.take() else { return }
      prompts.removeLast()
      noteUse()
      prepare(transfer, prompt)
      transfer.state.record.scheduled = scheduled ?? now
      conversations += 1
      inFlight += 1
      // A place that was never taken, at the start or after a ramp's step, has not been waiting for its request.
      let free = freed.popFirst()
      begin(transfer, due: scheduled.map { limit < .max ? max($0, free ?? 0) : $0 } ?? free)
    }
    isHungry = false
  }

  /// Lets the queue write further prompts, many at a time: to wake its thread costs more than one prompt.
  private func noteUse() {
    used += 1
    guard used >= usedAtOnce else { return }
    queue.release(used)
    used = 0
  }

  private func begin(_ transfer: Transfer, due: Int64?) {
    transfer.state.record.index = plan.firstIndex + tally.sent
    tally.sent += 1
    loop.start(transfer)
    // After a failure the load is held back on purpose: such a request is not late.
    guard let due, due >= resumeAt else { return }
    let late = max(0, transfer.dispatched - due)
    if isHungry { promptWaits.add(Double(late) / 1e9) } else { lateness.add(Double(late) / 1e9) }
  }

  private func prepare(_ transfer: Transfer, _ prompt: PreparedPrompt) {
    transfer.conversation = prompt.conversation ?? Conversation(turns: [])
    transfer.answers = []
    var record = RequestRecord(index: 0, stage: plan.stage.name, scheduled: 0)
    record.requestedOutputTokens = prompt.requestedOutputTokens
    if prompt.conversation != nil { record.turn = 0 }
    transfer.prepare(record, body: prompt.body, keepsAnswer: prompt.conversation != nil)
  }

  private func prepareNext(_ transfer: Transfer, turn: Int) {
    let conversation = transfer.conversation
    var record = RequestRecord(index: 0, stage: plan.stage.name, scheduled: 0)
    record.requestedOutputTokens = conversation.turns[turn].outputTokens
    record.turn = turn
    transfer.prepare(
      record, body: plan.composer.body(of: conversation, turn: turn, answers: transfer.answers),
      keepsAnswer: turn + 1 < conversation.turns.count)
  }

  private func finish(_ transfer: Transfer, _ code: CURLcode) {
    if transfer.takesSecondTry(after: code) { return loop.restart(transfer) }
    let now = loop.now()
    transfer.finish(code, at: now)
    let record = transfer.state.record
    if transfer.isLeftOpen { oddities.leftOpen += 1 }
    if transfer.state.wasLost { oddities.sentAgain += 1 }
    if transfer.state.hasImpossibleUsage { oddities.impossibleUsage += 1 }
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
      prepareNext(next, turn: nextTurn)
      followUps.append(next)
    } else {
      inFlight -= 1
      freed.append(now)
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
    // A prompt that is not there yet wakes the loop when it is.
    if let schedule = plan.schedule, conversations < schedule.count, inFlight < plan.limit(at: now - start), !isHungry {
      moment = min(moment, start + schedule[conversations])
    }
    if resumeAt > lastLook { moment = min(moment, max(now, resumeAt)) }
    if let step = plan.limitStep { moment = min(moment, now + step) }
    if let seconds = plan.stage.stop.seconds, case let end = start + Int64(seconds * 1e9), end > now {
      moment = min(moment, end)
    }
    return moment
  }

  /// Tells the other side how things stand, ten times a second; hands on what ended, sooner where it is much.
  private func report(_ now: Int64) {
    if tally.pending.count >= 512 { deliver(.requests(tally.takePending())) }
    guard now >= nextReport else { return }
    nextReport = now + 100_000_000
    if !tally.pending.isEmpty { deliver(.requests(tally.takePending())) }
    deliver(.progress(tally.progress(of: self, underWay: loop.chunksUnderWay, seconds: Double(now - start) / 1e9)))
  }
}

/// Moments in the order in which they came.
private struct MomentQueue {
  private var moments: [Int64] = []
  private var head = 0

  mutating func append(_ moment: Int64) { moments.append(moment) }

  mutating func popFirst() -> Int64? {
    guard head < moments.count else { return nil }
    defer {
      head += 1
      if head == moments.count || head > 4096 {
        moments.removeFirst(head)
        head = 0
      }
    }
    return moments[head]
  }
}
