import Engines
import Hub
import Models
import Planning
import Reporting
import Workflows

extension API {
  var modelEndpoints: [Endpoint] {
    [
      Endpoint(
        method: "GET", path: "/models", name: "listModels", group: "Models", words: "The models on this machine.",
        answer: .document("models")
      ) { _ in
        try .json(ModelInventory(cache: HubCache(root: workspace.hub.cache), elsewhere: workspace.keptModels))
      },
      Endpoint(
        method: "GET", path: "/models/{model}", name: "getModel", group: "Models",
        words: "What a model is, from its headers alone.",
        parameters: [
          Field(
            "model", .text(most: 512), "A name of the catalogue, hf:org/name, or a model that is here.", required: true,
            example: "qwen3-8b")
        ], answer: .document("model")
      ) { inputs in
        let found = try await warm.model(inputs.text("model") ?? "")
        return try .json(InspectDocument(found.model, listsTensors: false, fetched: found.fetched))
      },
      Endpoint(
        method: "POST", path: "/downloads", name: "download", group: "Models",
        words:
          "Fetch a model of the Hub into the cache, verified. The answer is a job with the rate and the time left.",
        body: [Self.fetchedField], status: 202, answer: .document("job")
      ) { inputs in try download(inputs) },
      Endpoint(
        method: "POST", path: "/recommend", name: "recommend", group: "Models",
        words: "The models that a machine runs well, best first.", body: Self.recommendFields,
        answer: .document("recommendation")
      ) { inputs in try .json(try await recommendation(inputs)) },
    ]
  }

  /// Begins what `plimsoll models pull` does; files that can run code when they are loaded are refused.
  private func download(_ inputs: Inputs) throws -> WebResponse {
    let reference = try HubReference(parsing: inputs.text("model") ?? "")
    try requireOnline("\(reference)")
    return try begun(
      jobs.start("download", "\(reference)") { reporter in
        let place = workspace.heard(by: reporter.audience(agrees: false))
        let pull = ModelPull(reference, takesAll: false, loadsPickles: false, in: place)
        reporter.note("looking it up")
        let pulled = try await pull.pulled(try await pull.found())
        reporter.note("in \(pulled.snapshot)")
        return nil
      })
  }

  static let fetchedField = Field(
    "model", .text(most: 512), "hf:org/name[@revision][:QUANT or file].", required: true,
    example: "hf:Qwen/Qwen3-8B-GGUF:Q4_K_M")

  private static let recommendFields = [
    machineField,
    Field("use", .choice(Use.allCases.map(\.rawValue)), "What it is for; chat if left out."),
    Field("objective", .choice(Objective.Kind.allCases.map(\.rawValue)), "What counts most."),
    Field("minSpeed", .number(0...1e6), "Tokens a second below which a model ranks last."),
    Field("gpuOnly", .flag, "Keep the whole model on the GPUs."),
    Field("license", .text(most: 100), "The license contains this."),
    Field("maker", .text(most: 100), "The maker contains this."),
    Field("since", .text(most: 10), "Released since: 2025, 2025-06 or 2025-06-30."),
    Field("minParameters", .number(0...1e15), "Fewest parameters."),
    Field("maxParameters", .number(0...1e15), "Most parameters."),
    Field("context", .integer(1...10_000_000), "Tokens of context that have to fit."),
    Field("vision", .flag, "Only vision models."),
    Field("tools", .flag, "Only models that call tools."),
    Field("multilingual", .flag, "Only multilingual models."),
    Field("all", .flag, "List models that are too slow for the use too."),
    Field("limit", .integer(1...1000), "The most models to list; 10 if left out."),
  ]

  static let machineField = Field(
    "machine", .text(most: 300), "A machine of the catalogue or a line of parts; this machine if left out.",
    example: "2x rtx-4090, 128 GiB")

  private func recommendation(_ inputs: Inputs) async throws -> RecommendationDocument {
    let place = try await warm.place(inputs.text("machine"))
    let use: Use = inputs.choice("use") ?? .chat
    var recommender = Recommender(for: place.machine, use: use, in: workspace)
    recommender.objective = Self.wishes(inputs).resolvedObjective(for: Workload(), usual: use)
    recommender.isOnAcceleratorsOnly = inputs.flag("gpuOnly")
    var filter = RecommendationFilter()
    filter.use = use
    (filter.license, filter.maker) = (inputs.text("license"), inputs.text("maker"))
    if let since = inputs.text("since") {
      guard RecommendationFilter.isDay(since) else {
        throw WebFault(400, "since is a year, a month or a day: 2025, 2025-06, 2025-06-30")
      }
      filter.since = since
    }
    (filter.leastParameters, filter.mostParameters) = (inputs.number("minParameters"), inputs.number("maxParameters"))
    filter.leastContext = inputs.integer("context")
    (filter.seesImages, filter.callsTools) = (inputs.flag("vision"), inputs.flag("tools"))
    filter.isMultilingual = inputs.flag("multilingual")
    recommender.filter = filter
    recommender.enginesHere = place.enginesHere
    (recommender.limit, recommender.showsSlow) = (inputs.integer("limit") ?? 10, inputs.flag("all"))
    let asked = recommender
    return try await aside { try asked.recommended() }
  }
}
