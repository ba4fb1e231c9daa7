import Foundation
import Testing

@testable import Benchmarking

@Suite struct DatasetTests {
  private func read(
    _ text: String, _ kind: DatasetSettings.Kind, pool: Int? = nil, change: (inout DatasetSettings) -> Void = { _ in }
  ) throws -> FilePrompts {
    let file = FileManager.default.temporaryDirectory.appending(path: "plimsoll-\(UUID().uuidString)")
    try Data(text.utf8).write(to: file)
    defer { try? FileManager.default.removeItem(at: file) }
    var settings = DatasetSettings(kind: kind, path: file.path)
    settings.turns = 2
    change(&settings)
    return try DatasetReader.read(settings, seed: 1, calibration: TokenCalibration(), pool: pool)
  }

  private func words(_ prompts: FilePrompts) -> [Int] {
    prompts.conversations.map { $0.turns[0].text.split(separator: " ").count }
  }

  @Test func eachRequestOfATraceKeepsItsMoment() throws {
    let prompts = try read(
      """
      TIMESTAMP,ContextTokens,GeneratedTokens
      2023-11-16 18:17:05.5,30,3
      2023-11-16 18:17:03.5,10,1
      2023-11-16 18:17:04.0,20,2
      """, .azure)
    #expect(prompts.arrivals == [0, 0.5, 2])
    #expect(words(prompts) == [10, 20, 30])
    #expect(prompts.conversations.map { $0.turns[0].outputTokens } == [1, 2, 3])
  }

  @Test func blocksOfMooncakeRepeatWhereTheTraceDoes() throws {
    let prompts = try read(
      """
      {"timestamp": 0, "input_length": 1100, "output_length": 5, "hash_ids": [1, 2, 3]}
      {"timestamp": 500, "input_length": 1030, "output_length": 6, "hash_ids": [1, 2, 9]}
      """, .mooncake)
    #expect(prompts.arrivals == [0, 0.5])
    let texts = prompts.conversations.map { $0.turns[0].text.split(separator: " ") }
    #expect(texts[0].prefix(1024) == texts[1].prefix(1024))
    #expect(texts[0][1024] != texts[1][1024] || texts[0][1025] != texts[1][1025])
  }

