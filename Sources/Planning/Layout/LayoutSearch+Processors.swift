import Engines
import Hardware
import Models
import Units

extension LayoutSearch {
  /// Servers on the processors alone.
  func processors() -> Fit {
    guard let found = processorPlaces.found() else { return memory.judged(question.with(Placement())) }
    var fit = judgedOnProcessors(found.placement)
    fit.why = found.why
    return fit
  }

  /// Every way to fill the processors with servers, each with as many slots as were asked of one.
  func everyProcessorLayout() -> [Fit] {
    processorPlaces.all().map { placement, why in
      let slots = question.parallel * placement.replicas
      var fit = memory.judged(question.with(slots: slots).with(placement).with(settings(placement)))
      fit.why = why
      return fit
    }.filter(\.fits)
  }

  private var processorPlaces: ProcessorPlacement {
    ProcessorPlacement(
      machine: machine, abilities: abilities, streams: question.workload.concurrency, replicas: replicas,
      holds: { judgedOnProcessors($0).fits },
      rate: { placement in
        speed.flatMap { speed in
          let asked = question.with(placement).with(settings(placement))
          let threads = ThreadLadder(estimator: speed).threads(for: asked)
          return speed.outputRate(asked.with(threads: threads?.decode, prompts: threads?.prompt))
        }
      })
  }

  private func judgedOnProcessors(_ placement: Placement) -> Fit {
    memory.judged(question.with(placement).with(settings(placement)))
  }

  /// The pages of a mapped file lie where they were first read, for all that map it: a server that wants its weights on
  /// its own node, or spread over all, reads them into memory of its own.
  private func settings(_ placement: Placement) -> EngineSettings {
    var settings = question.settings
    let hasPlace = placement.numaNode != nil || placement.interleave == true || placement.replicas > 1
    if hasPlace, machine.processorNodes.count > 1, memory.facts.mapsWeights { settings.memoryMap = false }
    return settings
  }
}
