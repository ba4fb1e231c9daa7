import Engines
import Fixtures
import Hardware
import Testing
import Units

@testable import Planning

/// Several servers on one machine: where each goes, and when there are too many.
@Suite struct ServerCopiesTests {
  /// An option that needs so much of each place: weights, and as much again of everything else.
  private func option(
    _ kind: EngineKind, weights: ByteCount, rest: ByteCount, devices: [Int] = [], host: ByteCount? = nil
  ) -> PlanOption {
    var option = PlanOption(
      quantization: "Q4_1", origin: .file, engine: kind, verdict: .fits, reason: Reason("fits", "fits"),
      contextLength: 512, parallel: 1)
    option.placement.devices = devices
    option.placement.tensorParallel = kind == .vllm ? max(1, devices.count) : 1
    func memory(_ name: String, _ weights: ByteCount, _ rest: ByteCount) -> DeviceMemory {
      func exact(_ bytes: ByteCount) -> Figure<ByteCount> { Figure(bytes, .computed, "test") }
      return DeviceMemory(
        name: name, usableBytes: nil,
        components: MemoryComponents(
          weights: exact(weights), kvCache: exact(rest), recurrentState: exact(.zero), compute: exact(.zero),
          output: exact(.zero), overhead: exact(.zero)))
    }
    let parts =
      devices.isEmpty
      ? [memory("cpu", weights, rest)]
      : devices.map { memory("gpu\($0)", weights, rest) } + (host.map { [memory("cpu", .zero, $0)] } ?? [])
    option.memory = MemoryEstimate(MemoryFootprint(devices: parts))
    var asked = LaunchRequest(modelPath: "/m", contextLength: 512, parallel: 1, threads: devices.isEmpty ? 30 : nil)
    asked.placement = option.placement
    asked.deviceVendor = devices.isEmpty ? nil : "NVIDIA"
    option.launch = EngineCatalogue.engine(kind).launch(asked)
    return option
  }

  /// Two nodes of 32 GiB with eight cores of two threads each.
  private var twoNodes: Machine {
    var machine = Machine(name: "two nodes")
    machine.memory.totalBytes = Figure(.gibibytes(64), .user, "test")
    machine.cpu.cores = Figure(16, .user, "test")
    machine.numaNodes = [(0, "0-7,16-23"), (1, "8-15,24-31")].map { id, cpus in
      var node = NUMANode(id: id)
      node.cpus = Figure(cpus, .user, "test")
      node.memoryBytes = Figure(.gibibytes(32), .user, "test")
      return node
    }
    return machine
  }

  @Test func aMappedFileIsCountedOnceAndTheRestForEach() throws {
    let machine = ChoiceMachines.machine("cpu, 23")
    // 8 GiB of weights and 1.13 GiB of the rest: 8 servers are 17 GiB; with the two the other way round they are 65.
    let mapped = ServerCopies(of: option(.llamaCpp, weights: .gibibytes(8), rest: .mebibytes(1157)), on: machine)
    #expect(try mapped.placed(8).get().count == 8)
    let cached = ServerCopies(of: option(.llamaCpp, weights: .mebibytes(1157), rest: .gibibytes(8)), on: machine)
    guard case .failure(let reason) = cached.placed(8) else {
      Issue.record("8 servers of 9 GiB were accepted on 23 GiB")
      return
    }
    #expect(reason.code == "insufficient-memory" && reason.remedy == "--replicas 2 fits")
    // vLLM maps nothing.
    let read = ServerCopies(of: option(.vllm, weights: .gibibytes(8), rest: .mebibytes(1157)), on: machine)
    #expect(throws: Reason.self) { try read.placed(3).get() }
    #expect(try read.placed(2).get().count == 2)
  }

