extension SpeedDevice {
  /// Devices of several kinds that take layers in turn, as one device of their mean rates.
  ///
  /// The time of a token is the sum over the devices of their share of the layers at their own rates, so rates are
  /// harmonic means weighted by share: 1/b = sum(share_i / b_i). Kernels and links are those of the device with most.
  static func inTurn(_ devices: [SpeedDevice], shares: [Double]) -> SpeedDevice {
    let whole = max(shares.reduce(0, +), 1e-9)
    let order = zip(devices, shares).sorted { ($1.1, $0.0.slug) < ($0.1, $1.0.slug) }
    guard var mean = order.first?.0 else { return devices[0] }
    func harmonic(_ rate: (SpeedDevice) -> Double) -> Double {
      1 / zip(devices, shares).map { $1 / whole / max(rate($0), 1) }.reduce(0, +)
    }
    mean.bandwidth = harmonic(\.bandwidth)
    mean.peak = harmonic(\.peak)
    mean.memory = devices.map(\.memory).reduce(0, +) / Double(devices.count)
    mean.linkBandwidth = devices.map(\.linkBandwidth).min() ?? mean.linkBandwidth
    mean.hasFastLink = devices.allSatisfy(\.hasFastLink)
    return mean
  }

  /// Devices that share every layer wait for the slowest of them, and hold what the smallest does.
  static func slowest(of devices: [SpeedDevice]) -> SpeedDevice {
    guard var slow = devices.min(by: { ($0.bandwidth, $0.slug) < ($1.bandwidth, $1.slug) }) else { return devices[0] }
    slow.peak = devices.map(\.peak).min() ?? slow.peak
    slow.memory = devices.map(\.memory).min() ?? slow.memory
    slow.linkBandwidth = devices.map(\.linkBandwidth).min() ?? slow.linkBandwidth
    slow.hasFastLink = devices.allSatisfy(\.hasFastLink)
    return slow
  }

  /// Sets the link to that through the host, where not all of the devices are joined by a faster one.
  ///
  /// - Parameter rates: 10^9 bytes a second of each device to the host, where they are known.
  mutating func reachThroughHost(at rates: [Double]) {
    guard hasFastLink else { return }
    hasFastLink = false
    // Both ways and with both ends' copies: about half of one direction is left.
    linkBandwidth = rates.min().map { $0 * 0.5e9 } ?? 12e9
  }
}
