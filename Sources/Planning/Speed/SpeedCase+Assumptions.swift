import Engines
import Units

extension SpeedCase {
  /// The facts on which this case rests and for which usual values stand in.
  var assumedFacts: Set<AssumedFact> {
    var facts = device.assumed
    if !usesHost { facts.remove(.hostBandwidth) }
    if ways <= 1 { facts.remove(.linkBandwidth) }
    return facts
  }

  /// Which of its backends llama.cpp is taken to be built with, where several are usual.
  private var backendAssumption: Reason? {
    guard backend == .vulkan else { return nil }
    return Reason(
      .backendAssumed, "llama.cpp's Vulkan build is assumed; builds for ROCm or SYCL read prompts at another pace",
      remedy: "plimsoll calibrate with your build")
  }

  /// The same in words, with what to do.
  var assumptions: [Reason] {
    let facts = assumedFacts
    let assumed = [AssumedFact.hostBandwidth, .linkBandwidth, .peak, .graphs].filter(facts.contains).map { fact in
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
      case .graphs:
        return Reason(
          .graphsAssumed,
          "the speed is that of captured CUDA graphs; without them a step of few requests may take twice as long",
          remedy: "leave --enforce-eager out")
      }
    }
    return assumed + [backendAssumption].compactMap { $0 }
  }
}
