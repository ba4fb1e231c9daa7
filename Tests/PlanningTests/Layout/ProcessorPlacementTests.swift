import Engines
import Fixtures
import Hardware
import Models
import Profiles
import Testing
import Units

@testable import Planning

/// Threads, NUMA nodes and numbers of servers on processors, as the speed model finds them fastest.
@Suite struct ProcessorPlacementTests {
  private let estimator: SpeedEstimator

  init() throws { estimator = SpeedEstimator(try Profiles().efficiencies()) }

  private func request(_ machine: String, _ size: String, streams: Int = 1) throws -> PlanRequest {
    let model = try #require(ChoiceModels.stored(size, .gguf, "Q4_K_M"))
    var request = PlanRequest(
      model: model, machine: ChoiceMachines.machine(machine),
      workload: Workload(name: "test", inputTokens: 512, outputTokens: 128, concurrency: streams))
    request.engines = [.llamaCpp]
    request.quantizations = .asIs
    return request
  }

  private func option(_ request: PlanRequest) throws -> PlanOption {
    try #require(Planner(speed: estimator).plan(request).options.first)
  }

  /// A thread for each core would be several times slower on these, as the same model says.
  @Test(arguments: [
    ("@2x ampereone-m-a192-32m, 512 GiB", "8b"), ("@2x epyc-9654, 512 GiB", "0.6b"), ("@2x epyc-9654, 512 GiB", "8b"),
    ("@ampere-altra-q80-30, 256 GiB", "8b"), ("@graviton4, 256 GiB", "0.6b"), ("@ryzen-9-9950x, 64 GiB", "8b"),
  ])
  func noOtherNumberOfThreadsIsPredictedMuchFaster(machine: String, size: String) throws {
    let request = try request(machine, size)
    let found = try option(request)
    let threads = try #require(found.threads)
    let most = try #require(ThreadChoice(on: request.machine, for: found.placement)).threads
    let form = try #require(ModelForms.all(for: request).first)
    let asked = request.question(form, .llamaCpp).with(found.placement)
    let chosen = try rates(asked.with(threads: threads.decode, prompts: threads.prompt))
    #expect((1...most).contains(threads.decode))
    #expect((1...most).contains(threads.prompt))
    for count in 1...most {
      let other = try rates(asked.with(threads: count, prompts: count))
      #expect(other.output <= chosen.output * 1.05, "\(count) threads")
      #expect(other.prompt <= chosen.prompt * 1.05, "\(count) threads for prompts")
    }
    #expect(found.launch?.threads == threads.decode)
    #expect(found.launch?.flags.contains { $0.words == ["-tb", "\(threads.prompt)"] } == true)
  }

  /// Tokens a second of all streams, and of one prompt.
  private func rates(_ question: Question) throws -> (output: Double, prompt: Double) {
    let one = try #require(question.speedCase().speedCase)
    return (estimator.outputRate(one, question), estimator.promptRate(one, question.workload))
  }

  @Test func fewerThreadsThanCoresAreSaidWithBothSpeeds() throws {
    let threads = try #require(option(request("@2x epyc-9654, 512 GiB", "0.6b")).threads)
    #expect(threads.decode < 90)
    #expect(threads.reason.code == .fewerThreadsAreFaster)
  }

  @Test func theLadderEndsAtItsLimitAndNowhereElse() {
    #expect(ThreadLadder.counts(upTo: 1) == [1])
    #expect(ThreadLadder.counts(upTo: 12) == [1, 2, 3, 4, 5, 6, 7, 8, 10, 12])
    #expect(ThreadLadder.counts(upTo: Int.max).count < 100)
    #expect(ThreadLadder.counts(upTo: 0) == [1])
  }

  /// One of two cores was once expected to read prompts as fast as both.
  @Test(arguments: [1, 2, 4], ["0.6b", "8b"])
  func fewCoresAllReadPrompts(cores: Int, size: String) throws {
    var request = try request("@ryzen-9-9950x, 64 GiB", size, streams: 4)
    request.machine.cpu.cores = Figure(cores, Source(.probed, "test"))
    request.machine.cpu.threads = nil
    let threads = try #require(option(request).threads)
    #expect(threads.prompt == cores)
  }

