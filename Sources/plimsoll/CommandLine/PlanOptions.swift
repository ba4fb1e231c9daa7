public import ArgumentParser
public import Engines
import Foundation
import Hardware
import Models
import Planning
import Units
import Workflows

/// What is asked of a model and of the server that would carry it.
struct PlanOptions: ParsableArguments {
  @Option(help: "Engine: llama.cpp, ampere-llama.cpp, mlx or vllm; may be repeated.") var engine: [EngineKind] = []
  @Option(help: "Quantizations: as-is, files, usual, all, or names parted by commas.") var quantizations = "usual"
  @Flag(help: "An importance matrix is at hand for the quantizations that need one.") var imatrix = false
  @Option(
    name: [.long, .customLong("max-context")], parsing: .unconditional,
    help: "Context of one request, in tokens; 0 as trained.")
  var context: TokenCount?
  @Option(
    parsing: .unconditional,
    help: "Context over all slots instead, as llama.cpp's own -c counts it; other engines divide it by the slots.")
  var totalContext: TokenCount?
  @Option(name: [.long, .customLong("concurrency")], parsing: .unconditional, help: "Slots or sequences at once.")
  var parallel: Int?
  @Option(help: WorkloadOption.kinds) var workload: String?
  @Option(parsing: .unconditional, help: "Tokens that a request brings.") var inputTokens: Int?
  @Option(parsing: .unconditional, help: "Tokens that a request asks for.") var outputTokens: Int?
  @Option(parsing: .unconditional, help: .hidden) var input: Int?
  @Option(parsing: .unconditional, help: .hidden) var output: Int?
  @Option(
    parsing: .unconditional,
    help: "Target for the first token, such as 2s: the plan then says how many requests at once keep it.")
  var ttft: LatencyTarget?
  @Option(parsing: .unconditional, help: "Target for each further token, such as 50ms.") var tpot: LatencyTarget?
  @Option(help: "Types of cached keys and values: one, or two parted by a comma.") var kvType: String?
  @Option(help: "Flash attention: on or off.") var flashAttention: Switch = .on
  @Option(help: "One cache for all slots: on or off.") var kvUnified: Switch = .off
  @Option(parsing: .unconditional, help: "Tokens of a logical batch.") var batch = 2048
  @Option(parsing: .unconditional, help: "Tokens of a physical batch; 512, for embedders a whole prompt.") var ubatch:
    Int?
  @Flag(help: "Keep the whole context of layers with a window.") var swaFull = false
  @Option(
    parsing: .unconditional,
    help: "Rows of logits to reserve; 0 for all of a batch, as benchmarks of the library do.")
  var outputRows: Int?
  @Option(parsing: .unconditional, help: "Threads for computing.") var threads: Int?
  @Option(parsing: .unconditional, help: "vLLM: share of a device's memory.") var gpuMemoryUtilization: Double = 0.92
  @Option(parsing: .unconditional, help: "vLLM: size of the cache, as \"4 GiB\".") var kvMemory: String?
  @Flag(help: "vLLM: no CUDA graphs.") var enforceEager = false
  @Option(help: "vLLM: machines of this kind that one server spans, a stage of the layers on each.") var nodes = 1
  @OptionGroup var placement: PlacementOptions

  enum Switch: String, ExpressibleByArgument { case on, off }

  func validate() throws {
    if context != nil, totalContext != nil {
      throw ValidationError("--context is of one request and --total-context of all slots: give one")
    }
    if !(1...1024).contains(nodes) { throw ValidationError("--nodes is from 1 to 1024") }
    try ttft?.check("--ttft")
    try tpot?.check("--tpot")
    let counts: [(String, Int?)] = [
      ("--concurrency", parallel), ("--input-tokens", inputTokens ?? input),
      ("--output-tokens", outputTokens ?? output),
      ("--batch", batch), ("--ubatch", ubatch), ("--threads", threads),
    ]
    for (name, value) in counts {
      if let value, !(1...10_000_000).contains(value) { throw ValidationError("\(name) is from 1 to 10,000,000") }
    }
    if let outputRows, outputRows < 0 { throw ValidationError("--output-rows is 0 or more") }
    guard gpuMemoryUtilization > 0, gpuMemoryUtilization <= 1 else {
      throw ValidationError("--gpu-memory-utilization is a share above 0, at most 1")
    }
    if let kvType { _ = try cacheType(kvType) }
    _ = try settings()
    // The lengths that a named workload adds are read with the profiles.
    if workload == nil, let request = statedRequest(usual: Workload()) { try checkRoom(for: request) }
  }

  /// Tokens of one request where its lengths were stated, in part or whole.
  private func statedRequest(usual: Workload) -> Int? {
    let (input, output) = (inputTokens ?? input, outputTokens ?? output)
    guard input != nil || output != nil else { return nil }
    return (input ?? usual.inputTokens) + (output ?? usual.outputTokens)
  }

