import Dispatch
import Platform
import Synchronization

/// A request's body, made before it is due.
struct PreparedPrompt: Sendable {
  var body: [UInt8]
  var requestedOutputTokens: Int?
  /// Kept only where the conversation has a next turn.
  var conversation: Conversation?
}

/// Makes the prompts of a stage ahead of their sending, on a thread of its own: a prompt of 100,000 tokens takes longer
/// to write than a request may be late.
final class PromptQueue: Sendable {
  private struct State {
    var ready: [PreparedPrompt] = []
    /// How many may wait, by the size of the first; nil before it is made.
    var room: Int?
    var isFinished = false
    var isClosed = false
    /// True where the loop found none and waits.
    var isAwaited = false
  }

  private let plan: StagePlan
  private let limit: Int
  private let wake: @Sendable () -> Void
  private let state = Mutex(State())
  /// Places that are free; begun at 0, as a semaphore must not be let go of below the value that it began with.
  private let places = DispatchSemaphore(value: 0)
  private let progress = DispatchSemaphore(value: 0)
  /// The most prompts that wait, and the bytes that they may take together unless two take more.
  private static let most = 512
  private static let mostBytes = 16 << 20

  /// Starts to make prompts; nil where the system has no thread left.
  ///
  /// - Parameters:
  ///   - limit: how many are needed at most.
  ///   - wake: called when the first comes after the loop found none.
  init?(_ plan: StagePlan, limit: Int, wake: @escaping @Sendable () -> Void) {
    self.plan = plan
    self.limit = limit
    self.wake = wake
    guard startThread({ [self] in make() }) else { return nil }
  }

  /// Waits until so many are ready, or all that there will be, or as many as there is room for; ends when it is not
  /// wanted any more.
  func fill(_ count: Int, while isWanted: () -> Bool) {
    while isWanted() {
      let isFull = state.withLock { state in
        state.isFinished || state.ready.count >= min(count, limit, state.room ?? .max)
      }
      if isFull { return }
      _ = progress.wait(timeout: .now() + .milliseconds(20))
    }
  }

  /// Takes all that are ready, the first last. Their places are to be given back with `release` as they are used.
  func takeAll() -> [PreparedPrompt] {
    var taken: [PreparedPrompt] = []
    state.withLock { state in
      swap(&taken, &state.ready)
      state.isAwaited = taken.isEmpty
    }
    return taken.reversed()
  }

  /// Gives back the places of prompts that were used.
  func release(_ count: Int) {
    for _ in 0..<count { places.signal() }
  }

  /// Ends the making.
  func close() {
    state.withLock { $0.isClosed = true }
    places.signal()
  }

  /// The thread's body.
  private func make() {
    var place = 0
    places.signal()
    while place < limit {
      places.wait()
      guard !state.withLock({ $0.isClosed }) else { break }
      let prompt = prompt(place)
      let room = max(2, min(Self.most, Self.mostBytes / max(1, prompt.body.count)))
      if place == 0 {
        for _ in 1..<room { places.signal() }
      }
      place += 1
      let isAwaited = state.withLock { state in
        state.ready.append(prompt)
        state.room = state.room ?? room
        defer { state.isAwaited = false }
        return state.isAwaited
      }
      progress.signal()
      if isAwaited { wake() }
    }
    state.withLock { $0.isFinished = true }
    progress.signal()
    wake()
  }

  private func prompt(_ place: Int) -> PreparedPrompt {
    var conversation = plan.prompts.conversation(plan.order[place])
    if let nonce = plan.nonce { conversation = nonce.applied(to: conversation, request: plan.firstIndex + place) }
    return PreparedPrompt(
      body: plan.composer.body(of: conversation, turn: 0, answers: []),
      requestedOutputTokens: conversation.turns.first?.outputTokens,
      conversation: conversation.turns.count > 1 ? conversation : nil)
  }
}
