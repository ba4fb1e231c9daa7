public import Units

/// Everything that a benchmark found, as it goes into the records.
public struct BenchmarkResult: Hashable, Sendable {
  public var settings: BenchmarkSettings
  public var target: String
  /// Seconds since 1970.
  public var startedAt: Double
  public var durationSeconds: Double
  /// Every request by its number, those of the warm-up too (stage `warm-up`, `calibration`); empty where the benchmark was
  /// not to keep them.
  public var requests: [RequestRecord] = []
  /// When each request of a stage was due, nanoseconds from the stage's start; open loops only.
  public var schedules: [String: [Int64]] = [:]
  public var stages: [StageResult] = []
  /// Of the only stage; of a search, its best; of a sweep, the one with the most output tokens a second. Stages are
  /// different loads, so they are never summed up together.
  public var summary = RunSummary(completed: 0, errors: 0, durationSeconds: 0)
  public var validity = Validity()
  public var client: ClientHealth
  public var samples: [TelemetrySample] = []
  /// The stage that the summary is of, where there are several.
  public var summaryStage: String?
  /// How the server wanted to be told how long answers may be.
  public var outputLimit = BenchmarkTarget.OutputLimit.maxTokens
  /// How prompt lengths were made to fit the server's tokenizer.
  public var calibration = TokenCalibration()
  public var isInterrupted = false
  /// Of a search: the stage of the highest load that kept the goals; nil where none did.
  public var bestStage: String?

  /// The server's largest resident memory seen; nil where it was not sampled.
  public var serverPeakBytes: Int? { samples.compactMap { $0.serverResidentBytes }.max() }
}

/// What a benchmark tells while it runs.
public enum BenchmarkEvent: Sendable {
  /// A stage begins; the schedule is that of an open loop.
  case stageStarted(Stage, schedule: [Int64]?)
  /// Requests that ended, in the order in which they did.
  case requests([RequestRecord])
  case progress(BenchmarkProgress)
  case sample(TelemetrySample)
  /// The server is there and not ready, by its own words; it is asked again.
  case waiting(String)
  case stageFinished(StageResult)
}

/// Why a benchmark could not be made.
public enum BenchmarkError: ExplainedError, Hashable, Sendable, CustomStringConvertible {
  case noResources
  /// Connections and the program itself need more open files than the process may have.
  case tooFewFiles(needed: Int, allowed: Int)
  case dataset(path: String, cause: String)
  case unsupported(String)

  public var description: String {
    switch self {
    case .noResources: "the load generator could not start: out of file descriptors or threads"
    case .tooFewFiles(let needed, let allowed):
      "the benchmark needs about \(needed) open files at once; \(allowed) are allowed here"
    case .dataset(let path, let cause): "cannot use the data set \(path): \(cause)"
    case .unsupported(let cause): cause
    }
  }

  public var reason: Reason {
    switch self {
    case .noResources: Reason(.noResources, description, remedy: "raise the limit of open files: ulimit -n 65536")
    case .tooFewFiles: Reason(.openFilesLimit, description, remedy: "ulimit -n 65536, or fewer requests in flight")
    case .dataset: Reason(.badDataset, description)
    case .unsupported: Reason(.unsupported, description)
    }
  }

  public var outcome: FailureOutcome {
    switch self {
    case .noResources, .tooFewFiles: .failed
    case .dataset: .refusedInput
    case .unsupported: .usage
    }
  }
}
