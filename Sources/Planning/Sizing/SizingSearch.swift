import Engines
import Hardware
import Models
import Units

/// What does not depend on the machine: the forms of the model, and each engine's memory rules for it.
struct SizingForms {
  private(set) var request: SizingRequest
  let forms: [ModelForm]
  let engines: [EngineKind: MemoryEstimator]
  /// Engines that cannot guess as asked, and why.
  let optionRefusals: [EngineKind: Reason]
  /// Bits of each weight, by form.
  let bits: [Double]

  /// The same for another question about the same forms: what they weigh is not worked out again.
  func asked(_ request: SizingRequest) -> SizingForms {
    var copy = self
    copy.request = request
    return copy
  }

  init(_ request: SizingRequest) {
    self.request = request
    forms = request.forms
    let asked = request.planRequest(inFlight: 1)
    optionRefusals = Dictionary(
      uniqueKeysWithValues: EngineKind.allCases.compactMap { kind in asked.optionRefusal(kind).map { (kind, $0) } })
    engines = Dictionary(
      uniqueKeysWithValues: EngineKind.allCases.map {
        ($0, MemoryEstimator($0, for: request.model, draft: asked.draft))
      })
    let parameters = ModelTraits(request.model)?.parameters ?? 0
    bits = forms.map { parameters > 0 ? Double($0.weightBytes.bytes) * 8 / parameters : 0 }
  }

  /// True where the model answers as it was published, as far as published tests can tell: 8 bits or more, or the original.
  func keepsQuality(_ form: ModelForm) -> Bool {
    let isOriginal = form.tool == nil && (!ModelSummary(form.model).isQuantized || form.model.isPublishedInFewBits)
    // Of an embedder most bits are those of its table, whatever the layers have.
    let bits = bitsPerWeight(of: form)
    let lost =
      PublishedQuality.shareLost(PublishedQuality.loss(of: form.name), quantization: form.name, bits: bits) ?? 0
    return isOriginal || (bits >= 8 && lost < 0.01)
  }

  func bitsPerWeight(of form: ModelForm) -> Double {
    forms.firstIndex { $0.name == form.name && $0.tool == form.tool }.map { bits[$0] } ?? 0
  }
}

/// Finds what the boxes of one machine hold: every engine that says it can, every form, every layout that fills a box.
///
/// A server's speed does not depend on how many others stand beside it, so each is worked out once for all counts.
struct SizingSearch {
  let all: SizingForms
  let estimator: SpeedEstimator
  private var servers: [Shape: SizingServer?] = [:]
  private var engineRefusal: SizingRefusal?
  private let serving: [Serving]
  /// The nearest that the last box came to holding something.
  private(set) var nearest: SizingRefusal?

  var request: SizingRequest { all.request }

  /// An engine that can run some forms of the model on the machine.
  struct Serving {
    var memory: MemoryEstimator
    var rank: Double
    var forms: [Int]
  }

  /// What a server is, apart from how many stand beside it.
  private struct Shape: Hashable {
    var engine: EngineKind
    var form: Int
    var placement: Placement
    var settings: EngineSettings
    var slots: Int
  }

  init(_ all: SizingForms, estimator: SpeedEstimator, on machine: Machine) {
    self.all = all
    self.estimator = estimator
    var refusal = all.request.refusal
    var serving: [Serving] = []
    let engines = EngineKind.allCases.filter { all.request.nodes == 1 || $0.planning.layouts.spansMachines }
    for kind in refusal == nil ? engines : [] {
      let preference = EngineCatalogue.engine(kind).preference(for: all.request.model, on: machine)
      guard !preference.isOnlyByName, let memory = all.engines[kind] else { continue }
      if let cannot = all.optionRefusals[kind] {
        refusal = refusal ?? cannot
        continue
      }
      let able = all.forms.indices.filter { index in
        switch Self.answer(kind, all.forms[index], machine) {
        case nil: return true
        case .some(let reason):
          // That another container is not read, or that this is no Ampere processor, says nothing of what would serve.
          // That one has no build for the accelerator says less than what another that has says of the form.
          let isTold = refusal.map { $0.code != .wrongAccelerator } ?? false
          if !isTold, ![.unsupportedFormat, .wrongProcessor].contains(reason.code) { refusal = reason }
          return false
        }
      }
      if !able.isEmpty { serving.append(Serving(memory: memory, rank: preference.rank, forms: able)) }
    }
    self.serving = serving.sorted { $0.rank > $1.rank }
    engineRefusal = refusal.map { told in SizingRefusal(SizingRefusal.unable) { told } }
  }

