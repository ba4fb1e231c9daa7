import Engines
import Foundation
import Hardware
import Models
import Profiles
import Units

@testable import Planning

/// Machines of the catalogue with models of a dozen shapes: what the laws are held on.
///
/// A sample of some dozen pairs is taken. `PLIMSOLL_LAW_GRID=20` takes twenty times as many, and `PLIMSOLL_LAW_GRID=all`
/// every machine with every model: hours in a debug build.
enum LawGrid {
  struct Cell: Sendable, CustomStringConvertible {
    var machine: Machine
    var model: Model
    var description: String { "\(model.name) on \(machine.name)" }
  }

  static let names = [
    "qwen3-0.6b", "llama-3.2-3b-instruct", "qwen3-8b", "gemma-3-27b-it", "qwen3-32b", "llama-3.3-70b-instruct",
    "mistral-large-instruct-2411", "gpt-oss-20b", "qwen3-30b-a3b", "granite-4.0-h-small", "qwen3-235b-a22b",
    "deepseek-r1",
  ]

  static let models: [Model] = names.compactMap { try? Profiles().modelCatalogue().model(named: $0) }

  private static let profiles = Profiles()
  static let entries = profiles.entries()
  private static let counts = [1, 2, 4, 8]

  /// A pair of each `stride` of all, counted from `first`: machines as they are, and accelerators in each of four numbers.
  static func cells(every stride: Int, from first: Int = 0) -> [Cell] {
    let asked = ProcessInfo.processInfo.environment["PLIMSOLL_LAW_GRID"]
    let step = asked == "all" ? 1 : max(1, stride / max(1, asked.flatMap(Int.init) ?? 1))
    let all = entries.count * models.count * counts.count
    return Swift.stride(from: first % step, to: all, by: step).compactMap(cell)
  }

  private static func cell(_ number: Int) -> Cell? {
    let count = counts[number % counts.count]
    let model = models[number / counts.count % models.count]
    guard let machine = try? profiles.machine(entries[number / (counts.count * models.count)]) else { return nil }
    let isPart =
      machine.accelerators.count == 1 && machine.memory.totalBytes == nil
      && machine.accelerators[0].sharesMemory != true
    guard isPart || count == 1 else { return nil }
    return Cell(machine: machine.holding(isPart ? count : machine.accelerators.count), model: model)
  }

  static let workload = Workload(name: "law", inputTokens: 3000, outputTokens: 1000)

  static func planner() throws -> Planner {
    var planner = Planner(speed: SpeedEstimator(try Profiles().efficiencies()))
    planner.findsLimits = false
    return planner
  }

  static func request(_ cell: Cell, _ forms: [String] = ["as-is", "Q4_K_M"]) -> PlanRequest {
    var request = PlanRequest(model: cell.model, machine: cell.machine, workload: workload)
    request.quantizations = .named(forms)
    return request
  }
}
