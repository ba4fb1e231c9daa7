import Benchmarking
import Hardware

/// NVIDIA's management library as a meter of a benchmark.
struct NvidiaMeter: AcceleratorMeter {
  private let library: NVMLMeter

  /// The meters of this machine that are not the kernel's own files.
  static var all: [any AcceleratorMeter] { NVMLMeter().map { [NvidiaMeter(library: $0)] } ?? [] }

  func readings() -> [AcceleratorReading] {
    library.powers().enumerated().map { number, power in
      AcceleratorReading(
        name: "\(number)", joules: power.millijoules.map { Double($0) / 1000 },
        watts: power.milliwatts.map { Double($0) / 1000 })
    }
  }
}