  /// A Turin with two cores for a guest: 120 GOPS a core with weights of 4 bits, as measured there.
  @Test func measuredDotProductsTellHowFastPromptsAreRead() throws {
    var request = try request("@epyc-9655, 24 GiB", "0.6b")
    request.machine.cpu.cores = Figure(2, Source(.probed, "test"))
    request.machine.cpu.threads = nil
    request.machine.cpu.features = Figure(["avx2", "avx512f", "avx_vnni"], Source(.probed, "test"))
    // What the catalogue states is for all 96 cores.
    request.machine.cpu.teraOperationsPerSecond = nil
    request.machine.cpu.megahertz = nil
    let slow = try prompts(request)
    for (rate, least, most) in [(0.122, 1.6, 3.0), (0.244, 3.2, 6.0)] {
      request.machine.cpu.measuredCompute = [1, 2].map {
        ComputeRate(
          weightBits: 4, instructions: "avx512_vnni", threads: $0,
          teraOperationsPerSecond: Figure(rate * Double($0), Source(.measured, "test")))
      }
      let gain = try prompts(request) / slow
      #expect(gain > least && gain < most, "\(gain)")
    }
  }

  private func prompts(_ request: PlanRequest) throws -> Double {
    try #require(option(request).speed?.prefill?.expected)
  }

  @Test func threadsThatAreAskedForAreTaken() throws {
    var asked = try request("@2x epyc-9654, 512 GiB", "0.6b")
    asked.threads = 77
    let found = try option(asked)
    #expect(found.threads?.decode == 77)
    #expect(found.launch?.threads == 77)
  }

  @Test func aServerBoundToANodeReadsItsMemoryAlone() throws {
    let request = try request("@2x epyc-9654, 512 GiB", "70b")
    let form = try #require(ModelForms.all(for: request).first)
    var bound = Placement()
    bound.numaNode = 0
    func decode(_ placement: Placement) throws -> Double {
      let asked = request.question(form, .llamaCpp).with(placement)
      return try rates(asked.with(threads: 90, prompts: 90)).output
    }
    let (one, both) = (try decode(bound), try decode(Placement()))
    #expect(one < both * 0.7)
    #expect(one > both * 0.45)
  }

  @Test func oneStreamIsBoundAndStartedSo() throws {
    let found = try option(request("@2x epyc-9654, 512 GiB", "8b"))
    #expect(found.placement.numaNode == 0)
    #expect(found.placementReason?.code == .bindToNode)
    #expect(found.launch?.wrapper?.words == ["numactl", "--cpunodebind=0", "--membind=0"])
    // Pages of a mapped file lie where another server may have read them first.
    #expect(found.launch?.arguments.contains("--no-mmap") == true)
  }

  @Test func aModelLargerThanANodeIsSpreadOverAll() throws {
    let found = try option(request("@2x epyc-9654, 64 GiB", "70b"))
    #expect(found.placement.interleave == true)
    #expect(found.launch?.wrapper?.words == ["numactl", "--interleave=all"])
    #expect(found.launch?.arguments.contains("distribute") == true)
  }

  @Test(arguments: [1, 2, 4, 8, 32, 64]) func planAndChooseAgree(streams: Int) throws {
    for machine in ["@2x epyc-9654, 512 GiB", "@2x ampere-altra-max-m128-30, 512 GiB", "@4x rtx-3090, 128 GiB"] {
      var request = try request(machine, "8b", streams: streams)
      request.workload.timePerOutputTokenTarget = 0.2
      let planned = try option(request)
      let choice = EngineChoice(request, planner: Planner(speed: estimator))
      let chosen = try #require(choice.chosen)
      #expect(chosen.placing?.placement == planned.placement, "\(machine)")
      #expect(chosen.threads?.decode == planned.threads?.decode, "\(machine)")
      #expect(chosen.speed?.decode?.expected == planned.speed?.decode?.expected, "\(machine)")
      #expect(chosen.speed?.decodeAggregate?.expected == planned.speed?.decodeAggregate?.expected, "\(machine)")
      #expect(chosen.speed?.largestConcurrency?.value == planned.speed?.largestConcurrency?.value, "\(machine)")
      #expect(planned.parallel * planned.placement.replicas >= streams)
      // What is launched is one of the servers.
      #expect(planned.launch?.flags.contains { $0.words == ["-np", "\(planned.parallel)"] } == true)
    }
  }

