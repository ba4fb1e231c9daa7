import Benchmarking
import Fixtures
import Foundation
import GRDB
import Testing
import Units

@testable import Records

@Suite struct ExchangeTests {
  private func builder() -> RunBuilder {
    var builder = RunBuilder()
    builder.requestsPerStage = 12
    return builder
  }

  private func imported(_ text: String) throws -> RunArchive {
    try RunImport.archive(from: Data(text.utf8), file: "f", id: "imported", startedAt: 5)
  }

  @Test func anExportedRunComesBack() throws {
    let archive = builder().archive()
    #expect(try imported(try RunExport.json.text(archive)) == archive)
  }

  @Test func linesAndTableHoldEveryRequest() throws {
    let archive = builder().archive()
    let lines = try RunExport.jsonLines.text(archive).split(separator: "\n")
    #expect(try lines.map { try StoredJSON.value(RequestRecord.self, from: $0) } == archive.requests)
    let table = try RunExport.csv.text(archive).split(separator: "\r\n")
    #expect(table.count == archive.requests.count + 1)
    #expect(Set(table.map { $0.split(separator: ",", omittingEmptySubsequences: false).count }) == [22])
  }

  @Test func vLLMFormKeepsTheFigures() throws {
    // The form holds one load.
    let archive = builder().archive().only("concurrency 4")
    let text = try RunExport.vllmBench.text(archive)
    let back = try imported(text)
    let (before, after) = (archive.run.summary, back.run.summary)
    #expect(after.completed == before.completed)
    let pairs = [
      (before.timeToFirstToken.p50, after.timeToFirstToken.p50),
      (before.timePerOutputToken.mean, after.timePerOutputToken.mean),
      (before.outputTokensPerSecond, after.outputTokensPerSecond),
    ]
    for case (let old?, let new?) in pairs { #expect(abs(new / old - 1) < 0.01) }
  }

  @Test func vLLMSummaryAloneIsTakenAsItIs() throws {
    let run = try imported(
      """
      {"model_id": "m", "max_concurrency": 8, "duration": 10.0, "completed": 100, "failed": 1,
       "total_input_tokens": 1000, "total_output_tokens": 5000, "request_throughput": 10.0,
       "output_throughput": 500.0, "mean_ttft_ms": 50.0, "median_ttft_ms": 45.0, "p99_ttft_ms": 90.0}
      """
    ).run
    #expect(run.summary.timeToFirstToken.p50 == 0.045)
    #expect(run.summary.outputTokensPerSecond == 500)
    #expect(run.summary.errors == 1)
    #expect(run.stages.first?.concurrency == 8)
    #expect(run.validity.ok && run.validity.reasons.first?.code == "imported-figures")
  }

  @Test func foreignRunsWithManyErrorsAreNotValid() throws {
    let run = try imported(
      """
      {"model_id": "m", "duration": 10.0, "completed": 100, "failed": 2, "mean_ttft_ms": 50.0}
      """
    ).run
    #expect(run.validity.invalid.map(\.code) == ["too-many-errors"])
  }

  @Test func whatWasInvalidStaysSoThroughVLLMsForm() throws {
    var builder = RunBuilder()
    builder.reasons = [Reason("client-late", "the client was late")]
    let text = try RunExport.vllmBench.text(builder.archive().only("concurrency 4"))
    let run = try imported(text).run
    #expect(run.validity.invalid.map(\.code) == ["imported-invalid"])
    #expect(run.validity.invalid.first?.message.contains("client-late") == true)
  }

  @Test func llamaBenchBecomesStages() throws {
    let archive = try imported(
      """
      [{"build_commit": "abc", "build_number": 6910, "cpu_info": "Xeon", "model_filename": "m.gguf", "n_prompt": 512,
        "n_gen": 0, "n_depth": 0, "avg_ns": 1000000000, "avg_ts": 512.0, "samples_ns": [990000000, 1010000000]},
       {"build_commit": "abc", "build_number": 6910, "model_filename": "m.gguf", "n_prompt": 0, "n_gen": 128,
        "n_depth": 1024, "avg_ns": 2000000000, "avg_ts": 64.0, "samples_ns": [2000000000]}]
      """)
    #expect(archive.run.stages.map(\.name) == ["pp512", "tg128 @ d1024"])
    #expect(archive.run.summary.outputTokensPerSecond == 64)
    #expect(archive.run.summary.inputTokensPerSecond == 512)
    #expect(archive.run.engineBuild == "b6910 abc")
    #expect(archive.requests.count == 3)
  }

  @Test func guideLLMBecomesStages() throws {
    let run = try imported(
      """
      {"benchmarks": [{"duration": 30.0, "metrics": {
        "request_totals": {"successful": 90, "errored": 1, "incomplete": 4},
        "request_concurrency": {"successful": {"mean": 3.97}},
        "time_to_first_token_ms": {"successful": {"mean": 55, "count": 90, "percentiles": {"p50": 50, "p95": 70}}},
        "inter_token_latency_ms": {"successful": {"mean": 10, "median": 9.5, "count": 90}},
        "time_per_output_token_ms": {"successful": {"mean": 11}},
        "output_tokens_per_second": {"successful": {"mean": 380.5}}}}]}
      """
    ).run
    #expect(run.summary.completed == 90 && run.summary.errors == 1 && run.summary.censored == 4)
    #expect(run.stages.first?.concurrency == 4)
    #expect(run.summary.timeToFirstToken.p95 == 0.07)
    // GuideLLM's inter-token latency is our TPOT; its TPOT is our NTPOT.
    #expect(run.summary.timePerOutputToken.mean == 0.01)
    #expect(run.summary.normalizedTimePerOutputToken?.mean == 0.011)
  }

  @Test func llamaBenchRowsLoadIntoADatabase() throws {
    var archive = builder().archive()
    archive.run.engineBuild = "it's; DROP TABLE llama_bench;--"
    let text = try RunExport.llamaBenchSQL.text(archive)
    let queue = try DatabaseQueue()
    try queue.write { try $0.execute(sql: text) }
    let rows = try queue.read { try Row.fetchAll($0, sql: "SELECT * FROM llama_bench ORDER BY n_gen") }
    #expect(rows.count == 2)
    #expect(rows.first?["n_prompt"] == 128 && rows.last?["n_gen"] == 63)
    #expect(rows.first?["build_commit"] == "it's; DROP TABLE llama_bench;--")
  }

  @Test(arguments: ["", "{}", "[]", "null", "[1,2]", "{\"benchmarks\": []}", "{\"completed\": 1}", "\u{0}\u{1}"])
  func whatIsNoneOfThemIsRefused(_ text: String) throws {
    do {
      _ = try imported(text)
      Issue.record("\(text) was imported")
    } catch let error as Records.RecordError {
      #expect(error.reason.code == "import-refused")
      #expect(error.outcome == .refusedInput)
    }
  }

  @Test(arguments: [
    ("lastToken", "-9000000000000000000"), ("lastToken", "0"), ("outputTokens", "9223372036854775807"),
    ("inputTokens", "-5"), ("sent", "9223372036854775807"), ("scheduled", "-9223372036854775808"),
  ])
  func anArchiveThatCannotHaveBeenMeasuredIsRefused(_ key: String, _ value: String) throws {
    let text = try RunExport.json.text(builder().archive())
    let pattern = try Regex("\"\(key)\" ?: ?[0-9]+")
    // Requests come before the run.
    let range = try #require(text.ranges(of: pattern).first)
    #expect(throws: Records.RecordError.self) {
      try imported(text.replacingCharacters(in: range, with: "\"\(key)\": \(value)"))
    }
  }

