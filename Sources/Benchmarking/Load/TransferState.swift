/// What is known of one request while its answer comes in; a plain value, so that a read costs no bookkeeping.
struct TransferState {
  /// Bytes kept of an answer that is no event stream.
  private static let bodyLimit = 65536
  /// Chunks kept of an answer whose length was not asked for, and beyond those that were.
  static let chunkLimit = 65536
  /// What JSON and a web page begin with, and no event.
  private static let noStream = [UInt8(ascii: "{"), UInt8(ascii: "<")]
  /// What data begins with that gzip has compressed.
  private static let gzip: [UInt8] = [0x1F, 0x8B]

  var record: RequestRecord
  var stream = EventStream()
  /// The answer's text, kept only where a next turn needs it; still escaped.
  var answer: [UInt8] = []
  var keepsAnswer = false
  /// True where the request was put on another connection, though the server may have worked on it before.
  private(set) var wasLost = false
  /// Bytes of the request's body, the most tokens that its prompt can be.
  var bodyBytes = 0
  /// When `[DONE]` came.
  private(set) var doneAt: Int64?
  private(set) var eventError: String?
  private(set) var hasUsage = false
  /// True where the server's count of output tokens was not taken.
  private(set) var hasImpossibleUsage = false
  /// True where the answer had more chunks than any that was asked for can have.
  private(set) var isEndless = false
  /// The body of an answer that is no event stream: an error, or JSON from a server that does not stream.
  private(set) var plain: [UInt8] = []
  private var isPlain = false
  private var isCompressed = false
  private var hasReasoning = false
  private var reasoningTokens: Int?
  private var countSoFar = 0

  init(record: RequestRecord) { self.record = record }

  /// Readies it for another request; buffers are kept.
  mutating func reset(_ record: RequestRecord, keepsAnswer: Bool, bodyBytes: Int) {
    var kept = EventStream()
    swap(&kept, &stream)
    kept.reset()
    self = TransferState(record: record)
    swap(&kept, &stream)
    self.keepsAnswer = keepsAnswer
    self.bodyBytes = bodyBytes
  }

  /// Notes that the request goes out on a connection: its time counts from the last one. libcurl itself tries another
  /// where a kept one was closed.
  ///
  /// A server that had closed an idle connection says so within a round trip, and nothing is lost: it never saw the
  /// request. One that closes it later may have been at work on it.
  mutating func noteSend(at stamp: Int64) {
    if let first = record.sent, stamp - first > Self.longestRoundTrip { wasLost = true }
    record.sent = stamp
  }

  /// How long the word of a connection that was closed before takes to come, with a new connection, nanoseconds.
  private static let longestRoundTrip: Int64 = 250_000_000

  /// Takes the bytes of one read. All its events share one stamp, taken before any of them was looked at.
  mutating func receive(_ bytes: UnsafeBufferPointer<UInt8>, at stamp: Int64, status: Int) {
    if record.status == nil {
      record.status = status
      isPlain = !(200..<300).contains(status) || bytes.first.map { Self.noStream.contains($0) } ?? false
      isCompressed = bytes.starts(with: Self.gzip)
    }
    guard !isPlain, !isCompressed else {
      plain.append(contentsOf: bytes.prefix(max(0, Self.bodyLimit - plain.count)))
      return
    }
    var copy = EventStream()
    swap(&copy, &stream)
    copy.consume(bytes) { take($0, $1, at: stamp) }
    swap(&copy, &stream)
    if stream.isDone, doneAt == nil { doneAt = stamp }
  }

  mutating func finishStream(at stamp: Int64) {
    var copy = EventStream()
    swap(&copy, &stream)
    copy.finish { take($0, $1, at: stamp) }
    swap(&copy, &stream)
    settleCounts()
    if eventError == nil { eventError = silentFailure }
    if isCompressed {
      eventError = "the server sent a gzip-compressed stream without being asked"
    } else if isPlain, eventError == nil, let status = record.status {
      let isRefusal = !(200..<300).contains(status)
      if let told = ErrorText.message(of: plain, isRefusal: isRefusal) {
        eventError = told
      } else if plain.first == UInt8(ascii: "<") {
        eventError = "the server answered with a web page"
      } else if !isRefusal {
        eventError = "the server answered without streaming"
      }
    }
  }

  /// What is wrong with an answer that names no error: its finish reason says so, or it ends with words that are no event.
  private var silentFailure: String? {
    if let reason = record.finishReason, Self.failedReasons.contains(reason) {
      return "the server ended the answer with the finish reason \(reason)"
    }
    guard !stream.strayText.isEmpty, record.finishReason == nil, !hasUsage else { return nil }
    return "the stream carried words that are no JSON: \(String(decoding: stream.strayText, as: UTF8.self))"
  }

  /// Finish reasons of answers that a server gave up.
  private static let failedReasons: Set<String> = ["error", "abort", "cancelled", "timeout"]

