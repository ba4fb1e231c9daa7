import Units

extension Machine {
  /// What else keeps the processors busy, in words; nil where they are quiet or nobody can tell.
  ///
  /// - Parameter loadAverage: the text of `/proc/loadavg`.
  public func otherWork(loadAverage: String?) -> String? {
    let load = loadAverage.flatMap { $0.split(separator: " ").first.flatMap { Double($0) } }
    // The load is that of the whole machine, whatever part of it this process may use.
    guard let load, let threads = (cpu.onlineThreads ?? cpu.threads)?.value, load > 1.5 * Double(threads) else {
      return nil
    }
    return "the load average was \(load.formatted(significant: 2)) on \(threads) CPUs"
  }
}
