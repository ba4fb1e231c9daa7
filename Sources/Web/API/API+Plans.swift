import Engines
import Models
import Planning
import Profiles
import Units
import Workflows

extension API {
  var planEndpoints: [Endpoint] {
    [
      Endpoint(
        method: "POST", path: "/plan", name: "plan", group: "Plans",
        words: "Each quantization of a model on a machine: memory, speed, verdict, command.",
        body: [Self.modelField, Self.machineField] + Self.planFields
          + [Field("limits", .flag, "Work out the largest context of each option too.")],
        answer: .document("plan")
      ) { inputs in
        let found = try await warm.model(inputs.text("model") ?? "")
        return try .json(try await plan(found, inputs, quantizations: inputs.text("quantizations") ?? "usual"))
      }
    ]
  }

  static let modelField = Field(
    "model", .text(most: 512), "A name of the catalogue, hf:org/name[:QUANT], or a model that is here.", required: true,
    example: "qwen3-8b")

  static let planFields = [
    Field("quantizations", .text(most: 400), "Names with commas between them, or usual, files, as-is, all."),
    Field("context", .integer(0...10_000_000), "Tokens of one request; 0 for the trained length."),
    Field("concurrency", .integer(1...1_000_000), "Requests in flight."),
    Field("workload", .choice(workloadNames), "A kind of use."),
    Field("inputTokens", .integer(1...10_000_000), "Tokens of a prompt."),
    Field("outputTokens", .integer(1...10_000_000), "Tokens of an answer."),
    Field("timeToFirstToken", .number(0.001...100_000), "Target in seconds."),
    Field("timePerOutputToken", .number(0.0001...1000), "Target in seconds."),
    Field("prefixHit", .number(0.01...0.99), "Share of the prompts' tokens that the cache already holds."),
    Field("kvType", .text(most: 30), "Type of the KV cache, such as q8_0.", example: "q8_0"),
    Field("gpuLayers", .integer(0...100_000), "Layers on the GPU, the output layer counted."),
    Field("cpuMoe", .integer(0...100_000), "Keep the experts of the first layers on the CPU."),
    Field("tensorParallel", .integer(1...1024), "GPUs that share each layer."),
    Field("lora", .texts(most: 8, length: 512), "Paths of LoRA adapters in the folders of models."),
    Field("draft", .text(most: 512), "Draft model for speculative decoding, by a name as for model."),
    Field("threads", .integer(1...4096), "Threads of the server; as planned if left out."),
    Field("engine", .choice(EngineKind.allCases.map(\.rawValue)), "Only this engine."),
    Field("use", .choice(Use.allCases.map(\.rawValue)), "What it is for."),
    Field("objective", .choice(Objective.Kind.allCases.map(\.rawValue)), "What counts most."),
    Field("minSpeed", .number(0...1e6), "Tokens a second below which an option ranks last."),
    Field("gpuOnly", .flag, "Keep the whole model on the GPUs."),
  ]

  /// What a request asks of a plan, but for its quantizations.
  static func wishes(_ inputs: Inputs) -> PlanWishes {
    var wishes = PlanWishes()
    (wishes.objective, wishes.use) = (inputs.choice("objective"), inputs.choice("use"))
    wishes.leastTokensPerSecond = inputs.number("minSpeed")
    wishes.isOnAcceleratorsOnly = inputs.flag("gpuOnly")
    (wishes.contextLength, wishes.concurrency) = (inputs.integer("context"), inputs.integer("concurrency"))
    (wishes.inputTokens, wishes.outputTokens) = (inputs.integer("inputTokens"), inputs.integer("outputTokens"))
    wishes.timeToFirstToken = inputs.number("timeToFirstToken")
    wishes.timePerOutputToken = inputs.number("timePerOutputToken")
    wishes.prefixHit = inputs.number("prefixHit")
    let engine: EngineKind? = inputs.choice("engine")
    wishes.threads = inputs.integer("threads")
    wishes.engines = engine.map { [$0] } ?? []
    (wishes.placement.gpuLayers, wishes.placement.tensorParallel) = (
      inputs.integer("gpuLayers"), inputs.integer("tensorParallel")
    )
    wishes.settings.cpuMoeLayers = inputs.integer("cpuMoe") ?? 0
    return wishes
  }

  /// The kind of use of a name.
  ///
  /// - Throws: `WebFault` where there is none.
  func workload(_ name: String) throws -> WorkloadProfile {
    guard let profile = try workspace.catalogue().workloads().first(where: { $0.name == name }) else {
      throw WebFault(400, "no workload is called \(name)")
    }
    return profile
  }

  /// Plans what a request asks for, by the planner that every command asks.
  func plan(
    _ found: FoundModel, _ inputs: Inputs, quantizations: String, replicas: Int? = nil
  ) async throws -> Plan {
    let place = try await warm.place(inputs.text("machine"))
    var wishes = Self.wishes(inputs)
    wishes.quantizations = quantizations
    wishes.kvType = try inputs.text("kvType").map { try KVCacheType(wished: $0) }
    let workload = try inputs.text("workload").map { try self.workload($0).workload } ?? Workload()
    var request = try wishes.request(found.model, siblings: found.siblings, on: place.machine, workload: workload)
    let bounds = ModelBounds(in: workspace)
    let adapters = try inputs.texts("lora").map { try bounds.path($0) }
    request.load(beside: try PlanWishes.companions(of: found.model, adapters: adapters))
    if let draft = try inputs.text("draft").map({ try bounds.name($0) }) {
      request.guess(by: try await workspace.guessing(byDraft: draft))
    }
    request.published = found.published
    request.replicas = replicas
    request.enginesHere = place.enginesHere
    var planner = place.planner
    planner.findsLimits = inputs.flag("limits")
    let (asked, ready) = (request, planner)
    return try await aside { ready.plan(asked) }
  }
}