  private mutating func take(_ fields: EventFields, _ bytes: UnsafeBufferPointer<UInt8>, at stamp: Int64) {
    if fields.hasContent || (fields.hasMessage && record.firstToken == nil) {
      if record.firstToken == nil { record.firstToken = stamp }
      let isOutput = fields.hasOutput || !fields.hasContent
      if isOutput, record.firstOutput == nil { record.firstOutput = stamp }
      if !isOutput { hasReasoning = true }
      record.lastToken = stamp
      record.chunkTimes.append(stamp)
      if record.chunkTimes.count > chunkLimit { isEndless = true }
      if let total = fields.outputTokens ?? fields.timings.outputTokens { note(total) }
      if keepsAnswer, let range = fields.contentRange { answer.append(contentsOf: bytes[range]) }
    }
    if let range = fields.finishRange { record.finishReason = Self.text(bytes[range]) }
    if fields.hasError {
      eventError = fields.errorRange.map { Self.text(bytes[$0]) } ?? "the stream carried an error"
    }
    if let count = fields.inputTokens {
      record.inputTokens = count
      hasUsage = true
    }
    if let count = fields.outputTokens { record.outputTokens = count }
    if let count = fields.cachedTokens { record.cachedTokens = count }
    if let count = fields.reasoningTokens { reasoningTokens = count }
    if fields.hasTimings { merge(fields.timings) }
  }

  /// Chunks beyond which an answer has no end: sixteen for each token that was asked for, as some servers send text
  /// letter by letter.
  private var chunkLimit: Int { Self.chunkLimit + 16 * (record.requestedOutputTokens ?? 0) }

  /// Takes the count that came with a content chunk: most servers count all so far, some only the chunk's own.
  private mutating func note(_ total: Int) {
    record.chunkTokens.append(total - countSoFar)
    countSoFar = total
  }

  /// Keeps the server's counts where they can be.
  private mutating func settleCounts() {
    let chunks = record.chunkTimes.count
    if record.chunkTokens.count != chunks { record.chunkTokens = [] }
    let later = record.chunkTokens.dropFirst()
    if later.contains(where: { $0 < 0 }) || (!later.isEmpty && later.allSatisfy { $0 == 0 }) { countEachChunk() }
    if let told = record.outputTokens, chunks > 0, !isPossible(told) {
      hasImpossibleUsage = true
      record.outputTokens = nil
      record.chunkTokens = []
      reasoningTokens = nil
    }
    if let reasoned = reasoningTokens, !hasReasoning, reasoned > 0, let all = record.outputTokens, reasoned <= all {
      record.hiddenTokens = reasoned
    }
    if let prompt = record.inputTokens, prompt == 0 || prompt > bodyBytes + Self.mostTemplateTokens {
      record.inputTokens = nil
      record.cachedTokens = nil
    }
  }

  /// Reads counts that are of each chunk alone: a total so far neither falls nor stays where it is.
  private mutating func countEachChunk() {
    var total = 0
    let each = record.chunkTokens.map { difference in
      total += difference
      return total
    }
    let sum = each.reduce(0, +)
    guard sum >= record.chunkTimes.count, each.allSatisfy({ $0 >= 0 }) else {
      record.chunkTokens = []
      return
    }
    record.chunkTokens = each
    if (record.outputTokens ?? 0) < sum { record.outputTokens = sum }
  }

  /// Tokens that a server's own template may add to a prompt.
  private static let mostTemplateTokens = 1 << 20
  /// No server is known to produce so many tokens of one answer in a second.
  private static let mostTokensPerSecond = 20_000.0

  /// Tells whether an answer with text can have so many tokens: at least one, and no more than were asked for, than
  /// sixteen for each chunk, or, where nothing was asked for, than its time allows.
  private func isPossible(_ told: Int) -> Bool {
    guard told > 0 else { return false }
    let chunks = record.chunkTimes.count
    let seconds = Double((record.lastToken ?? 0) - (record.sent ?? 0)) / 1e9
    let most = Int(min(1e9, max(0, seconds) * Self.mostTokensPerSecond))
    guard let asked = record.requestedOutputTokens else { return told <= max(64 * chunks, most) }
    return told - min(reasoningTokens ?? 0, most) <= max(2 * asked, 16 * chunks)
  }

  private mutating func merge(_ timings: ServerTimings) {
    record.serverTimings = timings
    if record.cachedTokens == nil { record.cachedTokens = timings.cachedTokens }
    if record.outputTokens == nil || !hasUsage { record.outputTokens = timings.outputTokens }
  }

  /// True where no byte of an answer came.
  var isEmpty: Bool { record.status == nil || (stream.isUntouched && plain.isEmpty) }

  /// True where the server said that the answer is whole.
  var isWhole: Bool { stream.isDone || record.finishReason != nil || hasUsage }

  private static func text(_ bytes: some RandomAccessCollection<UInt8>) -> String {
    String(decoding: JSONText.unescaped(bytes.prefix(ErrorText.limit)), as: UTF8.self)
  }
}