  /// Rows without a prompt, of every kind of file: the others stay, and the run says how many are missing and where.
  @Test(arguments: [
    (
      DatasetSettings.Kind.jsonl,
      """
      {"prompt": "a"}
      {"messages": [{"role": "user", "content": null}]}

      not JSON
      {"messages": [{"role": "user", "content": [{"type": "text", "text": "b"}, {"type": "text", "text": "c"}]}]}
      {"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "x"}}]}]}
      {"other": 1}
      "d"
      """, ["a", "b\nc", "d"] as [String]?, 4, 7, "line 2, line 4, line 6, line 7"
    ),
    (
      .shareGPT, #"[{"conversations": [{"from": "human", "value": "a"}]}, null, {"conversations": []}, 7]"#, ["a"], 3,
      4, "entry 2, entry 3, entry 4"
    ),
    (
      .shareGPT, "{\"conversations\": [{\"from\": \"human\", \"value\": \"a\"}]}\nnull\n", ["a"], 1, 2, "line 2"
    ),
    (
      .azure, "\u{FEFF}TIMESTAMP,ContextTokens,GeneratedTokens\n1.0,1,1\n2.0,none,1\n3.0,0,1\n", nil, 2, 3,
      "line 3, line 4"
    ),
    (
      .mooncake, #"{"timestamp": 0, "input_length": 1, "output_length": 1}"# + "\n[]\n{}\n", nil, 2, 3,
      "line 2, line 3"
    ),
  ])
  func rowsWithoutAPromptAreSkippedAndCounted(
    _ kind: DatasetSettings.Kind, _ text: String, _ prompts: [String]?, _ skipped: Int, _ rows: Int, _ places: String
  ) throws {
    let found = try read(text, kind)
    if let prompts { #expect(found.conversations.map { $0.turns[0].text } == prompts) }
    #expect(found.conversations.count == rows - skipped)
    let missing = try #require(found.skipped)
    #expect(missing.count == skipped && missing.rows == rows)
    #expect(missing.sentence.contains("\(skipped) of \(rows) rows"))
    #expect(missing.sentence.contains(": \(places) ("), "\(missing.sentence)")
  }

  @Test func onlyTheFirstSkippedRowsAreNamed() throws {
    let missing = try #require(try read((0..<9).map { _ in "{}" }.joined(separator: "\n") + "\n\"a\"", .jsonl).skipped)
    #expect(missing.sentence.contains("line 5 and 4 more"))
  }

  /// A file of nothing but such rows is refused, with the first of them.
  @Test func aFileWithoutAnyPromptIsRefused() {
    let error = #expect(throws: BenchmarkError.self) { try read("{}\n{}", .jsonl) }
    #expect(error.map { "\($0)".contains("line 1, line 2") } == true)
  }

  @Test func aWarmCacheHoldsOnlyWhatTheWarmUpSent() throws {
    let lines = (1...5).map { "{\"prompt\": \"p\($0)\"}" }.joined(separator: "\n")
    #expect(try read(lines, .jsonl, pool: 2).conversations.map { $0.turns[0].text } == ["p1", "p2"])
    #expect(try read(lines, .jsonl).count == 5)
  }

  @Test func conversationsOfShareGPTKeepTheAskedTurns() throws {
    let prompts = try read(
      """
      [{"conversations": [{"from": "human", "value": "a"}, {"from": "gpt", "value": "b"},
        {"from": "human", "value": "c"}, {"from": "human", "value": "d"}]}, {"conversations": []}]
      """, .shareGPT)
    #expect(prompts.conversations.map { $0.turns.map(\.text) } == [["a", "c"]])
  }

  @Test func answersOfShareGPTAreAsLongAsTheRecordedOnes() throws {
    let answer = String(repeating: "b", count: 400)
    let text = """
      [{"conversations": [{"from": "human", "value": "a"}, {"from": "gpt", "value": "\(answer)"},
        {"from": "human", "value": "c"}, {"from": "human", "value": "d"}]}]
      """
    #expect(try read(text, .shareGPT).conversations[0].turns.map(\.outputTokens) == [100, 64])
    let replaced = try read(text, .shareGPT) {
      $0.outputLength = .constant(7)
      $0.replacesOutputLengths = true
    }
    #expect(replaced.conversations[0].turns.map(\.outputTokens) == [7, 7])
  }

  @Test(arguments: [
    ("{\"prompt\": 3}", DatasetSettings.Kind.jsonl), ("", .jsonl), ("1,-5,3", .azure), ("x,5,3", .azure),
    ("{\"timestamp\": 0, \"input_length\": 99999999999, \"output_length\": 1}", .mooncake), ("{}", .shareGPT),
  ])
  func whatIsNoDataSetIsRefused(_ text: String, _ kind: DatasetSettings.Kind) {
    #expect(throws: BenchmarkError.self) { try read(text, kind) }
  }
}

@Suite struct ConversationOrderTests {
  private func order(
    _ stage: Stage, count: Int?, begun: Int = 0, warmup: Int = 2, shard: Shard? = nil
  ) -> [Int] {
    var settings = BenchmarkSettings(stages: [stage], warmupRequests: warmup)
    settings.shard = shard
    let order = ConversationOrder(of: stage, settings, count: count, begun: begun)
    return (0..<3).map { order[$0] }
  }

  private let closed = Stage(load: .concurrency(1), stop: StopRule(requests: 3))
  private let trace = Stage(load: .trace(scale: 1, cap: nil), stop: StopRule())
  private let warmup = Stage(name: BenchmarkSession.warmup, load: .concurrency(1), stop: StopRule(requests: 2))

  @Test func aTraceBeginsWithItsFirstRequestWhateverWasWarmedUp() {
    #expect(order(trace, count: 10) == [0, 1, 2])
    #expect(order(trace, count: 10, begun: 10) == [0, 1, 2])
  }

  @Test func theWarmUpTakesWhatIsMeasuredLast() {
    #expect(order(warmup, count: 10) == [8, 9, 10])
    #expect(order(warmup, count: 2) == [0, 1, 2])
    #expect(order(warmup, count: nil) == [0, 1, 2])
    #expect(order(closed, count: nil) == [2, 3, 4])
  }

  @Test func laterStagesGoOnWhereEarlierEnded() {
    #expect(order(closed, count: 100, begun: 5) == [5, 6, 7])
    #expect(order(closed, count: nil, begun: 5) == [7, 8, 9])
  }

  @Test func shardsShareTheConversationsWithoutRepeating() {
    let all = (1...3).flatMap { order(closed, count: nil, begun: 4, shard: Shard(index: $0, count: 3)) }
    #expect(Set(all) == Set(14..<23))
    #expect(order(trace, count: 10, shard: Shard(index: 2, count: 3)) == [1, 4, 7])
  }
}
