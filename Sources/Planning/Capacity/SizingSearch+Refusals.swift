import Engines
import Hardware
import Units

extension SizingSearch {
  static let unknownBandwidth = Reason(
    .unknownBandwidth, "its memory's bandwidth is not known, so neither is its speed")

  /// - Parameters:
  ///   - need: bytes that are needed on all devices of the pool, or on more of them.
  ///   - each: bytes of one device that can be used.
  func tooSmall(
    _ index: Int, _ need: Double, orOnMore several: Double, _ each: Double, _ pool: DevicePool
  ) -> Reason {
    let quantization = request.quantizations[index]
    guard each > 0 || (machine.memory.totalBytes ?? machine.accelerators.first?.memoryBytes) != nil else {
      return Reason(
        .unknownMemory, "its memory is not stated, so what fits is not known",
        remedy: "state it, as in --on \"\(machine.name), 64 GiB\"")
    }
    let room = each * Double(pool.count)
    let canAdd = !pool.isProcessor && !pool.isMixed && machine.accelerators.first?.sharesMemory != true
    let devices = canAdd ? Int(min(1e6, (several / max(each, 1)).rounded(.up))) : nil
    let smaller = SizingQuantization.all(for: request.model, request.traits).first { other in
      // Others than its maker seldom publish a model in MXFP4.
      (other.name != "MXFP4" || other.isOriginal) && other.format == quantization.format
        && !request.quantizations.contains(other)
        && need * other.bitsPerWeight / quantization.bitsPerWeight <= room
    }
    let others = [devices.map { "\($0) of its accelerators would hold it" }, smaller.map { "\($0.name) would fit" }]
      .compactMap { $0 }
    let most = (room / need * request.traits.parameters / 1e9).formatted(significant: 2)
    return Reason(
      .insufficientMemory,
      "\((need / 1e9).formatted(decimals: 0)) GB of weights and cache in \(quantization.name), "
        + "\((room / 1e9).formatted(decimals: 0)) GB of memory that can be used",
      remedy: others.isEmpty
        ? "a model of up to \(most) billion parameters would fit" : others.joined(separator: ", or "))
  }

  func tooLate(_ server: SizingServer) -> Reason {
    let outcome = server.load.steady(server.quantities, inFlight: 1)
    let workload = request.workload
    let isPessimistic = request.isPessimistic
    let first = outcome.timeToFirstToken * (isPessimistic ? server.widths.first : 1)
    let each = outcome.timePerOutputToken * (isPessimistic ? server.widths.each : 1)
    var relaxed: [String] = []
    if let target = workload.timeToFirstTokenTarget, first > target {
      relaxed.append("--ttft \((first * 1.05).formatted(significant: 2))")
    }
    if let target = workload.timePerOutputTokenTarget, each > target {
      relaxed.append("--tpot \((each * 1.05).formatted(significant: 2))")
    }
    let words = "\(server.quantization.name) on \(server.engine.rawValue)"
    return Reason(
      .tooSlow,
      "one request alone takes \(formattedSeconds(first)) to its first token and \(formattedSeconds(each)) for each "
        + "further one (\(words))",
      remedy: relaxed.isEmpty ? nil : "one would be held with \(relaxed.joined(separator: " "))")
  }

  /// What is too late with a part in the host's memory lacks memory on the devices first of all: both are told.
  mutating func refuseOffloaded(_ server: SizingServer) {
    let late = tooLate(server)
    guard let small = nearest, small.reason.code == .insufficientMemory else { return }
    let message = small.reason.message.split(separator: ";").first ?? ""
    refuse(small.distance.nextDown) { _ in
      Reason(
        small.reason.code, "\(message); with the rest in the host's memory \(late.message)",
        remedy: late.remedy ?? small.reason.remedy)
    }
  }
}
