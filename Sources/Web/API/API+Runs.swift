import Platform
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
          Field("text", .text(most: 100), "Only runs with this text in what the list shows of them."),
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
        filter.text = inputs.text("text")
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
        method: "PATCH", path: "/runs/{run}", name: "editRun", group: "Runs",
        words: "Add and remove a run's tags, and set its note.", parameters: [Self.runField],
        body: [
          Field("addTags", .texts(most: 16, length: 60), "Tags to add."),
          Field("removeTags", .texts(most: 100, length: 200), "Tags to remove."),
          Field("note", .text(most: 500), "The note from now on."),
          Field("removeNote", .flag, "Remove the note."),
        ], answer: .document("run")
      ) { inputs in
        try await aside {
          let id = try store.identifier(inputs.text("run") ?? "")
          try store.tag(id, adding: inputs.texts("addTags"), removing: inputs.texts("removeTags"))
          if let note = inputs.text("note") { try store.note(id, note) }
          if inputs.flag("removeNote") { try store.note(id, nil) }
          return try .json(try store.archive(id).summarized.run)
        }
      },
      Endpoint(
        method: "DELETE", path: "/runs/{run}", name: "deleteRun", group: "Runs",
        words: "Delete a run with its requests. One that is measured is refused: cancel its job first.",
        parameters: [Self.runField], status: 204, answer: .nothing
      ) { inputs in
        try await aside {
          try store.delete(inputs.text("run") ?? "")
          return WebResponse(204)
        }
      },
      Endpoint(
        method: "GET", path: "/comparison", name: "compareRuns", group: "Runs",
        words: "Runs held against the first of them.",
        parameters: [
          Field("runs", .texts(most: 8), "Two runs or more, with commas between them.", required: true),
          Field("within", .number(0.1...99), "Differences up to this many percent are the same; 2 if left out."),
        ], answer: .document("comparison")
      ) { inputs in
        let runs = try Self.several(inputs)
        let tolerance = (inputs.number("within") ?? 2) / 100
        return try await aside {
          try .json(try RunComparing(in: workspace).compared(runs, within: tolerance).document)
        }
      },
      Endpoint(
        method: "GET", path: "/runs/{run}/report", name: "reportRun", group: "Runs", words: "The report on a run.",
        parameters: [Self.runField] + Self.reportFields, answer: Self.reportAnswer
      ) { inputs in try await report([inputs.text("run") ?? ""], inputs) },
      Endpoint(
        method: "GET", path: "/comparison/report", name: "reportComparison", group: "Runs",
        words: "The report on several runs, held against the first of them.",
        parameters: [
          Field("runs", .texts(most: 8), "Two runs or more, with commas between them.", required: true)
        ] + Self.reportFields, answer: Self.reportAnswer
      ) { inputs in try await report(try Self.several(inputs), inputs) },
    ]
  }

  static let reportFields = [
    Field("format", .choice(ReportFormat.allCases.map(\.rawValue)), "The report's format; html if left out."),
    Field("download", .flag, "Answer it as a file to keep."),
  ]
  static let reportAnswer = Endpoint.Answer.oneOf(types: ReportFormat.allCases.map(\.mediaType))

  private static func several(_ inputs: Inputs) throws -> [String] {
    let runs = inputs.texts("runs")
    guard runs.count >= 2 else { throw WebFault(400, "runs names two runs or more") }
    return runs
  }

  /// The report that `plimsoll report` writes.
  private func report(_ runs: [String], _ inputs: Inputs) async throws -> WebResponse {
    let format: ReportFormat = inputs.choice("format") ?? .html
    let seconds = workspace.clock.wallSeconds()
    return try await aside {
      let compared = try RunComparing(in: workspace).compared(runs, learns: false)
      let name = compared.archives.map(\.run.id).joined(separator: "-vs-")
      return .report(
        try format.renderer.render(compared.report(at: seconds)), format, file: inputs.flag("download") ? name : nil)
    }
  }

  private static let runField = Field(
    "run", .text(most: 100), "A run's identifier, its beginning or end, or last, last-1.", required: true,
    example: "last")
}

extension WebResponse {
  /// A report: shown in a frame, or a file to keep.
  ///
  /// - Parameter file: what the file is called, without its ending; nil to show it.
  static func report(_ text: String, _ format: ReportFormat, file: String?) -> WebResponse {
    var response = WebResponse.text(text, type: format.mediaType)
    if format == .html { response.headers["Content-Security-Policy"] = reportPolicy }
    if let file {
      let name = file.filter(isPlain).prefix(100)
      response.headers["Content-Disposition"] = "attachment; filename=\"\(name).\(format.rawValue)\""
    }
    return response
  }

  /// True for what a header and a file's name may hold; runs that were imported are called what their file says.
  private static func isPlain(_ character: Character) -> Bool {
    character.isASCII && (character.isLetter || character.isNumber || character == "-" || character == "_")
  }
}

extension ReportFormat {
  fileprivate var mediaType: String {
    switch self {
    case .markdown: "text/markdown; charset=utf-8"
    case .html: "text/html; charset=utf-8"
    case .json: "application/json"
    case .csv: "text/csv; charset=utf-8"
    }
  }
}
