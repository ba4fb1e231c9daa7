import Engines
import Hardware
import Models
import Units

extension PlanRequest {
  /// What was asked for and can be done, but will hardly be what is meant.
  var doubts: [Reason] {
    var doubts: [Reason] = []
    if let doubt = Self.beyondTrained(totalContext.map { $0 / plannedParallel } ?? contextLength, model) {
      doubts.append(doubt)
    }
    if let slot = slotLength, workload.inputTokens + workload.outputTokens > slot {
      doubts.append(
        Reason(
          .requestLongerThanSlot,
          "each of \(counted(plannedParallel, "slot")) has \(slot.grouped) tokens of the context, and a request of "
            + "\((workload.inputTokens + workload.outputTokens).grouped) has no room in one",
          remedy: "use a --context of a request's input and output together"))
    }
    let processors = machine.cpu.threads?.value ?? machine.cpu.cores?.value
    if let threads, let processors, threads > processors {
      doubts.append(
        Reason(
          .moreThreadsThanProcessors,
          "\(threads) threads were asked for, and \(machine.name) has \(counted(processors, "processor")): "
            + "threads that take turns wait for each other at every layer",
          remedy: "leave --threads out, which takes the cores that are there"))
    }
    return doubts
  }

  /// Tokens that one request may have, where a context was asked for; nil where slots share all of it.
  private var slotLength: Int? {
    if let contextLength, contextLength > 0 { return contextLength }
    guard let totalContext, totalContext > 0, !settings.kvUnified else { return nil }
    return totalContext / plannedParallel
  }

  /// Why requests of a length are longer than the model was trained for; nil where they are not, or that is not known.
  static func beyondTrained(_ length: Int?, _ model: Model) -> Reason? {
    let trained = model.shape.contextLength
    guard let length, trained > 0, length > trained else { return nil }
    return Reason(
      .beyondTrainedContext,
      "a context of \(length.grouped) tokens was asked for, and the model was trained for \(trained.grouped): beyond "
        + "that its answers fall apart",
      remedy: "use --context \(trained), or turn on the model's RoPE scaling")
  }
}