  @Test(arguments: [1e300, -1e300, .infinity, .nan])
  func figuresThatNoBenchmarkHasAreRefused(_ value: Double) throws {
    var archive = builder().archive()
    archive.run.summary.timeToFirstToken.mean = value
    let text = try RunExport.json.text(archive)
    #expect(throws: Records.RecordError.self) { try imported(text) }
  }

  @Test(arguments: ["[[1e7, 9e7]]", "[[-5]]", "[[1e300]]"])
  func gapsThatCannotBeDoNotTrap(_ gaps: String) throws {
    let many = String(repeating: "9e7, ", count: 200)
    for list in [gaps, "[[\(many) 1]]"] {
      let file = """
        {"completed": 1, "duration": 1, "mean_ttft_ms": 5, "ttfts": [0.1], "itls": \(list), "start_times": [0],
         "output_lens": [9223372036854775807]}
        """
      #expect(throws: Records.RecordError.self) { try imported(file) }
    }
  }

  @Test func anIdentifierThatIsAPathIsRefused() throws {
    var archive = builder().archive()
    archive.run.id = "../../x"
    let text = try RunExport.json.text(archive)
    #expect(throws: (any Error).self) { try imported(text) }
  }

  // MARK: - Shards

  private func shard(
    _ index: Int, of count: Int, startAt: Double = 100, began: Double = 100,
    load: LoadPattern = .concurrency(2), seed: UInt64 = 1
  ) throws -> RunArchive {
    var builder = builder()
    builder.id = "shard-\(index)"
    builder.seed = UInt64(index)
    builder.concurrencies = [2]
    var archive = builder.archive()
    archive.run.startedAt = began
    let stage = Stage(name: "concurrency 2", load: load, stop: StopRule(requests: 24))
    var settings = BenchmarkSettings(stages: [stage], seed: seed)
    settings.shard = Shard(index: index, count: count, startAt: startAt)
    archive.run.settings["benchmark"] = try StoredJSON.text(settings)
    return archive
  }

