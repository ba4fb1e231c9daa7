public import Benchmarking
public import Engines
public import Hardware
public import Planning
public import Units

/// One benchmark, as it is stored: what was asked of what, every request, and what came out.
public struct Run: Hashable, Sendable, Codable {
  public static let schema = "plimsoll.run/1"

  public enum Status: String, Hashable, Sendable, Codable, CaseIterable { case running, complete, incomplete, failed }

  public var schema: String = Run.schema
  /// Short and unique: `20261122-2103-a1b2c3`.
  public var id: String
  /// Seconds since 1970.
  public var startedAt: Double
  public var status: Status
  /// The deployment's name or the endpoint's address, without credentials.
  public var target: String
  /// The server's address, without credentials and query.
  public var address: String?
  /// The model's name as it was asked for, and those that the server lists.
  public var modelAsked: String?
  public var modelsListed: [String]?
  public var machine: Machine?
  public var plan: Plan?
  public var model: ModelSummary?
  public var engine: String?
  public var engineBuild: String?
  /// What was asked, as the benchmark's own settings in JSON.
  public var settings: [String: String]
  public var stages: [StageResult]
  /// Of the only stage; of several, of the one that `summaryStage` names.
  public var summary: RunSummary
  /// The stage that the summary is of, where there are several: a search's best, or the one with the most output tokens a
  /// second.
  public var summaryStage: String?
  public var validity: Validity
  /// What the plan had said, beside what was measured.
  public var predicted: SpeedPrediction?
  /// The load of the prediction, where it is not the plan's.
  public var predictedFor: Workload?
  public var predictedMemory: MemoryEstimate?
  /// What the engine's log said that it allocated.
  public var engineMemory: EngineMemory?
  /// Seconds from the start of the server to its first token, where the run's own tool started it.
  public var readySeconds: Double?
  /// The server's largest resident memory seen, bytes.
  public var serverPeakBytes: Figure<ByteCount>?
  public var client: ClientHealth?
  public var tags: [String]
  public var note: String?
  /// The Plimsoll that measured it; nil for runs of other tools, and of versions that did not say.
  public var plimsoll: ProgramVersion?

  public init(id: String, startedAt: Double, target: String) {
    self.id = id
    self.startedAt = startedAt
    self.target = target
    status = .running
    settings = [:]
    stages = []
    summary = RunSummary(completed: 0, errors: 0, durationSeconds: 0)
    validity = Validity()
    tags = []
  }
}
