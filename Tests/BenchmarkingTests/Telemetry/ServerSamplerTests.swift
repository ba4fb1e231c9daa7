import Platform
import Testing

@testable import Benchmarking

@Suite struct ServerSamplerTests {
  private func tree(ticks: Int, busy: Int, energy: Int) -> MemoryTree {
    MemoryTree(files: [
      "/proc/10/stat": "10 (a) b) S 1 10 10 0 -1 0 0 0 0 0 \(ticks) 5 0 0 20 0 1 0 100 0 0",
      "/proc/10/statm": "5000 2000 100 1 0 900 0",
      "/proc/10/task/10/children": "11 ",
      "/proc/11/stat": "11 (worker) S 10 10 10 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 100 0 0",
      "/proc/11/statm": "5000 1000 100 1 0 900 0",
      "/proc/stat": "cpu  \(busy) 0 0 \(1000 - busy) 0 0 0 0 0 0\ncpu0 1 1 1 1",
      "/proc/meminfo": "MemTotal: 1000 kB\nMemAvailable:  600 kB",
      "/sys/devices/system/cpu/cpu0/cpufreq/scaling_cur_freq": "3000000",
      "/sys/class/hwmon/hwmon3/name": "k10temp",
      "/sys/class/hwmon/hwmon3/temp1_input": "61500",
      "/sys/class/powercap/intel-rapl:0/energy_uj": "\(energy)",
      "/sys/class/powercap/intel-rapl:0/max_energy_range_uj": "9000000",
      "/sys/class/powercap/intel-rapl:0:0/energy_uj": "1",
    ])
  }

  @Test func readsAProcessWithItsChildrenAndTheMachine() {
    var sampler = ServerSampler(tree: tree(ticks: 100, busy: 100, energy: 8_000_000), processes: [10])
    let sample = sampler.sample(at: 0)
    #expect(sample.serverResidentBytes == 3000 * 4096)
    #expect(sample.serverCPU == nil)
    #expect(sample.availableBytes == 600 * 1024)
    #expect(sample.megahertz == 3000)
    #expect(sample.celsius == 61.5)
    #expect(sample.joules == 0)
  }

  @Test func aMachineThatShowsNothingGivesNothing() {
    var sampler = ServerSampler(tree: MemoryTree(files: [:]), processes: [10])
    let sample = sampler.sample(at: 5)
    #expect(sample == TelemetrySample(time: 5))
  }
}
