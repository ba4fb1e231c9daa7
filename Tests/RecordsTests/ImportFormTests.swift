import Benchmarking
import Engines
import Fixtures
import Foundation
import Testing
import Units

@testable import Records

/// Files of other benchmarks, and our own exports read back.
@Suite struct ImportFormTests {
  private func imported(_ text: String) throws -> [RunArchive] {
    try RunImport.archives(from: Data(text.utf8), file: "f", startedAt: 5) { "new-\($0)" }
  }

  private func builder(stages: Int = 1) -> RunArchive {
    var builder = RunBuilder()
    builder.requestsPerStage = 12
    var archive = builder.archive()
    let names = archive.run.stages.prefix(stages).map(\.name)
    archive.run.stages = Array(archive.run.stages.prefix(stages))
    archive.requests = archive.requests.filter { names.contains($0.stage) }
    archive.run.takeHeadline()
    return archive
  }

  @Test func datesOfEveryFormAreRead() {
    let noon = 1_763_812_800.0
    for text in [
      "2025-11-22T12:00:00Z", "2025-11-22 12:00:00", "2025-11-22T13:00:00+01:00", "2025-11-22T12:00:00.000",
      "20251122-120000",
      "1763812800",
    ] {
      #expect(FileDate.seconds(text) == noon, "\(text)")
    }
    for text in ["", "yesterday", "2025-13-22T12:00:00Z", "99999999-999999"] {
      #expect(FileDate.seconds(text) == nil, "\(text)")
    }
  }

  @Test func sglangLinesAreRunsOfTheirOwn() throws {
    func line(_ concurrency: Int) -> String {
      """
      {"backend": "sglang", "max_concurrency": \(concurrency), "duration": 10.0, "completed": 100, "tag": "org/model", \
      "total_input_tokens": 1000, "total_output_tokens": 5000, "request_throughput": 10.0, "output_throughput": 500.0, \
      "mean_e2e_latency_ms": 900.0, "median_e2e_latency_ms": 850.0, "mean_ttft_ms": 50.0, "median_ttft_ms": 45.0}
      """
    }
    let found = try imported(line(4) + "\n" + line(8) + "\n")
    #expect(found.map { $0.run.stages.first?.concurrency } == [4, 8])
    #expect(found.map(\.run.id) == ["new-1", "new-2"])
    let run = try #require(found.first?.run)
    #expect(run.engine == "sglang")
    #expect(run.settings["imported from"] == "SGLang bench_serving")
    #expect(run.summary.endToEnd.p50 == 0.85)
  }

