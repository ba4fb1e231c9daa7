import Engines
import Hardware
import Models
import Units

extension SizingSearch {
  static let unknownBandwidth = Reason(
    .unknownBandwidth, "its memory's bandwidth is not known, so neither is its speed")

  /// Keeps why a form does not fit a box, with what would.
  mutating func refuseSmall(_ search: LayoutSearch, _ fit: Fit) {
    let machine = search.machine
    guard fit.verdict != .unsupported else {
      return refuse(SizingRefusal.undividable) { fit.reason }
    }
    let room = machine.accelerators.indices.reduce(ByteCount.zero) {
      $0 + (machine.usableBytes(ofAccelerator: $1)?.value ?? .zero)
    }
    let usable = machine.accelerators.isEmpty ? machine.usableHostBytes?.value ?? .zero : room
    let factor = Double(search.form.weightBytes.bytes) / Double(max(1, usable.bytes))
    refuse(SizingRefusal.small(by: factor)) { Self.tooSmall(fit, search, usable: usable) }
  }

  private static func tooSmall(_ fit: Fit, _ search: LayoutSearch, usable: ByteCount) -> Reason {
    let machine = search.machine
    guard usable > .zero || (machine.memory.totalBytes ?? machine.accelerators.first?.memoryBytes) != nil else {
      return Reason(
        .unknownMemory, "its memory is not stated, so what fits is not known",
        remedy: "state it, as in --on \"\(machine.name), 64 GiB\"")
    }
    let form = search.form
    let more = moreDevices(than: machine.accelerators.count, search)
    let others = [more.map { "the weights need at least \($0) of these GPUs: try --counts \($0)" }].compactMap { $0 }
    let parameters = Double(form.model.parameters?.value ?? 0) / 1e9
    let most =
      usable.bytes > 0 && form.weightBytes > .zero
      ? (Double(usable.bytes) / Double(form.weightBytes.bytes) * parameters * 0.9).formatted(significant: 2) : nil
    return Reason(
      .insufficientMemory, "\(form.name) on \(search.memory.kind.rawValue): \(fit.reason.message)",
      remedy: others.first ?? most.map { "a model of up to \($0) billion parameters would fit" } ?? fit.reason.remedy)
  }

  /// The least number of the box's accelerators that holds the form, where they are alike and more can be put beside.
  private static func moreDevices(than count: Int, _ search: LayoutSearch) -> Int? {
    let machine = search.machine
    guard let kind = machine.accelerators.first, kind.sharesMemory != true,
      machine.accelerators.allSatisfy({ $0.memoryBytes?.value == kind.memoryBytes?.value })
    else { return nil }
    func holds(_ number: Int) -> Bool {
      let wider = search.question.with(machine: machine.holding(number))
      return LayoutSearch(wider, memory: search.memory).fit().isWholeOnDevices
    }
    return ((count + 1)...max(count + 1, 16)).first(where: holds)
  }

  static func tooLate(_ server: SizingServer, _ request: SizingRequest) -> Reason {
    let outcome = server.load.steady(server.quantities, inFlight: 1)
    let workload = request.workload
    let isPessimistic = request.isPessimistic
    let (first, each) = server.latencies(of: outcome, isPessimistic: isPessimistic)
    var relaxed: [String] = []
    func ending(_ percentile: Double?) -> String { percentile.map { "-p\(Int(($0 * 100).rounded()))" } ?? "" }
    if let target = workload.timeToFirstTokenTarget, first > target {
      relaxed.append("--ttft\(ending(request.firstTokenPercentile)) \((first * 1.05).formatted(significant: 2))")
    }
    if let target = workload.timePerOutputTokenTarget, each > target {
      relaxed.append("--tpot\(ending(request.outputTokenPercentile)) \((each * 1.05).formatted(significant: 2))")
    }
    let words = "\(server.form.name) on \(server.engine.rawValue)"
    return Reason(
      .tooSlow,
      "one request alone takes \(formattedSeconds(first)) to its first token and \(formattedSeconds(each)) for each "
        + "further one (\(words))",
      remedy: relaxed.isEmpty ? nil : "a single request would be in time with \(relaxed.joined(separator: " "))")
  }
}

extension Fit {
  /// True where it fits with nothing in the host's memory.
  var isWholeOnDevices: Bool {
    fits && !placement.devices.isEmpty && placement.gpuLayers == nil && settings.cpuMoeLayers == 0
  }
}
