public import Planning
public import Units

extension Sizing {
  /// - Throws: `NothingHolds` where no machine does.
  public func requireAnswer() throws {
    if recommended == nil { throw NothingHolds(self) }
  }

  /// - Throws: `Failure` for a price that is for several machines, which has to say which.
  public func requireUnambiguousPrices() throws {
    guard let notice = notices.first(where: { $0.code == .ambiguousPrice }) else { return }
    throw Failure(.usage, notice.code, notice.message, remedy: notice.remedy)
  }
}

extension SizingTiers {
  /// - Throws: `NothingHolds` where no machine holds any of them.
  public func requireAnswer() throws {
    if let first = tiers.first, tiers.allSatisfy({ $0.sizing.recommended == nil }) { throw NothingHolds(first.sizing) }
  }
}

/// Nothing that was considered holds the load.
public struct NothingHolds: ExplainedError {
  var sizing: Sizing

  public init(_ sizing: Sizing) { self.sizing = sizing }

  public var outcome: FailureOutcome { .doesNotFit }

  public var reason: Reason {
    let machines = sizing.failedMachines
    guard sizing.options.isEmpty else {
      return Reason(
        .nothingHoldsTheLoad,
        "no machine holds \(sizing.model) under this load with \(sizing.confidence.percent) confidence",
        remedy: "ask for less with --confidence, or relax the targets with --ttft and --tpot")
    }
    let only = machines.count == 1 ? machines.first?.reason : nil
    // No target helps what has no room for the weights.
    let small: Set<ReasonCode> = [.insufficientMemory, .unknownWeights, .unknownMemory]
    let isSmall = machines.allSatisfy { small.contains($0.reason.code) }
    let remedy =
      isSmall
      ? "use a smaller model, more GPUs in a box (--counts 16), or servers over several boxes (--nodes 4)"
      : "relax the targets with --ttft and --tpot, or allow other quantizations"
    return Reason(
      .nothingHoldsTheLoad,
      machines.count == 1
        ? "\(machines[0].box) does not hold \(sizing.model) under this load"
        : "none of \(machines.count) machines holds \(sizing.model) under this load",
      remedy: only?.remedy ?? remedy)
  }
}