  /// Why an engine does not run a form; nil where it does.
  private static func answer(_ kind: EngineKind, _ form: ModelForm, _ machine: Machine) -> Reason? {
    let engine = EngineCatalogue.engine(kind)
    guard engine.loads(form) else {
      // What it says of a form on its own machines is told, though no tool makes that form for it.
      if case .no(let reason) = engine.ability(toRun: form.loaded, quantization: form.name, on: machine),
        reason.code == .unsupportedQuantization
      {
        return reason
      }
      return Reason(.unsupportedFormat, "\(kind.rawValue) does not load \(form.name)")
    }
    if let refusal = form.refusal { return refusal }
    if form.tensors.isEmpty { return .unknownWeights }
    switch engine.ability(toRun: form.loaded, quantization: form.name, on: machine) {
    case .no(let reason): return reason
    // Nothing is bought for a kernel that its engine does not list.
    case .yes(let notes): return notes.first { $0.code == .unlistedKernel }
    }
  }

  /// Keeps why something holds nothing where nothing else came nearer; words are made for what is kept alone.
  mutating func refuse(_ distance: Double, _ reason: @escaping () -> Reason) {
    guard distance < nearest?.distance ?? .infinity else { return }
    nearest = SizingRefusal(distance, reason)
  }
}

// MARK: - Layouts of a box

extension SizingSearch {
  /// What fills a box.
  struct Found {
    /// The best within the targets as surely as asked, and the best of those that keep the model's quality.
    var best: SizingServer?
    var quality: SizingServer?
    /// The best where the expected values alone are kept within the targets.
    var risky: SizingServer?
  }

  /// The servers that fill a box and hold at least one request each.
  ///
  /// The engine that is preferred comes first where it holds anything; among its layouts the one that holds most.
  ///
  /// - Parameter isMade: true for the forms that may have to be converted first, false for the others.
  mutating func servers(of box: SizingBox, isMade: Bool = false) -> Found {
    if !isMade { nearest = engineRefusal }
    var all = Found()
    for serving in serving {
      var own = Found()
      for index in serving.forms where request.hasToBeMade(self.all.forms[index]) == isMade {
        let keepsQuality = self.all.keepsQuality(self.all.forms[index])
        guard all.best == nil || (all.quality == nil && keepsQuality) else { continue }
        for server in servers(index, serving, box) {
          func isMore(_ server: SizingServer, _ other: SizingServer?) -> Bool {
            let most = server.capacityOfEach * Double(server.replicas)
            return server.concurrency > 0 && (other.map { most > $0.capacityOfEach * Double($0.replicas) } ?? true)
          }
          if isMore(server, own.best) { own.best = server }
          if keepsQuality, isMore(server, own.quality) { own.quality = server }
          let risky = server.atExpected
          if isMore(risky, own.risky) { own.risky = risky }
        }
      }
      all.best = all.best ?? own.best
      all.quality = all.quality ?? own.quality
      all.risky = all.risky ?? own.risky
      if all.best != nil, all.quality != nil { break }
    }
    return all
  }

  /// Requests at once that a server is started for while nothing else is known: more are seldom read to the end.
  private static let mostSequences = 256
  /// Slots that are tried, from few to many.
  private static let ladder = [1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256]