  @Test func shardsJoinFromTheirRequests() throws {
    let merged = try RunMerge.merged([try shard(2, of: 2, began: 100.25), try shard(1, of: 2)], id: "whole")
    #expect(merged.run.validity.ok)
    #expect(merged.requests.count == 24)
    #expect(merged.run.summary.completed == 24)
    #expect(merged.requests[12].scheduled == 250_000_000)
    let alone = try shard(1, of: 2).run.summary.outputTokensPerSecond ?? 0
    #expect((merged.run.summary.outputTokensPerSecond ?? 0) > alone * 1.5)
    #expect(!merged.telemetry.isEmpty)
    // Joined again the whole is no shard any more.
    #expect(merged.run.benchmark?.shard == nil && merged.run.benchmark?.seed == 1)
  }

  @Test func shardsOfAnOpenLoadCountFromTheSchedule() throws {
    let open = LoadPattern.rate(4, process: .constant, cap: nil)
    var shards = [try shard(1, of: 2, load: open), try shard(2, of: 2, load: open)]
    for place in shards.indices {
      for request in shards[place].requests.indices { shards[place].requests[request].scheduled -= 3_000_000_000 }
    }
    let merged = try RunMerge.merged(shards, id: "whole")
    #expect((merged.run.summary.timeToFirstToken.minimum ?? 0) > 3)
    #expect((merged.run.summary.serviceTimeToFirstToken?.minimum ?? 9) < 3)
    #expect(merged.run.stages.first?.requestsPerSecond == 4)
  }

  @Test func shardsThatWereNotAskedTheSameAreRefused() throws {
    #expect(throws: Records.RecordError.self) {
      try RunMerge.merged([try shard(1, of: 2), try shard(2, of: 2, seed: 2)], id: "whole")
    }
    #expect(throws: Records.RecordError.self) {
      try RunMerge.merged([try shard(1, of: 2), try shard(2, of: 2, load: .concurrency(3))], id: "whole")
    }
  }

  @Test func clocksOfTwoMachinesThatNobodySynchronizesAreTold() throws {
    var shards = [try shard(1, of: 2), try shard(2, of: 2)]
    for (place, boot) in ["a", "b"].enumerated() {
      shards[place].run.client?.clock = ClientClock(boot: boot, errorSeconds: 16)
    }
    #expect(try RunMerge.merged(shards, id: "whole").run.validity.reasons.map(\.code) == ["clocks-unsure"])
    shards[1].run.client?.clock?.boot = "a"
    #expect(try RunMerge.merged(shards, id: "whole").run.validity.reasons.isEmpty)
  }

  @Test func aShardThatBeganItsCommandEarlyIsNotLate() throws {
    var early = try shard(1, of: 2, began: 40)
    early.requests = early.requests.map { $0.moved(by: 60_000_000_000) }
    let merged = try RunMerge.merged([early, try shard(2, of: 2)], id: "whole")
    #expect(merged.run.validity.reasons.isEmpty)
    #expect(merged.run.startedAt == 40)
    #expect(merged.requests.map(\.scheduled).min() == 60_000_000_000)
  }

  @Test func aMissingShardMakesTheRunInvalid() throws {
    let merged = try RunMerge.merged([try shard(1, of: 3), try shard(3, of: 3)], id: "whole")
    #expect(!merged.run.validity.ok)
    #expect(merged.run.validity.reasons.map(\.code).contains("shard-missing"))
  }

  @Test func clocksThatDisagreeAreTold() throws {
    let merged = try RunMerge.merged([try shard(1, of: 2), try shard(2, of: 2, began: 103)], id: "whole")
    #expect(merged.run.validity.reasons.map(\.code) == ["clocks-differ"])
  }

  @Test func runsThatAreNoShardsAreRefused() throws {
    let plain = builder().archive()
    #expect(throws: (any Error).self) { try RunMerge.merged([plain, plain], id: "whole") }
    #expect(throws: (any Error).self) { try RunMerge.merged([try shard(1, of: 2), try shard(1, of: 2)], id: "whole") }
    #expect(throws: (any Error).self) { try RunMerge.merged([try shard(1, of: 2), try shard(2, of: 3)], id: "whole") }
  }
}