  @Test func vLLMFilesKeepTheirDateAndModel() throws {
    let run = try #require(
      try imported(
        """
        {"date": "20251122-120000", "backend": "vllm", "model_id": "org/model", "duration": 10.0, "completed": 10,
         "mean_ttft_ms": 50.0}
        """
      ).first?.run)
    #expect(run.startedAt == 1_763_812_800)
    #expect(run.modelAsked == "org/model")
    #expect(run.engine == "vllm")
  }

  @Test func aiPerfIsRead() throws {
    let run = try #require(
      try imported(
        """
        {"request_throughput": {"unit": "requests/sec", "avg": 2.0}, "request_count": {"unit": "requests", "avg": 100.0},
         "request_latency": {"unit": "ms", "avg": 900.0, "p50": 850.0, "p99": 1500.0, "std": 10.0},
         "time_to_first_token": {"unit": "ms", "avg": 50.0, "p50": 45.0, "p90": 70.0},
         "inter_token_latency": {"unit": "ms", "avg": 10.0, "p50": 9.5},
         "output_token_throughput": {"unit": "tokens/sec", "avg": 200.0},
         "input_config": {"endpoint": {"model_names": ["org/model"], "urls": ["http://u:secret@h:8000"]},
           "loadgen": {"concurrency": 8}}, "start_time": "2025-11-22T12:00:00.5", "was_cancelled": false}
        """
      ).first?.run)
    #expect(run.startedAt == 1_763_812_800.5)
    #expect(run.modelAsked == "org/model")
    #expect(run.address == "http://h:8000")
    #expect(run.stages.first?.concurrency == 8)
    #expect(run.summary.timeToFirstToken.p50 == 0.045)
    #expect(run.summary.timePerOutputToken.p50 == 0.0095)
    #expect(run.summary.completed == 100)
  }

  @Test func llamaBenchIsReadInAllItsForms() throws {
    let json =
      #"{"build_commit":"abc","build_number":7,"model_filename":"m.gguf","n_threads":4,"n_prompt":0,"n_gen":128,"avg_ns":1e9,"avg_ts":128.0,"test_time":"2025-11-22T12:00:00Z"}"#
    let csv = """
      build_commit,build_number,model_filename,n_threads,n_prompt,n_gen,test_time,avg_ns,avg_ts
      "abc","7","m.gguf","4","0","128","2025-11-22T12:00:00Z","1000000000","128.0"
      """
    let sql = """
      CREATE TABLE IF NOT EXISTS llama_bench (build_commit TEXT);

      INSERT INTO llama_bench (build_commit, build_number, model_filename, n_threads, n_prompt, n_gen, test_time, avg_ns, avg_ts)
      VALUES ('abc', '7', 'm.gguf', 4, 0, 128, '2025-11-22T12:00:00Z', 1000000000, 128.0);
      """
    let all = try [json + "\n" + json, "[\(json)]", csv, sql].map { try #require(try imported($0).first?.run) }
    #expect(all.map { $0.stages.count } == [2, 1, 1, 1])
    for run in all {
      #expect(run.stages.first?.name == "tg128")
      #expect(run.summary.outputTokensPerSecond == 128)
      #expect(run.settings["threads"] == "4")
      #expect(run.startedAt == 1_763_812_800)
      #expect(run.target == "m.gguf")
    }
  }

  // MARK: - Round trips

  @Test func ourLinesComeBack() throws {
    let archive = builder()
    let back = try #require(try imported(try RunExport.jsonLines.text(archive)).first)
    #expect(back.requests == archive.requests)
    #expect(back.run.summary.completed == archive.measuredRequests.count { $0.outcome == .completed })
  }

  @Test func ourTableComesBack() throws {
    var archive = builder(stages: 2)
    let last = archive.requests.count - 1
    archive.requests[last].outcome = .failed
    archive.requests[last].error = "=HYPERLINK(\"x\"), 'quoted'"
    archive.requests[last - 1].outcome = .censored
    archive.requests[last - 2].error = "'-1"
    archive.requests[last - 2].turn = 3
    archive.requests[last - 2].hiddenTokens = 2
    archive.requests[0].stage = "warm-up"
    let text = try RunExport.csv.text(archive)
    for form in [text, "\u{FEFF}" + text, text.replacing("\r\n", with: "\n")] {
      let back = try #require(try imported(form).first)
      let bare = archive.requests.map { request in
        var request = request
        request.chunkTimes = []
        request.chunkTokens = []
        return request
      }
      #expect(back.requests == bare)
      #expect(back.run.stages.map(\.name) == archive.run.stages.map(\.name))
      for (before, after) in zip(archive.run.loadsOfItsRequests(archive), back.run.stages.map(\.summary)) {
        #expect(after.completed == before.completed && after.errors == before.errors)
        for path in [\RunSummary.timeToFirstToken, \.timePerOutputToken, \.endToEnd] {
          let (old, new) = (try #require(before[keyPath: path].mean), try #require(after[keyPath: path].mean))
          #expect(abs(new / old - 1) < 1e-9)
        }
        let (old, new) = (before.outputTokensPerSecond ?? 0, after.outputTokensPerSecond ?? 0)
        #expect(old > 0 && abs(new / old - 1) < 1e-9)
        // What the table does not hold is unknown.
        #expect(after.interTokenLatency.count == 0)
      }
      #expect(back.run.validity.doubtful.map(\.code).contains(.importedFigures))
    }
  }

  /// A server without counts: the chunks are the tokens, here as there.
  @Test func aTableWithoutCountsCountsChunks() throws {
    var archive = builder()
    for place in archive.requests.indices { archive.requests[place].outputTokens = nil }
    let back = try #require(try imported(try RunExport.csv.text(archive)).first)
    #expect(back.run.summary.outputTokens == archive.requests.reduce(0) { $0 + $1.chunkTimes.count })
    #expect(back.run.summary.tokenCounting == .chunks)
  }

  @Test(arguments: [
    ("completed", "finished"), (",128,", ",many,"), (",200,", ",2e2,"), ("concurrency 1,", "concurrency 1,,"),
    ("0.0,", "inf,"), ("0.0,", "1e300,"),
  ])
  func aTableThatIsNoneIsRefusedWithItsLine(word: String, other: String) throws {
    let text = try RunExport.csv.text(builder())
    let range = try #require(text.ranges(of: word).first)
    let error = #expect(throws: RecordError.self) { try imported(text.replacingCharacters(in: range, with: other)) }
    #expect(error?.reason.message.contains("line 2") == true)
  }

  @Test func llamaBenchComesBackFromItsOwnForm() throws {
    let rows = """
      [{"build_commit":"abc","build_number":7,"cpu_info":"Xeon","model_filename":"m.gguf","model_type":"llama Q4_1",
        "n_threads":4,"n_prompt":512,"n_gen":0,"n_depth":64,"avg_ns":1000000000,"avg_ts":512.0,"stddev_ts":2.5,
        "samples_ns":[990000000,1010000000],"test_time":"2025-11-22T12:00:00Z"},
       {"build_commit":"abc","build_number":7,"cpu_info":"Xeon","model_filename":"m.gguf","model_type":"llama Q4_1",
        "n_threads":4,"n_prompt":0,"n_gen":128,"n_depth":0,"avg_ns":2000000000,"avg_ts":64.0,"stddev_ts":0.5,
        "test_time":"2025-11-22T12:00:00Z"}]
      """
    let first = try #require(try imported(rows).first)
    let text = try RunExport.llamaBenchSQL.text(first)
    let back = try #require(try imported(text).first)
    #expect(back.run.stages.map(\.name) == ["pp512 @ d64", "tg128"])
    #expect(back.run.summary.outputTokensPerSecond == 64 && back.run.summary.inputTokensPerSecond == 512)
    #expect(back.run.engineBuild == first.run.engineBuild && first.run.engineBuild == "b7 abc")
    #expect(back.run.target == "m.gguf" && back.run.startedAt == first.run.startedAt)
    #expect(back.run.settings["threads"] == "4" && back.run.settings["processor"] == "Xeon")
    #expect(back.run.nativeResults.map(\.deviation) == [2.5, 0.5])
    #expect(try RunExport.llamaBenchSQL.text(back).split(separator: "\n").count == 6)
  }

  /// Rates at the edge of what can be are written, or left out, and never trap.
  @Test(arguments: ["1e-15", "0", "-5", "1e17"]) func strangeRatesCanBeExported(rate: String) throws {
    let row = #"{"build_commit":"abc","n_prompt":0,"n_gen":128,"avg_ns":1,"avg_ts":\#(rate),"stddev_ts":1e300}"#
    let archive = try #require(try imported("[\(row)]").first)
    #expect(try RunExport.llamaBenchSQL.text(archive).contains("INSERT"))
  }

  @Test func onlyOneStreamIsWrittenAndTheRestIsNamed() throws {
    let archive = builder(stages: 3)
    #expect(RunExport.llamaBenchSQL.leftOut(of: archive) == ["concurrency 2", "concurrency 4"])
    #expect(RunExport.csv.leftOut(of: archive).isEmpty)
    let rows = try #require(LlamaBenchText.sql(try RunExport.llamaBenchSQL.text(archive)))
    // Answers are written behind their prompts.
    #expect(rows.map(\.name) == ["pp128", "tg63 @ d128"])
  }

  @Test func vLLMFormKeepsUnansweredApartAndOneStage() throws {
    var archive = builder()
    archive.requests[archive.requests.count - 1].outcome = .censored
    archive.requests[archive.requests.count - 2].outcome = .failed
    archive.requests[archive.requests.count - 2].error = "no"
    let back = try #require(try imported(try RunExport.vllmBench.text(archive)).first)
    #expect(back.requests.map(\.outcome) == archive.measuredRequests.map(\.outcome))
    #expect(back.run.startedAt.rounded() == archive.run.startedAt.rounded())
    let two = builder(stages: 2)
    #expect(two.run.stages.count == 2)
    #expect(throws: RecordError.self) { try RunExport.vllmBench.text(two) }
    let files = try RunExport.vllmBench.files(two)
    #expect(files.map(\.stage) == two.run.stages.map(\.name))
  }

  @Test func llamaBenchFormLeavesOutWhatWasCached() throws {
    var archive = builder()
    archive.run.stages[0].concurrency = 1
    archive.run.settings["threads"] = "6"
    let requests = archive.requests.indices.filter { archive.requests[$0].stage == archive.run.stages[0].name }
    for place in requests {
      archive.requests[place].inputTokens = 100
      archive.requests[place].cachedTokens = 60
    }
    let text = try RunExport.llamaBenchSQL.text(archive)
    let rows = try #require(LlamaBenchText.sql(text))
    #expect(rows.first?.n_prompt == 40)
    #expect(rows.first?.n_threads == 6)
    let back = try #require(try imported(text).first)
    #expect(back.run.stages.map(\.name).contains("pp40 @ d60"))
  }

  /// Names that occur again and again must not be counted anew for each row.
  @Test(.timeLimit(.minutes(1))) func manyRowsAreReadInTimeLinearInTheirNumber() throws {
    let row = #"{"build_commit":"abc","n_prompt":0,"n_gen":128,"avg_ns":1000000000,"avg_ts":128.0}"#
    let found = try imported("[" + Array(repeating: row, count: 20_000).joined(separator: ",") + "]")
    #expect(found.first?.run.stages.count == 20_000)
    #expect(found.first?.run.stages.last?.name == "tg128 #20000")
  }

  @Test(arguments: [
    "", "{}", "[]", "[{}]", "x,y\n1,2", "{\"avg_ns\": 1}\n{", "INSERT INTO llama_bench (", "{\"benchmarks\": []}",
    "{\"mean_ttft_ms\": 1e308, \"duration\": 1e308, \"completed\": 1}", "{\"records\": {}}",
  ])
  func whatIsNoResultIsRefused(text: String) {
    #expect(throws: RecordError.self) { try imported(text) }
  }
}

extension Run {
  /// The figures of an archive's requests as they are now, by load.
  fileprivate func loadsOfItsRequests(_ archive: RunArchive) -> [RunSummary] {
    stages.map { stage in
      RunSummary(
        of: archive.requests.filter { $0.stage == stage.name }, isOpenLoop: false, concurrency: stage.concurrency,
        goals: [])
    }
  }
}
