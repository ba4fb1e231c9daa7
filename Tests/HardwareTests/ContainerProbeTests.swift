import Platform
import Testing
import Units

@testable import Hardware

@Suite struct ContainerProbeTests {
  private static let v2 = [
    "/proc/self/cgroup": "0::/outer/inner\n",
    "/proc/self/mountinfo": "30 24 0:27 / /sys/fs/cgroup rw shared:4 - cgroup2 cgroup2 rw,nsdelegate\n",
  ]

  @Test func takesTheSmallestLimitOfAllAncestors() {
    var files = Self.v2
    files["/sys/fs/cgroup/outer/inner/memory.max"] = "max\n"
    files["/sys/fs/cgroup/outer/memory.max"] = "2147483648\n"
    files["/sys/fs/cgroup/outer/memory.current"] = "1000000000\n"
    files["/sys/fs/cgroup/outer/memory.stat"] = "anon 300000000\ninactive_file 400000000\nactive_file 100000000\n"
    files["/sys/fs/cgroup/outer/inner/cpu.max"] = "350000 100000\n"
    files["/sys/fs/cgroup/outer/cpu.max"] = "150000 100000\n"
    files["/sys/fs/cgroup/outer/cpuset.cpus.effective"] = "0-7\n"
    files["/sys/fs/cgroup/outer/inner/cpuset.cpus.effective"] = "4-9\n"
    let limits = ContainerProbe(tree: MemoryTree(files: files)).limits()
    #expect(limits.memory?.value == ByteCount(2_147_483_648))
    #expect(limits.memoryUsed?.value == ByteCount(500_000_000), "page cache is not used memory")
    #expect(limits.cpus?.value == 1.5)
    #expect(limits.allowed?.list == "4-7")
  }

  @Test func readsVersionOneInsideItsMount() {
    let files = [
      "/proc/self/cgroup": "5:memory:/docker/abc\n3:cpu,cpuacct:/docker/abc\n",
      "/proc/self/mountinfo": """
      40 30 0:36 /docker/abc /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory
      41 30 0:37 /docker/abc /sys/fs/cgroup/cpu,cpuacct ro - cgroup cgroup rw,cpu,cpuacct
      """,
      "/sys/fs/cgroup/memory/memory.limit_in_bytes": "1073741824",
      "/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us": "50000",
      "/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us": "100000",
    ]
    let limits = ContainerProbe(tree: MemoryTree(files: files)).limits()
    #expect(limits.memory?.value == .gibibytes(1))
    #expect(limits.cpus?.value == 0.5)
  }

  @Test func readsBothVersionsAtOnce() {
    let files = [
      "/proc/self/cgroup": "4:memory:/job\n0::/job\n",
      "/proc/self/mountinfo": """
      32 31 0:29 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory
      33 31 0:30 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw
      """,
      "/sys/fs/cgroup/memory/job/memory.limit_in_bytes": "4294967296",
      "/sys/fs/cgroup/unified/job/cpu.max": "200000 100000",
    ]
    let limits = ContainerProbe(tree: MemoryTree(files: files)).limits()
    #expect(limits.memory?.value == .gibibytes(4))
    #expect(limits.cpus?.value == 2)
  }

  @Test(arguments: ["max 100000", "0 100000", "-1 100000", "100000 0", "", "a b", "1 2 3", "100000 x"])
  func treatsNonsenseAsNoQuota(_ text: String) {
    var files = Self.v2
    files["/sys/fs/cgroup/outer/inner/cpu.max"] = text
    #expect(ContainerProbe(tree: MemoryTree(files: files)).limits().cpus == nil)
  }

  @Test(arguments: ["9223372036854771712", "max", "", "-1", "18446744073709551615"])
  func treatsTheGreatestNumberAsNoLimit(_ text: String) {
    var files = Self.v2
    files["/sys/fs/cgroup/outer/inner/memory.max"] = text
    #expect(ContainerProbe(tree: MemoryTree(files: files)).limits().memory == nil)
  }
}
