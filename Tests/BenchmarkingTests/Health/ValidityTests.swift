import Fixtures
import Platform
import Testing
import Units

@testable import Benchmarking

/// What makes a run invalid or doubtful besides its requests.
@Suite struct ValidityTests {
  private func evidence(first: Double = 0.2) -> ValidityEvidence {
    let requests = (0..<80).map { number in
      var request = RequestRecord(index: number, stage: "s", scheduled: 0, outcome: .completed)
      request.sent = Int64(number) * 1_000_000_000
      let start = Int64(number) * 1_000_000_000 + Int64(first * 1e9)
      request.firstToken = start
      request.lastToken = start + 300_000_000
      request.chunkTimes = [start, start + 300_000_000]
      request.outputTokens = 2
      request.requestedOutputTokens = 2
      return request
    }
    let client = ClientHealth(
      dispatchLateness: Distribution(samples: [0.0001]), longestStall: 0.001, busyShare: 0.05, eventsPerRead: 1)
    return ValidityEvidence(
      settings: BenchmarkSettings(stages: []), requests: RequestEvidence(requests), summary: RunSummary(of: requests),
      client: client)
  }

  private func codes(_ evidence: ValidityEvidence) -> [String] {
    Validity(judging: evidence).reasons.map(\.code.rawValue)
  }

  @Test func aQuietRunIsValid() {
    #expect(codes(evidence()) == [])
  }

  /// The run as a whole has no requests of its own; one was counted for it once, and every `--duration` was too short.
  @Test(arguments: [(80, []), (3, ["too-few-samples", "too-few-samples"])])
  func aLoadThatTimeEndsIsJudgedByItsOwnRequests(completed: Int, expected: [String]) {
    let evidence = evidence()
    var settings = BenchmarkSettings(stages: [])
    settings.stages = [Stage(name: "s", load: .concurrency(1), stop: StopRule(seconds: 10))]
    var summary = evidence.summary
    summary.completed = completed
    let stage = StageEvidence(
      stage: "s", requests: evidence.requests, summary: summary, client: evidence.client, gaveUp: nil)
    let validity = Validity(judging: RunEvidence(settings: settings, stages: [stage], client: evidence.client))
    #expect(validity.ok == expected.isEmpty)
    #expect(validity.reasons.map(\.code.rawValue) == expected)
  }

  @Test func aChangedEnvironmentIsNamed() {
    let files = [
      "/sys/devices/system/cpu/online": "0-1", "/proc/sys/kernel/random/boot_id": "b",
      "/proc/10/stat": "10 (a) S 1 10 10 0 -1 0 0 0 0 0 1 5 0 0 20 0 1 0 100 0 0",
    ]
    let before = EnvironmentMark(tree: MemoryTree(files: files), processes: [10])
    #expect(before.changes(until: before) == [])
    var later = files
    later["/sys/devices/system/cpu/online"] = "0"
    later["/proc/10/stat"] = nil
    // What cannot be read any more is unknown, and no change.
    later["/proc/sys/kernel/random/boot_id"] = nil
    var evidence = evidence()
    evidence.environmentChanges = before.changes(
      until: EnvironmentMark(tree: MemoryTree(files: later), processes: [10]))
    #expect(
      evidence.environmentChanges == [
        "processors online was 0-1 and is 0", "server process 10 was began at 100 and is gone",
      ])
    let validity = Validity(judging: evidence)
    #expect(!validity.ok)
    #expect(validity.reasons.first?.code == "environment-changed")
  }

  @Test func theClientsOwnErrorIsHeldAgainstWhatItMeasured() {
    var evidence = evidence(first: 0.005)
    evidence.client.floor = ClientFloor(
      timeToFirstTokenP50: 0.001, timeToFirstTokenP99: 0.002, interTokenP99: 0.001, streams: 4)
    #expect(codes(evidence) == ["client-late"])
    evidence.client.floor?.timeToFirstTokenP50 = 0.0002
    #expect(codes(evidence) == [])
  }

  @Test func otherProgramsMakeARunDoubtfulNotInvalid() {
    var evidence = evidence()
    evidence.samples = (0..<8).map { second in
      var sample = TelemetrySample(time: Int64(second) * 1_000_000_000)
      sample.otherCores = 0.9
      return sample
    }
    #expect(codes(evidence) == ["machine-busy"])
    #expect(Validity(judging: evidence).ok)
    evidence.client.busyShare = 0.8
    #expect(codes(evidence) == [])
  }

  @Test func aLateClientIsInvalid() {
    var evidence = evidence()
    evidence.client.dispatchLateness = Distribution(samples: [0.05])
    #expect(codes(evidence) == ["client-late"])
    #expect(!Validity(judging: evidence).ok)
  }
}
