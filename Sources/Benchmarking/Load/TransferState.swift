/// What is known of one request while its answer comes in; a plain value, so that a read costs no bookkeeping.
struct TransferState {
  /// Bytes kept of an answer that is no event stream.
  private static let bodyLimit = 65536
  /// What JSON and a web page begin with, and no event.
  private static let noStream = [UInt8(ascii: "{"), UInt8(ascii: "<")]

  var record: RequestRecord
  var stream = EventStream()
  /// The answer's text, kept only where a next turn needs it; still escaped.
  var answer: [UInt8] = []
  var keepsAnswer = false
  private(set) var eventError: String?
  private(set) var hasUsage = false
  /// The body of an answer that is no event stream: an error, or JSON from a server that does not stream.
  private(set) var plain: [UInt8] = []
  private var isPlain = false
  private var countSoFar = 0

  init(record: RequestRecord) { self.record = record }

  /// Takes the bytes of one read. All its events share one stamp, taken before any of them was looked at.
  mutating func receive(_ bytes: UnsafeBufferPointer<UInt8>, at stamp: Int64, status: Int) {
    if record.status == nil {
      record.status = status
      isPlain = !(200..<300).contains(status) || bytes.first.map { Self.noStream.contains($0) } ?? false
    }
    guard !isPlain else {
      plain.append(contentsOf: bytes.prefix(max(0, Self.bodyLimit - plain.count)))
      return
    }
    var copy = EventStream()
    swap(&copy, &stream)
    copy.consume(bytes) { take($0, $1, at: stamp) }
    swap(&copy, &stream)
  }

  mutating func finishStream(at stamp: Int64) {
    var copy = EventStream()
    swap(&copy, &stream)
    copy.finish { take($0, $1, at: stamp) }
    swap(&copy, &stream)
    if record.chunkTokens.count != record.chunkTimes.count { record.chunkTokens = [] }
    if isPlain, eventError == nil, let status = record.status {
      let fields = plain.withUnsafeBufferPointer { EventScanner.scan($0) }
      let told = fields.errorRange.map { Self.text(plain[$0]) }
      if !(200..<300).contains(status) || fields.hasError {
        eventError = told ?? "the server answered \(status)"
      } else {
        let isPage = plain.first == UInt8(ascii: "<")
        eventError = isPage ? "the server answered with a web page" : "the server answered without streaming"
      }
    }
  }

  private mutating func take(_ fields: EventFields, _ bytes: UnsafeBufferPointer<UInt8>, at stamp: Int64) {
    if fields.hasContent {
      if record.firstToken == nil { record.firstToken = stamp }
      if fields.hasOutput, record.firstOutput == nil { record.firstOutput = stamp }
      record.lastToken = stamp
      record.chunkTimes.append(stamp)
      if let total = fields.outputTokens ?? fields.timings.outputTokens {
        record.chunkTokens.append(max(0, total - countSoFar))
        countSoFar = total
      }
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
    if fields.hasTimings { merge(fields.timings) }
  }

  private mutating func merge(_ timings: ServerTimings) {
    record.serverTimings = timings
    if record.cachedTokens == nil { record.cachedTokens = timings.cachedTokens }
    if record.outputTokens == nil || !hasUsage { record.outputTokens = timings.outputTokens }
  }

  /// True where the server said that the answer is whole.
  var isWhole: Bool { stream.isDone || record.finishReason != nil || hasUsage }

  private static func text(_ bytes: some RandomAccessCollection<UInt8>) -> String {
    String(decoding: JSONText.unescaped(bytes.prefix(300)), as: UTF8.self)
  }
}
