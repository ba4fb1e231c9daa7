import Platform
import Synchronization
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

  @Test func acceleratorsAreCountedByTheirCountersOrTheirPower() {
    /// Counts 70 J between readings, whatever its power is said to be.
    final class Card: AcceleratorMeter {
      private let joules = Mutex(7000.0)

      func readings() -> [AcceleratorReading] {
        let now = joules.withLock { joules in
          joules += 70
          return joules
        }
        return [AcceleratorReading(name: "0", joules: now, watts: 100), AcceleratorReading(name: "1")]
      }
    }
    let chip = "/sys/class/hwmon/hwmon"
    let files = HwmonAccelerators(
      tree: MemoryTree(files: [
        "\(chip)1/name": "amdgpu", "\(chip)1/power1_average": "100000000", "\(chip)1/power1_cap": "300000000",
        "\(chip)2/name": "amdgpu", "\(chip)2/power1_input": "9000000",
        "\(chip)3/name": "xe", "\(chip)3/energy1_input": "5000000",
      ]))
    #expect(files.readings().map(\.name) == ["hwmon1", "hwmon3"])
    var energy = AcceleratorEnergy([files, Card()])
    #expect(energy.joules(at: 0) == 0)
    // 100 W for two seconds, and what the card counted; the counter of xe stands still.
    #expect(energy.joules(at: 2_000_000_000) == 270)
  }

  @Test(arguments: [
    ("http://127.0.0.1:80", true), ("http://localhost:80/v1", true), ("http://[::1]:80", true),
    ("http://10.0.0.3:80", false), ("http://localhost.example.org:80", false),
  ])
  func theEnergyOfAServerElsewhereIsNotKnownHere(_ url: String, _ isHere: Bool) {
    #expect(BenchmarkTarget(baseURL: url, model: "m").isOnThisMachine == isHere)
    var sampler = ServerSampler(
      tree: tree(ticks: 1, busy: 1, energy: 1), processes: [], isServersMachine: isHere)
    #expect((sampler.sample(at: 0).joules != nil) == isHere)
  }

  @Test func aMachineThatShowsNothingGivesNothing() {
    var sampler = ServerSampler(tree: MemoryTree(files: [:]), processes: [10])
    let sample = sampler.sample(at: 5)
    #expect(sample == TelemetrySample(time: 5))
  }
}
