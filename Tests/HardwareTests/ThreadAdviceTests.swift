import Testing
import Units

@testable import Hardware

@Suite struct ThreadAdviceTests {
  private static let source = Source(.probed, "test")

  private static func machine(cores: String, threads: Int, nodes: [String] = []) -> Machine {
    var machine = Machine(name: "test")
    let set = CPUSet(list: cores) ?? CPUSet([])
    machine.cpu.cores = Figure(set.count, source)
    machine.cpu.threads = Figure(threads, source)
    machine.cpu.coreCPUs = Figure(cores, source)
    machine.numaNodes = nodes.enumerated().map { id, cpus in
      var node = NUMANode(id: id)
      node.cpus = Figure(cpus, source)
      node.memoryBytes = Figure(.gibibytes(64), source)
      return node
    }
    return machine
  }

  @Test func usesEachCoreOnce() throws {
    let advice = try #require(ThreadAdvice(Self.machine(cores: "0-7", threads: 16)))
    #expect(advice.threads == 8)
    #expect(advice.command == "taskset -c 0-7")
  }

  @Test func bindsNothingWhereAllIsOne() throws {
    #expect(try #require(ThreadAdvice(Self.machine(cores: "0-3", threads: 4))).command == nil)
  }

  @Test func staysInOneNode() throws {
    let advice = try #require(ThreadAdvice(Self.machine(cores: "0-7", threads: 16, nodes: ["0-3,8-11", "4-7,12-15"])))
    #expect(advice.node == 0)
    #expect(advice.command == "numactl --membind=0 --physcpubind=0-3")
    #expect(advice.threads == 4)
  }

  @Test func obeysTheQuota() throws {
    var machine = Self.machine(cores: "0-7", threads: 8)
    machine.cpuLimit = Figure(2.5, Self.source)
    let advice = try #require(ThreadAdvice(machine))
    #expect(advice.threads == 3)
    #expect(advice.cpus == "0-2")
  }

  @Test func prefersTheFastCores() throws {
    var machine = Self.machine(cores: "0,2,4-7", threads: 8)
    machine.cpu.kinds = [
      CoreKind(name: "P", cores: Figure(2, Self.source), coreCPUs: Figure("0,2", Self.source)),
      CoreKind(name: "E", cores: Figure(4, Self.source), coreCPUs: Figure("4-7", Self.source)),
    ]
    #expect(try #require(ThreadAdvice(machine)).cpus == "0,2")
  }
}
