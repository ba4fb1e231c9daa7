import Engines
import Hardware
import Models
import Units

extension PlacementSearch {
  /// Servers on the processors alone.
  func processors() -> EngineRules.Fit {
    let places = ProcessorPlacement(
      machine: machine, engine: rules.kind, streams: rules.request.workload.concurrency,
      replicas: rules.request.replicas,
      holds: { judged($0).fits },
      rate: { placement in
        speed.flatMap { speed in
          let asked = rules.request.speedRequest(candidate, rules.kind, placement, settings(placement))
          let threads = ThreadLadder(estimator: speed, asked: rules.request.threads).threads(for: asked)
          return speed.rates(asked.with(threads: threads?.decode, prompts: threads?.prompt))?.output
        }
      })
    guard let found = places.found() else { return rules.judged(candidate, Placement()) }
    var fit = judged(found.placement)
    fit.why = found.why
    return fit
  }

  private func judged(_ placement: Placement) -> EngineRules.Fit {
    rules.with(settings(placement)).judged(candidate, placement)
  }

  /// The pages of a mapped file lie where they were first read, for all that map it: a server that wants its weights on
  /// its own node, or spread over all, reads them into memory of its own.
  private func settings(_ placement: Placement) -> EngineSettings {
    var settings = rules.request.settings
    let hasPlace = placement.numaNode != nil || placement.interleave == true || placement.replicas > 1
    if hasPlace, machine.processorNodes.count > 1, rules.kind.isLlamaCpp { settings.memoryMap = false }
    return settings
  }
}
