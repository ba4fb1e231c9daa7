import Dispatch
import Engines
import Hardware
import Planning
import Platform
import Synchronization
import Units
import Workflows

/// What one plan after the other is made of, read once: machines, models, and planners that remember a model's forms.
final class WarmFacts: Sendable {
  /// A machine with the planner that is asked for it.
  struct Place: Sendable {
    var machine: Machine
    var planner: Planner
    /// Engines whose programs are on it; nil for a machine elsewhere.
    var enginesHere: Set<EngineKind>?
  }

  private struct Kept<Value: Sendable>: Sendable {
    var value: Value
    var until: Int64
    var serial: Int
  }

  private struct State {
    var places: [String: Kept<Place>] = [:]
    var models: [String: Kept<FoundModel>] = [:]
    /// Machines that somebody sent, until the server ends.
    var sent: [String: Kept<Machine>] = [:]
    var serial = 0
  }

  private let workspace: Workspace
  private let clock = MonotonicClock()
  private let state = Mutex(State())
  /// A file or a card may be changed: what was read is asked again after this, in nanoseconds.
  private static let span: Int64 = 60_000_000_000
  private static let most = 16

  init(_ workspace: Workspace) { self.workspace = workspace }

  /// Keeps a machine that somebody sent, and returns the name that requests have for it.
  func keep(_ machine: Machine) -> String {
    state.withLock { state in
      state.serial += 1
      let name = "\(Self.sentPrefix)\(state.serial)"
      state.sent[name] = Kept(value: machine, until: .max, serial: state.serial)
      Self.trim(&state.sent)
      return name
    }
  }

  private static let sentPrefix = "upload:"

  private func machine(_ name: String) throws -> Machine {
    guard name.hasPrefix(Self.sentPrefix) else { return try workspace.machine(named: name) }
    guard let kept = state.withLock({ $0.sent[name] }) else {
      throw WebFault(404, "\(printable(name)) is not kept any more; send the file again")
    }
    return kept.value
  }

  /// Reads this machine anew for the next plan: a server that was started or ended has changed what is free.
  func forgetThisMachine() { state.withLock { $0.places[Self.thisMachine] = nil } }

  /// True while plans are made of what was read of this machine before.
  var knowsThisMachine: Bool { state.withLock { $0.places[Self.thisMachine] != nil } }

  private static let thisMachine = ""

  /// The machine of a name or a line of parts; nil for this one.
  func place(_ name: String?) async throws -> Place {
    let key = name ?? Self.thisMachine
    let now = clock.now()
    if let kept = state.withLock({ $0.places[key] }), kept.until > now { return kept.value }
    let machine =
      if let name { try machine(name) } else { await workspace.machineToPlan() }
    let place = Place(
      machine: machine, planner: workspace.planner(for: machine), enginesHere: name == nil ? workspace.enginesHere : nil
    )
    state.withLock { state in
      state.serial += 1
      state.places[key] = Kept(value: place, until: now + Self.span, serial: state.serial)
      Self.trim(&state.places)
    }
    return place
  }

  /// The model of a name that a request may have.
  func model(_ asked: String) async throws -> FoundModel {
    let name = try ModelBounds(in: workspace).name(asked)
    let now = clock.now()
    if let kept = state.withLock({ $0.models[name] }), kept.until > now { return kept.value }
    let found = try await ModelSource(name, in: workspace).found()
    state.withLock { state in
      state.serial += 1
      state.models[name] = Kept(value: found, until: now + Self.span, serial: state.serial)
      Self.trim(&state.models)
    }
    return found
  }

  private static func trim<Value>(_ kept: inout [String: Kept<Value>]) {
    while kept.count > most, let oldest = kept.min(by: { $0.value.serial < $1.value.serial }) {
      kept[oldest.key] = nil
    }
  }
}

/// Does work that takes the processor for long on a thread of its own: tasks that only wait go on meanwhile. The work is
/// part of the task that asked: it sees that this was cancelled.
func aside<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value {
  try await withTaskExecutorPreference(AsideExecutor.shared) { try work() }
}

/// Runs tasks on threads that others do not wait for.
private final class AsideExecutor: TaskExecutor {
  static let shared = AsideExecutor()

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    DispatchQueue.global().async { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
  }
}