  @Test func manyStreamsHaveAServerOnEachNodeAtLeast() throws {
    let found = try option(request("@2x epyc-9654, 512 GiB", "8b", streams: 16))
    #expect(found.placement.replicas >= 2)
    #expect(found.placement.replicas % 2 == 0)
    #expect([.oneServerPerNode, .severalServersPerNode].contains(found.placementReason?.code))
    #expect(found.verdict == .fits)
  }

  @Test func oneServerForManyStreamsMaySpanTheNodes() throws {
    var asked = try request("@2x epyc-9654, 512 GiB", "8b", streams: 32)
    asked.replicas = 1
    let found = try option(asked)
    #expect(found.placement.replicas == 1)
    #expect(found.parallel == 32)
    #expect(found.placement.numaNode != nil || found.placement.interleave == true)
  }

  /// A desktop's user gets one address, whatever copies would bring.
  @Test func fewCoresKeepOneServer() throws {
    #expect(try option(request("@ryzen-9-9950x, 64 GiB", "0.6b", streams: 16)).placement.replicas == 1)
  }

  /// Two copies of 42 GB, or three quarters of one, do not lie in 64 GiB.
  @Test func copiesAreCountedInTheMemory() throws {
    let found = try option(request("@2x epyc-9654, 64 GiB", "70b", streams: 8))
    #expect(found.placement.replicas == 1)
    var asked = try request("@2x epyc-9654, 64 GiB", "70b", streams: 8)
    asked.replicas = 2
    #expect(try option(asked).placement.replicas == 1)
    asked = try request("@2x epyc-9654, 512 GiB", "70b", streams: 8)
    asked.replicas = 4
    let four = try option(asked)
    #expect(four.placement.replicas == 4)
    let usable = try #require(four.memory?.devices.first?.usableBytes?.value)
    #expect(usable <= .gibibytes(128))
  }

  @Test func theSpeedOfCopiesCountsTheirMemory() throws {
    let request = try request("@2x epyc-9654, 512 GiB", "8b", streams: 8)
    let form = try #require(ModelForms.all(for: request).first)
    var two = Placement()
    two.replicas = 2
    func memory(_ placement: Placement) -> Double? {
      request.question(form, .llamaCpp).with(placement).speedCase().speedCase?.device.memory
    }
    let (one, half) = (try #require(memory(Placement())), try #require(memory(two)))
    #expect(abs(half / one - 0.5) < 0.05)
  }

  /// What was measured with several processes was llama.cpp; of vLLM each node has one, and they share the memory.
  @Test func serversOfVLLMShareTheMemory() throws {
    let model = try #require(ChoiceModels.stored("8b", .safetensors, "BF16"))
    var request = PlanRequest(
      model: model, machine: ChoiceMachines.machine("@2x xeon-platinum-8480plus, 512 GiB"),
      workload: Workload(name: "test", inputTokens: 512, outputTokens: 128, concurrency: 16))
    request.engines = [.vllm]
    request.quantizations = .asIs
    let found = try option(request)
    #expect(found.placement.replicas == 2)
    request.replicas = 1
    let one = try option(request)
    let (copies, single) = (try #require(found.speed?.decode).expected, try #require(one.speed?.decode).expected)
    #expect(copies < single * 0.7)
  }

  @Test func nodesOfASocketShareItsMemoryAndAreSpreadOver() throws {
    var request = try request("@2x epyc-9654, 512 GiB", "70b")
    request.machine.numaNodes = (0..<8).map { id in
      var node = NUMANode(id: id)
      node.cpus = Figure("\(id * 24)-\(id * 24 + 23)", .user, "test")
      return node
    }
    // An eighth of the bandwidth is no place for a single stream.
    let found = try option(request)
    #expect(found.placement.interleave == true)
  }
}
