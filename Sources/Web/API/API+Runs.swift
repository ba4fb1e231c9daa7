import Records
import Reporting
import Units
import Workflows

extension API {
  var runEndpoints: [Endpoint] {
    [
      Endpoint(
        method: "GET", path: "/runs", name: "listRuns", group: "Runs", words: "Stored runs, the latest first.",
        parameters: [
          Field("model", .text(most: 100), "Only of models or quantizations with this text."),
          Field("engine", .text(most: 100), "Only runs on this engine."),
          Field("machine", .text(most: 100), "Only runs on this machine."),
          Field("tag", .text(most: 100), "Only runs with this tag."),
          Field("status", .choice(Run.Status.allCases.map(\.rawValue)), "Only runs of this status."),
          Field("valid", .flag, "Only runs with valid figures."),
          Field("limit", .integer(1...100_000), "Only the latest so many; 1000 if left out."),
        ], answer: .document("runs")
      ) { inputs in
        var filter = RunFilter()
        (filter.model, filter.engine) = (inputs.text("model"), inputs.text("engine"))
        (filter.machine, filter.tag) = (inputs.text("machine"), inputs.text("tag"))
        filter.status = inputs.choice("status")
        filter.isValid = inputs.flag("valid") ? true : nil
        filter.limit = inputs.integer("limit") ?? 1000
        let asked = filter
        return try await aside { try .json(RunTable(try store.list(asked))) }
      },
      Endpoint(
        method: "GET", path: "/runs/{run}", name: "getRun", group: "Runs", words: "One run with its figures.",
        parameters: [Self.runField], answer: .document("run")
      ) { inputs in
        try await aside { try .json(try store.archive(inputs.text("run") ?? "").summarized.run) }
      },
      Endpoint(
        method: "GET", path: "/comparison", name: "compareRuns", group: "Runs",
        words: "Runs held against the first of them.",
        parameters: [
          Field("runs", .texts(most: 8), "Two runs or more, with commas between them.", required: true),
          Field("within", .number(0.1...99), "Differences up to this many percent are the same; 2 if left out."),
        ], answer: .document("comparison")
      ) { inputs in
        let runs = inputs.texts("runs")
        guard runs.count >= 2 else { throw WebFault(400, "runs names two runs or more") }
        let tolerance = (inputs.number("within") ?? 2) / 100
        return try await aside {
          try .json(try RunComparing(in: workspace).compared(runs, within: tolerance).document)
        }
      },
    ]
  }

  private static let runField = Field(
    "run", .text(most: 100), "A run's identifier, its beginning or end, or last, last-1.", required: true,
    example: "last")
}
