import Hardware
import Models
import Planning
import Platform
import Units

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Times the readers of model files and the table of quantizations; `compare-readers` holds them against Python's.
///
///     reader-speed read PATH    milliseconds to make a model of it, the best of five, and the peak of resident memory
///     reader-speed table PATH   milliseconds to plan every quantization of it at eight context lengths
enum ReaderSpeed {
  enum Failure: Error, CustomStringConvertible {
    case usage
    var description: String { "usage: reader-speed read|table PATH" }
  }

  static func run(_ arguments: [String]) throws {
    guard arguments.count == 2 else { throw Failure.usage }
    switch arguments[0] {
    case "read":
      let milliseconds = try best { _ = try ModelReader.read(path: arguments[1]) }
      print("\(milliseconds) ms, \(peakMebibytes()) MiB")
    case "table":
      let model = try ModelReader.read(path: arguments[1])
      var options = 0
      let milliseconds = best { options = table(model) }
      print("\(milliseconds) ms, \(options) options")
    default: throw Failure.usage
    }
  }

  /// Plans all mixes at eight lengths, and returns how many options came out.
  private static func table(_ model: Model) -> Int {
    var machine = Machine(name: "cpu, 256 GiB")
    machine.memory.totalBytes = Figure(.gibibytes(256), .user, "benchmark")
    machine.memory.availableBytes = machine.memory.totalBytes
    var request = PlanRequest(model: model, machine: machine)
    request.engines = [.llamaCpp]
    request.quantizations = .all
    request.hasImportanceMatrix = true
    var planner = Planner()
    planner.findsLimits = false
    return (0..<8).reduce(0) { count, power in
      request.contextLength = 1024 << power
      return count + planner.plan(request).options.count
    }
  }

  private static func best(_ action: () throws -> Void) rethrows -> Double {
    let clock = MonotonicClock()
    var least = Int64.max
    for _ in 0..<5 {
      let start = clock.now()
      try action()
      least = min(least, clock.now() - start)
    }
    return Double(least / 10_000) / 100
  }

  private static func peakMebibytes() -> Int {
    var usage = rusage()
    #if canImport(Glibc)
      getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
      return usage.ru_maxrss / 1024
    #else
      getrusage(RUSAGE_SELF, &usage)
      return usage.ru_maxrss / 1_048_576
    #endif
  }
}
