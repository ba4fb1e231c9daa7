import Units

extension Machine {
  /// Why a measurement made here and now tells nothing of the machine at other times; nil where it does.
  ///
  /// - Parameter loadAverage: the text of `/proc/loadavg`.
  public func whyMeasurementIsNotKept(loadAverage: String?) -> String? {
    if let limit = memory.limitBytes { return "memory was limited to \(limit.value) (\(limit.source.detail))" }
    if let limit = cpuLimit { return "a quota left \(limit.value.formatted(significant: 3)) CPUs of time" }
    if let all = cpu.onlineThreads, let own = cpu.threads { return "\(own.value) of \(all.value) CPUs were visible" }
    let load = loadAverage.flatMap { $0.split(separator: " ").first.flatMap { Double($0) } }
    if let load, let threads = cpu.threads?.value, load > 1.5 * Double(threads) {
      return "the load average was \(load.formatted(significant: 2)) on \(threads) CPUs"
    }
    return nil
  }
}
