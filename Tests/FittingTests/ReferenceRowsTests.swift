import Engines
import Foundation
import Testing

@testable import Fitting
@testable import Planning

/// A row is asked as what it was, or left out with its reason.
@Suite struct ReferenceRowsTests {
  private static let devices = """
    {"card": {"bandwidth_gb_s": 3350, "class": "nv-dc", "family": "card", "memory_gb": 80, "fp16_tflops": 989},
     "bare": {"bandwidth_gb_s": null, "class": "nv-dc", "family": "bare"}}
    """

  private func data(single: [String] = [], serving: [String] = []) throws -> ReferenceData {
    func file(_ name: String, _ lines: [String]) -> ReferenceFiles.File {
      ReferenceFiles.File(name: name, contents: Data(lines.joined(separator: "\n").utf8))
    }
    return try ReferenceData(
      ReferenceFiles(
        devices: [file("devices.json", [Self.devices])], single: [file("single.jsonl", single)],
        serving: [file("serving.jsonl", serving)]), shapes: ReferenceShapes(json: Data("[]".utf8)))
  }

  private func serving(_ fields: String) -> String {
    #"{"device": "card", "model": "llama-8b", "engine": "vllm", "tp": 1, "isl": 500, "osl": 100, "tpot_ms": 10, "#
      + #""ttft_ms": 100, "out_tok_s": 900, \#(fields)}"#
  }

  @Test func everyWayOfArrivingIsAskedAsItWas() throws {
    func load(_ fields: String) throws -> SpeedQuestion.Load? {
      try data(serving: [serving(fields)]).cases.first?.question.load
    }
    #expect(
      try load(#""scenario": "closed loop", "concurrency": 8, "n_requests": 80"#)
        == .closed(inFlight: 8, input: 500, output: 100, requests: 80))
    #expect(
      try load(#""scenario": "open loop", "request_rate": 0.5, "n_requests": 60"#)
        == .arrivals(rate: 0.5, requests: 60, input: 500, output: 100, mostInFlight: nil))
    #expect(
      try load(#""scenario": "open loop, capped concurrency", "request_rate": 4, "n_requests": 60, "concurrency": 16"#)
        == .arrivals(rate: 4, requests: 60, input: 500, output: 100, mostInFlight: 16))
    #expect(
      try load(#""scenario": "all requests at once", "n_requests": 1000"#)
        == .atOnce(requests: 1000, input: 500, output: 100))
    #expect(
      try load(#""scenario": "offline static batch", "batch": 32"#) == .fixedBatches(size: 32, input: 500, output: 100))
    #expect(try load(#""scenario": "first token latency", "batch": 2"#) == .prompts(batch: 2, input: 500))
    // GuideLLM holds a run that is as fast as it goes to 512 in flight.
    #expect(
      try load(#""scenario": "guidellm, rate by profile", "peak_concurrency": 512, "n_requests": 1000"#)
        == .closed(inFlight: 512, input: 500, output: 100, requests: 1000))
    // Collections whose scripts say how many requests a run has.
    #expect(
      try load(#""concurrency": 8, "table": "InferenceX (somewhere)""#)
        == .closed(inFlight: 8, input: 500, output: 100, requests: 80))
    #expect(
      try load(#""concurrency": 8, "table": "4x RTX 3090 archive""#)
        == .closed(inFlight: 8, input: 500, output: 100, requests: 8))
  }

  @Test func whatIsNotAskedIsCountedWithItsReason() throws {
    let rows = [
      serving(#""scenario": "closed loop", "concurrency": 8, "speculative": true"#),
      serving(#""scenario": "all requests at once""#),
      serving(#""scenario": "closed loop", "concurrency": 8, "suspect": true"#),
      #"{"device": "bare", "model": "llama-8b", "isl": 500, "tpot_ms": 10}"#,
      #"{"device": "card", "model": "llama-8b", "request_rate": 1, "scenario": "open loop", "tpot_ms": 10}"#,
    ]
    let data = try data(serving: rows)
    #expect(data.cases.isEmpty)
    #expect(
      data.leftOut[.servingTimePerOutputToken]
        == [.unknownAcceptance: 1, .unknownArrivals: 1, .suspect: 1, .unknownDevice: 1, .unknownLengths: 1])
  }

  /// No device multiplies a prompt faster than its peak: what did was read from a cache, and so is all of its series.
  @Test func whatACacheAnsweredIsNotAsked() throws {
    func row(_ inFlight: Int, first: Double, rate: Double) -> String {
      #"{"device": "card", "model": "llama-8b", "engine": "vllm", "tp": 1, "isl": 4000, "osl": 100, "tpot_ms": 10, "#
        + #""concurrency": \#(inFlight), "ttft_ms": \#(first), "out_tok_s": \#(rate)}"#
    }
    let honest = try data(serving: [row(1, first: 200, rate: 90), row(8, first: 400, rate: 500)])
    #expect(honest.cases.count == 6 && honest.leftOut.isEmpty)
    for cached in [row(8, first: 20, rate: 500), row(8, first: 400, rate: 5000)] {
      let data = try data(serving: [row(1, first: 200, rate: 90), cached])
      #expect(data.cases.map(\.question.measure) == [.servingTimePerOutputToken, .servingThroughput])
      #expect(data.leftOut[.servingTimeToFirstToken] == [.cachedPrompts: 2])
      #expect(data.leftOut[.servingTimePerOutputToken] == [.cachedPrompts: 1])
    }
    let shared = serving(
      #""concurrency": 8, "prefix_caching": true, "dataset": "shared prefix 128 + 64 in, 64 out""#)
    #expect(try data(serving: [shared]).leftOut[.servingThroughput] == [.cachedPrompts: 1])
  }

  @Test func aRateThatTheClientDidNotKeepIsNotAsked() throws {
    let rows = [100, 60].map {
      serving(#""scenario": "open loop", "request_rate": 100, "n_requests": 60, "achieved_rate": \#($0)"#)
    }
    let data = try data(serving: rows)
    #expect(data.cases.count == 3 && data.leftOut[.servingTimeToFirstToken] == [.rateNotKept: 1])
  }

  @Test func poolsOfADisaggregatedServerAreRead() throws {
    let row = serving(
      #""scenario": "closed loop", "concurrency": 8, "n_devices": 16, "disaggregated": "4xTP2 prefill, 2xTP4 decode""#)
    let one = try #require(data(serving: [row]).cases.first?.question.speedCase)
    #expect(one.isDisaggregated && one.replicas == 2 && one.ways == 4)
    #expect(one.promptServers == 4 && one.promptWays == 2)
  }

  @Test(arguments: [
    ("UD-Q4_K_XL", QuantKind.k4), ("mlx-q4", .q4), ("mlx-q8", .q8), ("Q4_K - Medium", .k4), ("Q5_K_S (R4)", .k6),
    ("INT4-MIXED", .q4), ("INT8-CW", .q8),
  ])
  func formatsOfEverySpellingAreKnown(quant: String, kind: QuantKind) throws {
    let row = #"{"device": "card", "model": "llama-8b", "quant": "\#(quant)", "test": "tg128", "tok_s": 100}"#
    #expect(try data(single: [row]).cases.first?.question.speedCase.quantKind == kind)
  }

  @Test func chatPromptsFasterThanTheChipAreLeftOut() throws {
    let rows = [1e3, 1e6].map {
      #"{"device": "card", "model": "llama-8b", "test": "pp_chat", "n_prompt": 500, "tok_s": \#($0)}"#
    }
    let data = try data(single: rows)
    #expect(data.cases.isEmpty && data.leftOut[.prefill] == [.cachedPrompts: 2])
  }
}
