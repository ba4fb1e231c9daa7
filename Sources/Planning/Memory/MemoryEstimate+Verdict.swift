public import Engines
public import Units

extension MemoryEstimate {
  /// Sums the parts over all devices into the band of the whole.
  public init(_ footprint: MemoryFootprint) {
    var (low, expected, high) = (ByteCount.zero, ByteCount.zero, ByteCount.zero)
    for device in footprint.devices {
      for part in device.components.all {
        low += part.figure.low ?? part.figure.value
        expected += part.figure.value
        high += part.figure.high ?? part.figure.value
      }
    }
    self.init(devices: footprint.devices, lowBytes: low, expectedBytes: expected, highBytes: high)
  }

  /// Judges the estimate against what each device can give: "fits" holds at the upper end of the band.
  public func verdict() -> (verdict: Verdict, reason: Reason) {
    var tightest: (share: Double, device: DeviceMemory)?
    for device in devices {
      guard let usable = device.usableBytes?.value else {
        return (
          .doesNotFit,
          Reason(
            "unknown-memory", "how much memory \(device.name) has is not known",
            remedy: "state it in the profile or in --on, as in \"cpu, 64 GiB\"")
        )
      }
      let need = device.highBytes
      if need > usable {
        return (
          .doesNotFit,
          Reason(
            "insufficient-memory", "needs up to \(need) on \(device.name), which has \(usable) usable",
            remedy: "\(need - usable) less would fit: a smaller quantization, context or number of slots")
        )
      }
      let share = Double(need.bytes) / Double(max(usable.bytes, 1))
      if share > tightest?.share ?? -1 { tightest = (share, device) }
    }
    guard let tightest else { return (.fits, Reason("fits", "needs no memory")) }
    let percent = (tightest.share * 100).formatted(decimals: 0)
    let sentence = "uses at most \(percent)% of what \(tightest.device.name) has"
    return tightest.share > 0.9 ? (.tight, Reason("tight-fit", sentence)) : (.fits, Reason("fits", sentence))
  }
}

extension DeviceMemory {
  /// The upper end of the band over all parts.
  public var highBytes: ByteCount {
    components.all.reduce(.zero) { $0 + ($1.figure.high ?? $1.figure.value) }
  }

  /// The best single guess over all parts.
  public var expectedBytes: ByteCount { components.all.reduce(.zero) { $0 + $1.figure.value } }
}
