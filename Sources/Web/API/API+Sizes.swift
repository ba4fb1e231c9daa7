import Hardware
import Planning
import Platform
import Profiles
import Reporting
import Synchronization
import Units
import Workflows

/// What loads are described with: kinds of use with their lengths and targets, and days.
struct WorkloadTable: Encodable {
  var schema = "plimsoll.workloads/1"
  var workloads: [WorkloadProfile]
  var days: [DayCurve]
}

/// The last answers of `size`, for their reports; the oldest goes first.
final class KeptSizings: Sendable {
  private struct State {
    var kept: [Int: Sizing] = [:]
    var serial = 0
  }

  static let most = 16
  private let state = Mutex(State())

  /// Keeps an answer, and returns what it is called.
  func keep(_ sizing: Sizing) -> String {
    state.withLock { state in
      state.serial += 1
      state.kept[state.serial] = sizing
      state.kept[state.serial - Self.most] = nil
      return "\(state.serial)"
    }
  }

  /// - Throws: `WebFault` for one that is not kept any more.
  func sizing(_ name: String) throws -> Sizing {
    guard let number = Int(name), let sizing = state.withLock({ $0.kept[number] }) else {
      throw WebFault(404, "there is no answer \(printable(name)) any more: ask for the sizes again")
    }
    return sizing
  }
}

extension API {
  var sizeEndpoints: [Endpoint] {
    [
      Endpoint(
        method: "GET", path: "/workloads", name: "listWorkloads", group: "Plans",
        words: "Kinds of use with their lengths and targets, and curves of a day's load.",
        answer: .document("workloads")
      ) { _ in
        let known = Set(Self.workloadNames)
        let workloads = try workspace.catalogue().workloads().filter { known.contains($0.name) }
        return try .json(WorkloadTable(workloads: workloads, days: [.office, .global]))
      },
      Endpoint(
        method: "POST", path: "/size", name: "size", group: "Plans",
        words:
          "Which machines, and how many, hold a load, and what that costs. Location names the answer for its report.",
        body: Self.sizeFields, answer: .document("sizing")
      ) { inputs in
        let sizing = try await sizing(inputs)
        var response = try WebResponse.json(sizing)
        response.headers["Location"] = Self.path("sizings", sizings.keep(sizing))
        return response
      },
      Endpoint(
        method: "GET", path: "/sizings/{sizing}", name: "getSizing", group: "Plans",
        words: "One of the last \(KeptSizings.most) answers of size.", parameters: [Self.sizingField],
        answer: .document("sizing")
      ) { inputs in try .json(try sizings.sizing(inputs.text("sizing") ?? "")) },
      Endpoint(
        method: "GET", path: "/sizings/{sizing}/report", name: "reportSizing", group: "Plans",
        words: "The report on one of the last answers of size; with the study on two pages.",
        parameters: [Self.sizingField] + Self.reportFields, answer: Self.reportAnswer
      ) { inputs in
        let sizing = try sizings.sizing(inputs.text("sizing") ?? "")
        let format: ReportFormat = inputs.choice("format") ?? .html
        let text =
          switch format {
          case .json: try JSONOutput.text(sizing)
          case .csv: SizingRendering(sizing).csv
          case .html, .markdown:
            try format.renderer.render(RunReport(sizing, createdAt: workspace.clock.wallSeconds()))
          }
        return .report(text, format, file: inputs.flag("download") ? "capacity-\(sizing.model)" : nil)
      },
    ]
  }

  private static let sizingField = Field(
    "sizing", .text(most: 20), "The end of size's Location.", required: true, example: "1")

  private func sizing(_ inputs: Inputs) async throws -> Sizing {
    let name = try ModelBounds(in: workspace).name(inputs.text("model") ?? "")
    let found = try await SizingModel.resolve(name, in: workspace)
    let profiles = workspace.catalogue()
    var wishes = try Self.wishes(inputs, try workload(inputs.text("workload") ?? "chat"))
    if inputs.flag("mtp") { wishes.guessing = .predictionLayers }
    if let draft = inputs.text("draft") {
      wishes.guessing = try await workspace.guessing(
        byDraft: try ModelBounds(in: workspace).name(draft))
    }
    var candidates: [Machine] = []
    for name in inputs.texts("machines") { candidates.append(try await warm.place(name).machine) }
    if candidates.isEmpty { candidates = profiles.shortlist() }
    let request = try wishes.request(found, on: candidates, prices: profiles)
    let wantsStudy = inputs.flag("study")
    return try await aside {
      let estimator = SpeedEstimator(try profiles.efficiencies())
      let goOn = { try Task.checkCancellation() }
      var sizing = try Sizing(request, estimator: estimator, goOn: goOn)
      try sizing.requireUnambiguousPrices()
      if wantsStudy { sizing.study = try SizingStudy(request, sizing, estimator: estimator, goOn: goOn) }
      return sizing
    }
  }
}
