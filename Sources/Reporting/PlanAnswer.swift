public import Planning
import Engines
import Units

/// The answer to one question about a plan: a sentence for the chosen option, and a row for each of the others.
public struct PlanAnswer: Sendable {
  /// What is asked.
  public enum Question: Hashable, Sendable {
    /// The longest context that fits.
    case largestContext
    /// How many requests of the planned length fit at once.
    case concurrentRequests
    /// The form of the most bits that fits.
    case bestQuantization
  }

  private let plan: Plan
  private let question: Question

  public init(_ plan: Plan, _ question: Question) {
    self.plan = plan
    self.question = question
  }

  public func rendered() -> String {
    if question == .bestQuantization { return FitScreen(plan).rendered() }
    var table = TextTable(["", "quantization", "engine", ">weights", title, "verdict at \(planned)"])
    for (index, option) in plan.options.enumerated() where option.memory != nil {
      table.add([
        index == plan.chosen ? ">" : "", option.quantization + (option.hasToBeMade ? " *" : ""),
        option.engine.rawValue, option.tensorBytes.map { "\($0.value)" } ?? "",
        figure(option).map { "\($0.value.grouped)" } ?? "none", PlanScreen.word(option.verdict),
      ])
    }
    let isMarked = plan.options.contains { $0.memory != nil && $0.hasToBeMade }
    let note = isMarked ? "\n\n\(PublishedFilesNote.unlisted)" : ""
    return "\(Prose.wrapped(sentence()))\n\n\(table.rendered())\(note)"
  }

  private var title: String { question == .largestContext ? ">largest context" : ">requests at once" }

  private var planned: String {
    let option = plan.chosen.map { plan.options[$0] } ?? plan.options.first
    return option.map { "\($0.contextLength.grouped) tokens" } ?? "the planned context"
  }

  private func figure(_ option: PlanOption) -> Figure<Int>? {
    question == .largestContext ? option.largestContext : option.largestParallel
  }

  private func sentence() -> String {
    guard let chosen = plan.chosen, let figure = figure(plan.options[chosen]) else {
      return plan.reasons.last.map { "None: \($0.message)." } ?? "None: nothing fits."
    }
    let option = plan.options[chosen]
    let place = "\(option.quantization) on \(option.engine.rawValue)"
    return question == .largestContext
      ? "Largest context: \(figure.value.grouped) tokens (\(counted(option.parallel, "request")), \(place)), "
        + "\(figure.source.detail)."
      : "Requests at once: \(figure.value.grouped) of \(planned) each (\(place)), \(figure.source.detail)."
  }
}
