public import Engines
public import Units

extension MemoryEstimate {
  /// Sums the parts over all devices into the band of the whole.
  public init(_ footprint: MemoryFootprint) {
    var (low, expected, high) = (ByteCount.zero, ByteCount.zero, ByteCount.zero)
    for device in footprint.devices {
      low += device.lowBytes
      expected += device.expectedBytes
      high += device.highBytes
    }
    self.init(devices: footprint.devices, lowBytes: low, expectedBytes: expected, highBytes: high)
  }

  /// Judges the estimate against what each device can give: "fits" holds at the upper end of the band.
  ///
  /// - Parameters:
  ///   - passesUnknownHost: True where the accelerators hold the model and a host whose memory nobody stated only serves
  ///     them: then they alone are judged. A plan says so of its host.
  ///   - pool: The memory that the host and some of the devices share; nil where each has its own.
  public func verdict(passesUnknownHost: Bool = false, pool: SharedPool? = nil) -> (verdict: Verdict, reason: Reason) {
    var tightest: (share: Double, words: String)?
    for device in devices {
      guard let usable = device.usableBytes?.value else {
        if passesUnknownHost, device.isHost { continue }
        return (.doesNotFit, device.unknownReason)
      }
      let need = device.highBytes
      if need > usable {
        return (
          .doesNotFit,
          Reason(
            .insufficientMemory, "needs up to \(need) on \(device.name), which has \(usable) usable",
            remedy: pool?.remedy(for: device, of: self)
              ?? "\(need - usable) less would fit: a smaller quantization, context or number of slots")
        )
      }
      let share = Double(need.bytes) / Double(max(usable.bytes, 1))
      if share > tightest?.share ?? -1 { tightest = (share, "what \(device.name) has") }
    }
    if let pool, let need = pool.need(of: self) {
      if need > pool.usable {
        return (
          .doesNotFit,
          Reason(
            .insufficientMemory,
            "needs up to \(need) on \(pool.words) together, which share \(pool.usable) usable",
            remedy: "\(need - pool.usable) less would fit: a smaller quantization, context or number of slots")
        )
      }
      let share = Double(need.bytes) / Double(max(pool.usable.bytes, 1))
      if share > tightest?.share ?? -1 { tightest = (share, "the memory that \(pool.words) share") }
    }
    guard let tightest else { return (.fits, Reason(.fits, "needs no memory")) }
    let percent = (tightest.share * 100).formatted(decimals: 0)
    let sentence = "uses at most \(percent)% of \(tightest.words)"
    return tightest.share > 0.9 ? (.tight, Reason(.tightFit, sentence)) : (.fits, Reason(.fits, sentence))
  }
}

extension DeviceMemory {
  /// True for the memory of the processors.
  public var isHost: Bool { name == "cpu" }

  /// Why nothing can be planned on it, where its size is not known.
  var unknownReason: Reason {
    Reason(
      .unknownMemory, "how much memory \(isHost ? "the host" : name) has is not known",
      remedy: isHost
        ? "state it behind the machine's name, as in \"rtx-4090, 64 GiB\", or as memory.totalBytes of the profile"
        : "state its memoryBytes in the machine's profile")
  }
}
