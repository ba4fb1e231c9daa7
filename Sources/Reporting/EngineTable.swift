public import Deployment
public import Engines
import Platform
public import Units

/// The engines of this machine, as `engines list` prints them.
public struct EngineTable: Encodable, Sendable {
  public var schema = "plimsoll.engines/1"
  public var engines: [EngineInstallation]
  /// Kinds that Plimsoll knows and did not find.
  public var missing: [EngineKind]
  /// What each kind cannot do, whatever the model.
  public var limitations: [String: [Reason]]
  /// Types of the KV cache that each kind takes, the largest first.
  public var cacheTypes: [String: [String]]
  /// Options of plans that each kind takes.
  public var options: [String: [EngineOption]]
  /// What each kind's own context counts: `all-slots` or `one-request`.
  public var contextCounts: [String: String]

  public init(found: [EngineInstallation]) {
    engines = found
    missing = EngineKind.allCases.filter { kind in !found.contains { $0.engine == kind } }
    limitations = Dictionary(
      uniqueKeysWithValues: EngineKind.allCases.map {
        ($0.rawValue, EngineCatalogue.engine($0).operation.limitations)
      })
    let kinds = EngineKind.allCases.map { ($0.rawValue, $0.planning) }
    cacheTypes = Dictionary(uniqueKeysWithValues: kinds.map { ($0, $1.cacheTypes) })
    contextCounts = Dictionary(
      uniqueKeysWithValues: kinds.map { ($0, $1.context == .allSlots ? "all-slots" : "one-request") })
    options = Dictionary(
      uniqueKeysWithValues: kinds.map { name, facts in (name, EngineOption.allCases.filter(facts.options.contains)) })
  }

  /// What would make unusable engines usable.
  public var remedies: [String] { Set(engines.compactMap { $0.problem?.remedy }).sorted() }

  /// - Parameter showsLimits: true to add what each engine cannot do, whatever the model.
  public func rendered(showsLimits: Bool = false) -> String {
    let usable = engines.count { $0.problem == nil }
    let headline =
      usable > 0
      ? "\(counted(usable, "usable engine"))." : "No usable engine found: plimsoll engines install llama.cpp"
    var table = TextTable(["engine", "build", "from", "state", "program"], optional: ["from", "program"])
    for engine in engines {
      let state =
        engine.problem.map { "unusable: \($0.message)" } ?? engine.warnings.first.map { "usable; \($0.message)" }
      table.add(
        [
          engine.engine.rawValue, engine.version ?? "unknown", engine.origin.rawValue, printable(state ?? "usable"),
          engine.program,
        ], styles: [3: engine.problem != nil ? .bad : engine.warnings.isEmpty ? .good : .doubtful])
    }
    for kind in missing { table.add([kind.rawValue, "", "", "not found", ""], styles: [3: .quiet]) }
    let found = "\(headline)\n\n\(table.rendered())"
    guard showsLimits else { return found + "\n\n" + TextStyle.quiet("--verbose shows what each engine cannot do.") }
    var limits = TextTable(["engine", "what it cannot do"])
    for kind in EngineKind.allCases {
      for reason in limitations[kind.rawValue] ?? [] { limits.add([kind.rawValue, reason.message]) }
    }
    return found + "\n\n" + limits.rendered()
  }
}
