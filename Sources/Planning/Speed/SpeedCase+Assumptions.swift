import Units

extension SpeedCase {
  /// The facts on which this case rests and for which usual values stand in.
  var assumedFacts: Set<AssumedFact> {
    var facts = device.assumed
    if !usesHost { facts.remove(.hostBandwidth) }
    if ways <= 1 { facts.remove(.linkBandwidth) }
    return facts
  }

  /// The same in words, with what to do.
  var assumptions: [Reason] {
    let facts = assumedFacts
    return [AssumedFact.hostBandwidth, .linkBandwidth, .peak].filter(facts.contains).map { fact in
      func amount(_ value: Double) -> String { value.formatted(significant: 3) }
      switch fact {
      case .hostBandwidth:
        return Reason(
          .hostBandwidthAssumed,
          "the host's memory bandwidth is not known: \(amount(device.hostBandwidth / 1e9)) GB/s is assumed",
          remedy: "plimsoll probe --measure there, or a processor's name in --on")
      case .linkBandwidth:
        return Reason(
          .linkBandwidthAssumed,
          "the devices' link is not known: \(amount(device.linkBandwidth / 1e9)) GB/s is assumed",
          remedy: "plimsoll probe there, or interconnectGigabytesPerSecond in the machine's profile")
      case .peak:
        return Reason(
          .peakRateAssumed,
          "the device's peak rate is not known: \(amount(device.peak / 1e12)) TFLOPS is assumed",
          remedy: "teraOperationsPerSecond in the machine's profile")
      }
    }
  }
}
