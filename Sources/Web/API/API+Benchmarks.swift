import Benchmarking
import Deployment
import Platform
import Records
import Reporting
import Synchronization
import Units
import Workflows

extension API {
  var benchmarkEndpoints: [Endpoint] {
    [
      Endpoint(
        method: "POST", path: "/benchmarks", name: "measure", group: "Runs",
        words: "Measure a deployment under a load. The answer is a job; its result is a run.",
        body: [
          Field("deployment", .text(most: 64), "A deployment's name.", required: true),
          Field(
            "concurrency", .texts(most: 16, length: 4), "Requests in flight, one stage for each; 1, 2, 4 if left out."),
          Field("requests", .integer(1...100_000), "Requests in each stage; more for more load if left out."),
          Field("inputTokens", .integer(2...1_000_000), "Tokens of each prompt; 128 if left out."),
          Field("outputTokens", .integer(2...1_000_000), "Tokens of each answer; 48 if left out."),
          Field("tags", .texts(most: 16, length: 60), "Tags to find the run by."),
        ], status: 202, answer: .document("job")
      ) { inputs in try await measure(inputs) }
    ]
  }

  private func measure(_ inputs: Inputs) async throws -> WebResponse {
    let name = try named(inputs)
    var load = MainJobLoad()
    load.concurrency = try inputs.texts("concurrency").map { text in
      guard let number = Int(text), (1...1024).contains(number) else {
        throw WebFault(400, "concurrency is a list of numbers from 1 to 1024")
      }
      return number
    }
    if load.concurrency.isEmpty { load.concurrency = MainJobLoad().concurrency }
    load.inputTokens = inputs.integer("inputTokens") ?? load.inputTokens
    load.outputTokens = inputs.integer("outputTokens") ?? load.outputTokens
    load.requests = inputs.integer("requests")
    let settings = load.settings
    let tags = inputs.texts("tags")
    return try begun(
      jobs.start("bench", name) { reporter in
        let place = workspace.heard(by: reporter.audience(agrees: false))
        let target = try await place.target(name)
        let run = await place.newRun(of: target, tags: tags, under: settings)
        let live = Mutex(LiveStage(stages: settings.stages.count))
        let recorded = RecordedBenchmark(settings: settings, target: target, run: run, store: store) { event in
          live.withLock { $0.take(event) }
          switch event {
          case .progress(let progress):
            reporter.progress(progress.share, figures: live.withLock { $0.figures })
          case .stageFinished(let stage): reporter.note(LiveStage.summary(of: stage))
          default: break
          }
        }
        let measured = try await recorded.measured()
        if let failure = recorded.storingFailure { throw failure }
        if let lesson = place.lesson(of: measured) { reporter.note(lesson) }
        if measured.status == .incomplete { throw Failure.interrupted(keeping: [measured]) }
        return Self.path("runs", measured.id)
      })
  }
}
