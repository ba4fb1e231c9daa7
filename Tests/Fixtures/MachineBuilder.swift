public import Hardware
import Units

/// A machine as a probe would find it, for tests that need one and do not care which.
public enum MachineBuilder {
  /// Two cores of a virtual machine with 24 GB, its bandwidth measured.
  public static func smallServer(name: String = "test-server") -> Machine {
    var machine = Machine(name: name)
    machine.os = Figure("Debian GNU/Linux 12 (bookworm)", .probed, "/etc/os-release")
    machine.cpu.vendor = Figure("GenuineIntel", .probed, "/proc/cpuinfo")
    machine.cpu.model = Figure("Intel(R) Xeon(R) Processor @ 2.60GHz", .probed, "/proc/cpuinfo")
    machine.cpu.architecture = Figure("x86_64", .probed, "hwloc")
    machine.cpu.packages = Figure(1, .probed, "hwloc")
    machine.cpu.cores = Figure(2, .probed, "hwloc")
    machine.cpu.threads = Figure(2, .probed, "hwloc")
    machine.cpu.features = Figure(["avx2", "avx512f", "avx512_vnni", "amx_int8"], .probed, "/proc/cpuinfo")
    machine.memory.totalBytes = Figure(ByteCount(25_261_973_504), .probed, "/proc/meminfo MemTotal")
    machine.memory.availableBytes = Figure(ByteCount(23_622_320_128), .probed, "/proc/meminfo MemAvailable")
    machine.memory.bandwidth = Figure(
      21.4e9, Source(.measured, "read sweep of 512 MiB on 2 threads, median of 5", date: "2026-11-22"))
    machine.virtualMachine = Figure(true, .probed, "cpuinfo flag hypervisor")
    machine.unknowns = [
      UnknownFact("memory.speedMTs", reason: "the firmware's tables cannot be read", command: "sudo dmidecode -t 17")
    ]
    return machine
  }
}
