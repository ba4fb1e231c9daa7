import Engines
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
    let model = try #require(ChoiceModels.stored(size, .gguf, "Q4_K_M"))
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