  private mutating func servers(_ index: Int, _ serving: Serving, _ box: SizingBox) -> [SizingServer] {
    let form = all.forms[index]
    let isPooled = serving.memory.facts.isPooled
    let most = Double(Self.mostSequences)
    let wanted =
      request.demand.kind == .concurrency ? Int(min(request.demand.amount * request.growth, most)) : Self.mostSequences
    let slots = isPooled ? max(1, min(wanted, Self.mostSequences)) : 1
    let asked: Question
    let placement: Placement?
    switch question(form, serving.memory.kind, on: box, inFlight: slots) {
    case .success(let one): (asked, placement) = one
    case .failure(let reason):
      refuse(SizingRefusal.unable) { reason }
      return []
    }
    let search = LayoutSearch(asked, memory: serving.memory, speed: estimator)
    let fits: [Fit]
    if let placement {
      let spread = serving.memory.judged(asked.with(placement))
      fits = spread.fits ? [spread] : []
      if fits.isEmpty { refuseSmall(search, spread) }
    } else {
      fits = search.every()
      if fits.isEmpty { refuseSmall(search, search.fit()) }
    }
    return fits.compactMap { fit in
      let shape = Shape(
        engine: serving.memory.kind, form: index, placement: fit.question.ofOneServer.placement.shape,
        settings: fit.settings, slots: 0)
      let isShared = !fit.placement.devices.isEmpty && box.isCounted
      let known = isShared ? servers[shape] : nil
      let made = known ?? filled(fit, serving.memory)
      if isShared { servers[shape] = made }
      guard let server = made else {
        refuse(SizingRefusal.unable) { fit.question.speedCase().missing ?? Self.unknownBandwidth }
        return nil
      }
      if server.concurrency == 0, server.atExpected.concurrency == 0 {
        // What is late because a part of it lies in the host's memory lacks memory of the devices first.
        if !fit.placement.devices.isEmpty, !fit.isWholeOnDevices {
          refuseSmall(search, serving.memory.judged(asked.with(search.whole)))
          return nil
        }
        refuse(SizingRefusal.late(by: server.lateness)) { [request] in Self.tooLate(server, request) }
        return nil
      }
      return server.standing(fit)
    }
  }

  /// What a box is asked, and its layout where one server spans several machines: then `plan` fixes it.
  func question(
    _ form: ModelForm, _ kind: EngineKind, on box: SizingBox, inFlight: Int
  ) -> Result<(question: Question, placement: Placement?), Reason> {
    let plain = request.planRequest(on: box.machine, inFlight: inFlight)
    guard box.nodes > 1 else { return .success((plain.question(form, kind), nil)) }
    do {
      let spread = try plain.spanning(box.nodes)
      return .success((spread.question(form, kind), spread.placement))
    } catch {
      return .failure(error)
    }
  }

  /// A server with as many slots as its memory holds.
  func filled(_ fit: Fit, _ memory: MemoryEstimator) -> SizingServer? {
    if let pool = fit.pool { return server(fit, room: pool.usual) }
    let replicas = max(1, fit.placement.replicas)
    var held = fit
    var (low, high) = (0, Self.ladder.count - 1)
    while low < high {
      let middle = (low + high + 1) / 2
      let tried = memory.judged(fit.question.with(slots: Self.ladder[middle] * replicas))
      if tried.fits {
        held = tried
        low = middle
      } else {
        high = middle - 1
      }
    }
    held.why = fit.why
    return server(held, room: nil)
  }

  /// Servers that read prompts for each one that writes: where prompts are read apart, as many as hold most with all of them.
  private static let promptShares = [0.25, 0.5, 1, 2, 3, 4, 6]

  private func server(_ fit: Fit, room: Int?) -> SizingServer? {
    guard request.readsPromptsApart, !fit.placement.devices.isEmpty else {
      return SizingServer(fit, room: room, request, estimator)
    }
    return Self.promptShares.compactMap { SizingServer(fit, room: room, promptServers: $0, request, estimator) }
      .max { $0.capacityOfEach < $1.capacityOfEach }
  }
}

extension Placement {
  /// The layout without the numbers of its devices.
  fileprivate var shape: Placement {
    var copy = self
    copy.devices = Array(repeating: 0, count: devices.count)
    return copy
  }
}