  private func checkRoom(for request: Int) throws {
    guard let context, context.tokens > 0, request > context.tokens else { return }
    throw ValidationError("a request of \(request.grouped) tokens has no room in --context \(context.tokens.grouped)")
  }

  /// The request of one model on one machine, for a workload of which any part may be given otherwise.
  func request(_ model: Model, siblings: [Model], on machine: Machine, workload: Workload) throws -> PlanRequest {
    let trained = model.shape.contextLength
    if let stated = statedRequest(usual: workload) {
      try checkRoom(for: stated)
      guard stated <= trained || trained <= 0 || (context?.tokens ?? 0) >= stated else {
        throw ValidationError(
          "a request of \(stated.grouped) tokens is longer than the \(trained.grouped) that the model was trained for")
      }
    }
    var workload = workload
    if let input = inputTokens ?? input { workload.inputTokens = input }
    if let output = outputTokens ?? output { workload.outputTokens = output }
    if let parallel { workload.concurrency = parallel }
    workload.timeToFirstTokenTarget = ttft?.seconds ?? workload.timeToFirstTokenTarget
    workload.timePerOutputTokenTarget = tpot?.seconds ?? workload.timePerOutputTokenTarget
    var request = PlanRequest(model: model, machine: machine, workload: workload)
    request.siblings = siblings
    request.engines = engine
    request.quantizations = try chosenQuantizations([model] + siblings)
    request.hasImportanceMatrix = imatrix
    request.contextLength = context?.tokens
    request.totalContext = totalContext?.tokens
    request.parallel = parallel
    request.threads = threads
    if let kvType { request.kvType = try cacheType(kvType) }
    request.settings = try settings()
    request.placement = try placement.placement(on: machine)
    request.companions = try placement.companions(of: model)
    request.settings.projectorPath = request.companions.first { $0.role == .projector }?.file.path
    request.draft = try placement.draftModel()
    request.draftAcceptance = placement.draftAcceptance
    do {
      return try request.spanning(nodes)
    } catch {
      throw Failure(.usage, error.code, error.message, remedy: error.remedy)
    }
  }

  private func chosenQuantizations(_ files: [Model]) throws -> PlanRequest.Quantizations {
    switch quantizations {
    case "as-is": return .asIs
    case "files": return .files
    case "usual": return .usual
    case "all": return .all
    default: break
    }
    let names = quantizations.split(separator: ",").map { String($0.filter { $0 != " " }) }
    let unknown = PlanRequest.Quantizations.unknown(among: names, files: files)
    guard unknown.isEmpty, !names.isEmpty else {
      let known = PlanRequest.Quantizations.names.joined(separator: ", ")
      throw ValidationError(
        "no quantization is called \(unknown.joined(separator: ", ")); there are as-is, files, usual, all, or of \(known)"
      )
    }
    return .named(names)
  }

  private func cacheType(_ text: String) throws -> KVCacheType {
    let names = text.split(separator: ",").map(String.init)
    guard let key = names.first, names.count <= 2 else {
      throw ValidationError("--kv-type takes one type, or two parted by a comma")
    }
    if let unknown = names.first(where: { !KVCacheType.names.contains($0) }) {
      throw ValidationError(
        "no engine caches in \(unknown); there are \(KVCacheType.names.joined(separator: ", "))")
    }
    return KVCacheType(key: key, value: names.last ?? key)
  }

  private func settings() throws -> EngineSettings {
    var settings = EngineSettings()
    settings.flashAttention = flashAttention == .on
    settings.kvUnified = kvUnified == .on
    settings.batch = batch
    if let ubatch {
      settings.ubatch = ubatch
      settings.isUbatchStated = true
    }
    settings.swaFull = swaFull
    settings.outputRows = outputRows
    settings.gpuMemoryUtilization = gpuMemoryUtilization
    settings.enforceEager = enforceEager
    if let kvMemory {
      guard let bytes = ByteCount(parsing: kvMemory) else {
        throw ValidationError("--kv-memory takes an amount such as \"4 GiB\"")
      }
      settings.kvMemory = bytes
    }
    placement.apply(to: &settings)
    return settings
  }
}

extension PlanOptions {
  /// The options of a plan that the words of a command line give, in their order.
  ///
  /// The parser does not tell what was given from what was left at its default: the names are those of the properties.
  static func given(in words: [String]) -> [String] {
    let names = Set(names(of: PlanOptions()) + names(of: PlacementOptions()) + ["--max-context", "--concurrency"])
    return words.prefix { $0 != "--" }.map { String($0.prefix { $0 != "=" }) }.filter { names.contains($0) }
  }

  private static func names(of options: some ParsableArguments) -> [String] {
    Mirror(reflecting: options).children.compactMap(\.label).map { label in
      "--"
        + label.drop { $0 == "_" }.map { $0.isUppercase ? "-\($0.lowercased())" : String($0) }.joined()
    }
  }
}

extension EngineKind: ExpressibleByArgument {}