  @Test func eachServerHasItsNodeItsCoresAndItsWeights() throws {
    let copies = try ServerCopies(of: option(.llamaCpp, weights: .gibibytes(8), rest: .gibibytes(1)), on: twoNodes)
      .placed(4).get()
    #expect(copies.map(\.option.placement.numaNode) == [0, 1, 0, 1])
    #expect(copies.map(\.cpus) == ["0-3,16-19", "8-11,24-27", "4-7,20-23", "12-15,28-31"])
    for copy in copies {
      let launch = try #require(copy.option.launch)
      #expect(launch.threads == 4 && launch.arguments.contains("--no-mmap"))
      #expect(launch.wrapper?.words[1] == "--physcpubind=\(copy.cpus ?? "")")
    }
    let two = try ServerCopies(of: option(.llamaCpp, weights: .gibibytes(8), rest: .gibibytes(1)), on: twoNodes)
      .placed(2).get()
    #expect(
      two.map { $0.option.launch?.wrapper?.words }
        == (0..<2).map {
          ["numactl", "--cpunodebind=\($0)", "--membind=\($0)"]
        })
  }

  /// Weights of its own for each: 20 GiB twice are more than a node, and four times more than the machine.
  @Test func aNodesMemoryHoldsTheWeightsOfEachServerOnIt() throws {
    let copies = ServerCopies(of: option(.ampereLlamaCpp, weights: .gibibytes(20), rest: .gibibytes(1)), on: twoNodes)
    #expect(try copies.placed(2).get().allSatisfy { $0.option.placement.numaNode != nil })
    // Beyond that they are not bound, and map one file.
    let unbound = try copies.placed(4).get()
    #expect(unbound.allSatisfy { $0.option.launch?.arguments.contains("--no-mmap") == false })
  }

  /// A machine that was described has sockets only.
  @Test func socketsStandForNodesThatAreNotKnown() throws {
    var machine = ChoiceMachines.machine("cpu, 256")
    machine.cpu.packages = Figure(2, .user, "test")
    machine.cpu.cores = Figure(192, .user, "test")
    let copies = ServerCopies(of: option(.ampereLlamaCpp, weights: .gibibytes(8), rest: .gibibytes(1)), on: machine)
    #expect(try copies.placed(2).get().map(\.cpus) == ["0-95", "96-191"])
    machine.cpu.threads = Figure(384, .user, "test")
    #expect(
      try ServerCopies(of: copies.option, on: machine).placed(2).get().map(\.cpus) == [
        "0-95,192-287", "96-191,288-383",
      ])
  }

  @Test func serversOfSeveralDevicesGetDevicesOfTheirOwn() throws {
    let machine = ChoiceMachines.machine("8x h100, 512")
    let copies = ServerCopies(
      of: option(.vllm, weights: .gibibytes(60), rest: .gibibytes(10), devices: [0, 1]), on: machine)
    let placed = try copies.placed(4).get()
    #expect(placed.map(\.option.placement.devices) == [[0, 1], [2, 3], [4, 5], [6, 7]])
    #expect(placed.map { $0.option.launch?.environment["CUDA_VISIBLE_DEVICES"] } == ["0,1", "2,3", "4,5", "6,7"])
    guard case .failure(let reason) = copies.placed(5) else {
      Issue.record("5 servers of 2 GPUs were accepted on 8")
      return
    }
    #expect(reason.code == "insufficient-devices" && reason.remedy == "--replicas 4 fits")
  }

  @Test func aDeviceHoldsAsManyAsItsMemoryDoes() throws {
    let machine = ChoiceMachines.machine("2x rtx-4090, 64")
    let small = ServerCopies(
      of: option(.llamaCpp, weights: .gibibytes(6), rest: .gibibytes(1), devices: [0]), on: machine)
    #expect(try small.placed(6).get().map { $0.option.placement.devices } == [[0], [1], [0], [1], [0], [1]])
    #expect(throws: Reason.self) { try small.placed(7).get() }
    // vLLM fills its share, and what all take of the host counts too.
    let vllm = ServerCopies(of: option(.vllm, weights: .gibibytes(6), rest: .gibibytes(1), devices: [0]), on: machine)
    #expect(throws: Reason.self) { try vllm.placed(3).get() }
    let greedy = option(.llamaCpp, weights: .gibibytes(6), rest: .gibibytes(1), devices: [0], host: .gibibytes(40))
    #expect(throws: Reason.self) { try ServerCopies(of: greedy, on: machine).placed(2).get() }
  }

  /// A plan for several servers names the devices of all of them.
  @Test func thePlansOwnServersAreTakenAsPlanned() throws {
    let machine = ChoiceMachines.machine("4x a100, 512")
    var planned = option(.vllm, weights: .gibibytes(60), rest: .gibibytes(10), devices: [0, 1, 2, 3])
    planned.placement.replicas = 2
    planned.placement.tensorParallel = 2
    let placed = try ServerCopies(of: planned, on: machine).placed(2).get()
    #expect(placed.map(\.option.placement.devices) == [[0, 1], [2, 3]])
    #expect(placed.allSatisfy { $0.option.placement.replicas == 1 })
  }
}
