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
    #expect(Set(table.map { $0.split(separator: ",", omittingEmptySubsequences: false).count }) == [19])
  }

  @Test func vLLMFormKeepsTheFigures() throws {
    let archive = builder().archive()
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
      {"model_id": "m", "max_concurrency": 8, "duration": 10.0, "completed": 100, "failed": 2,
       "total_input_tokens": 1000, "total_output_tokens": 5000, "request_throughput": 10.0,
       "output_throughput": 500.0, "mean_ttft_ms": 50.0, "median_ttft_ms": 45.0, "p99_ttft_ms": 90.0}
      """
    ).run
    #expect(run.summary.timeToFirstToken.p50 == 0.045)
    #expect(run.summary.outputTokensPerSecond == 500)
    #expect(run.summary.errors == 2)
    #expect(run.stages.first?.concurrency == 8)
    #expect(run.validity.ok && run.validity.reasons.first?.code == "imported-figures")
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

  @Test func anIdentifierThatIsAPathIsRefused() throws {
    var archive = builder().archive()
    archive.run.id = "../../x"
    let text = try RunExport.json.text(archive)
    #expect(throws: (any Error).self) { try imported(text) }
  }

  // MARK: - Shards

  private func shard(_ index: Int, of count: Int, startAt: Double = 100, began: Double = 100) -> RunArchive {
    var builder = builder()
    builder.id = "shard-\(index)"
    builder.seed = UInt64(index)
    builder.concurrencies = [2]
    var archive = builder.archive()
    archive.run.startedAt = began
    archive.run.settings["benchmark"] =
      "{\"shard\": {\"index\": \(index), \"count\": \(count), \"startAt\": \(startAt)}}"
    return archive
  }

  @Test func shardsJoinFromTheirRequests() throws {
    let merged = try RunMerge.merged([shard(2, of: 2, began: 100.25), shard(1, of: 2)], id: "whole")
    #expect(merged.run.validity.ok)
    #expect(merged.requests.count == 24)
    #expect(merged.run.summary.completed == 24)
    #expect(merged.requests[12].scheduled == 250_000_000)
    let alone = shard(1, of: 2).run.summary.outputTokensPerSecond ?? 0
    #expect((merged.run.summary.outputTokensPerSecond ?? 0) > alone * 1.5)
  }

  @Test func aMissingShardMakesTheRunInvalid() throws {
    let merged = try RunMerge.merged([shard(1, of: 3), shard(3, of: 3)], id: "whole")
    #expect(!merged.run.validity.ok)
    #expect(merged.run.validity.reasons.map(\.code).contains("shard-missing"))
  }

  @Test func clocksThatDisagreeAreTold() throws {
    let merged = try RunMerge.merged([shard(1, of: 2), shard(2, of: 2, began: 103)], id: "whole")
    #expect(merged.run.validity.reasons.map(\.code) == ["clocks-differ"])
  }

  @Test func runsThatAreNoShardsAreRefused() throws {
    let plain = builder().archive()
    #expect(throws: (any Error).self) { try RunMerge.merged([plain, plain], id: "whole") }
    #expect(throws: (any Error).self) { try RunMerge.merged([shard(1, of: 2), shard(1, of: 2)], id: "whole") }
    #expect(throws: (any Error).self) { try RunMerge.merged([shard(1, of: 2), shard(2, of: 3)], id: "whole") }
  }
}
