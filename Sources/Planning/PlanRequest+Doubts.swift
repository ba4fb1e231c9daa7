import Engines
import Hardware
import Models
import Units

extension PlanRequest {
  /// What was asked for and can be done, but will hardly be what is meant.
  var doubts: [Reason] {
    var doubts: [Reason] = []
    let trained = model.shape.contextLength
    if let contextLength, trained > 0 {
      let longest = trained.multipliedReportingOverflow(by: plannedParallel)
      if !longest.overflow, contextLength > longest.partialValue {
        let each = plannedParallel > 1 ? " in each of \(plannedParallel) slots" : ""
        doubts.append(
          Reason(
            .beyondTrainedContext,
            "a context of \(contextLength.grouped) tokens was asked for, and the model was trained for "
              + "\(trained.grouped)\(each): beyond that its answers fall apart",
            remedy: "use --context \(longest.partialValue), or set up the model's own stretching of positions"))
      }
    }
    if let slot = slotLength, workload.inputTokens + workload.outputTokens > slot {
      doubts.append(
        Reason(
          .requestLongerThanSlot,
          "each of \(plannedParallel) slots has \(slot.grouped) tokens of the context, and a request of "
            + "\((workload.inputTokens + workload.outputTokens).grouped) has no room in one",
          remedy: "use a --context of \(plannedParallel) times a request, or --kv-unified on"))
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

  /// Tokens of one of several slots of llama.cpp, where a context was asked for; nil where slots share all of it.
  private var slotLength: Int? {
    let isLlamaCpp = engines.isEmpty ? model.format == .gguf : engines.contains(where: \.isLlamaCpp)
    guard let contextLength, contextLength > 0, isLlamaCpp, !settings.kvUnified, plannedParallel > 1 else { return nil }
    return contextLength / plannedParallel
  }
}
