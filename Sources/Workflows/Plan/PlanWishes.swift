public import Engines
public import Hardware
public import Models
public import Planning
import Platform
import Units

/// What is asked of a model and of the server that would carry it, by the options of a command or by the web app.
public struct PlanWishes: Sendable {
  /// What the best option is the best for; nil goes by use and load.
  public var objective: Objective.Kind?
  public var use: Use?
  /// Tokens a second below which options rank last.
  public var leastTokensPerSecond: Double?
  public var isOnAcceleratorsOnly = false
  /// `usual`, `as-is`, `files`, `all`, or names with commas between them.
  public var quantizations = "usual"
  public var hasImportanceMatrix = false
  /// Tokens of one request; 0 as trained, nil what the workload needs.
  public var contextLength: Int?
  public var totalContext: Int?
  /// Requests in flight; nil for the workload's.
  public var concurrency: Int?
  public var inputTokens: Int?
  public var outputTokens: Int?
  /// Targets in seconds; nil for the workload's.
  public var timeToFirstToken: Double?
  public var timePerOutputToken: Double?
  /// Share of the prompts' tokens that the cache already holds; nil for none.
  public var prefixHit: Double?
  public var engines: [EngineKind] = []
  public var threads: Int?
  /// Nil leaves the cache's type to the plan.
  public var kvType: KVCacheType?
  public var settings = EngineSettings()
  public var placement = PlacementWishes()

  public init() {}

  /// The request of one model on one machine, for a workload of which any part may be asked otherwise.
  ///
  /// - Throws: `Failure` for what contradicts itself or the machine.
  public func request(
    _ model: Model, siblings: [Model], on machine: Machine, workload: Workload
  ) throws -> PlanRequest {
    let workload = try changed(workload, trained: model.shape.contextLength)
    var request = PlanRequest(model: model, machine: machine, workload: workload)
    request.siblings = siblings
    request.engines = engines
    request.quantizations = try quantizations(among: [model] + siblings)
    request.hasImportanceMatrix = hasImportanceMatrix
    request.contextLength = contextLength
    request.totalContext = totalContext
    request.parallel = concurrency
    request.threads = threads
    if let kvType {
      request.kvType = kvType
      request.isCacheTypeStated = true
    }
    request.objective = resolvedObjective(for: workload)
    request.use = use
    request.isOnAcceleratorsOnly = isOnAcceleratorsOnly
    request.settings = settings
    request.placement = try placement.placement(on: machine)
    return request
  }

  /// What was asked for, else what such a load is usually about.
  ///
  /// - Parameter usual: the use where none is named.
  public func resolvedObjective(for workload: Workload, usual: Use? = nil) -> Objective {
    let use = use ?? usual
    var resolved = Objective(for: workload, use: use)
    if let objective {
      resolved = Objective(objective, leastTokensPerSecond: objective == .interactive ? use?.leastTokensPerSecond : nil)
    }
    if let leastTokensPerSecond { resolved.leastTokensPerSecond = leastTokensPerSecond }
    return resolved
  }

  // MARK: - Requests

  /// Refuses a request that has no room in the context.
  public func checkRoom(usual: Workload) throws {
    guard let request = statedRequest(usual: usual), let contextLength, contextLength > 0, request > contextLength
    else { return }
    throw Failure(
      .usage, .wrongUsage,
      "a request of \(request.grouped) tokens has no room in --context \(contextLength.grouped)",
      remedy: "use --context \(request), or fewer --input-tokens")
  }

  private func changed(_ workload: Workload, trained: Int) throws -> Workload {
    try checkRoom(usual: workload)
    if let stated = statedRequest(usual: workload) {
      guard stated <= trained || trained <= 0 || (contextLength ?? 0) >= stated else {
        throw Failure(
          .usage, .wrongUsage,
          "a request of \(stated.grouped) tokens is longer than the \(trained.grouped) that the model was trained for")
      }
    }
    var workload = workload
    if let inputTokens { workload.inputTokens = inputTokens }
    if let outputTokens { workload.outputTokens = outputTokens }
    if let concurrency { workload.concurrency = concurrency }
    workload.timeToFirstTokenTarget = timeToFirstToken ?? workload.timeToFirstTokenTarget
    workload.timePerOutputTokenTarget = timePerOutputToken ?? workload.timePerOutputTokenTarget
    workload.prefixHit = prefixHit
    return workload
  }

  /// Tokens of one request where its lengths were stated, in part or whole.
  private func statedRequest(usual: Workload) -> Int? {
    guard inputTokens != nil || outputTokens != nil else { return nil }
    return (inputTokens ?? usual.inputTokens) + (outputTokens ?? usual.outputTokens)
  }

  // MARK: - Forms

  /// What is named beside the nearest.
  private static let usualNames = ["Q8_0", "Q6_K", "Q5_K_M", "Q4_K_M", "FP8", "AWQ 4-bit", "MLX 4-bit"]

  /// The quantizations that are planned, of those that the files have or that can be made.
  private func quantizations(among files: [Model]) throws -> PlanRequest.Quantizations {
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
      let near = unknown.flatMap { nearestNames(to: $0, in: PlanRequest.Quantizations.names, count: 3) }
      let nearest = near.isEmpty ? "" : "nearest: \(near.joined(separator: ", ")). "
      throw Failure(
        .usage, .wrongUsage,
        "no quantization is called \(printable(unknown.joined(separator: ", ")))",
        remedy: "\(nearest)The usual ones are \(Self.usualNames.joined(separator: ", ")); or as-is, files, usual, all")
    }
    return .named(names)
  }
}

extension KVCacheType {
  /// Reads a type, or one for keys and one for values with a comma between them.
  ///
  /// - Throws: `Failure` for a type that no engine has.
  public init(wished text: String) throws {
    let names = text.split(separator: ",").map(String.init)
    guard let key = names.first, names.count <= 2 else {
      throw Failure(.usage, .wrongUsage, "--kv-type takes one type, or two comma-separated ones")
    }
    if let unknown = names.first(where: { !KVCacheType.names.contains($0) }) {
      throw Failure(
        .usage, .wrongUsage,
        "no engine has a KV cache of type \(printable(unknown)); there are \(KVCacheType.names.joined(separator: ", "))"
      )
    }
    self.init(key: key, value: names.last ?? key)
  }
}
