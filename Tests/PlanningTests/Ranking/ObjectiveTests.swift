import Engines
import Fixtures
import Hardware
import Models
import Profiles
import Testing
import Units

@testable import Planning

/// What the best is the best for, and what is given up for it.
@Suite struct ObjectiveTests {
  private func plan(
    _ machine: String, _ model: String, _ change: (inout PlanRequest) -> Void = { _ in }
  ) throws -> Plan {
    let profiles = Profiles()
    let machine = try profiles.machine(composedOf: MachineExpression(machine))
    var request = PlanRequest(model: try profiles.modelCatalogue().model(named: model), machine: machine)
    change(&request)
    return Planner(speed: SpeedEstimator(try profiles.efficiencies())).plan(request)
  }

  private func chosen(_ plan: Plan) throws -> PlanOption { plan.options[try #require(plan.chosen)] }

  @Test func usesSayHowFastTheyWantIt() {
    #expect(Use.chat.leastTokensPerSecond == 10 && Use.code.leastTokensPerSecond == 20)
    #expect(Use.reasoning.leastTokensPerSecond == 20 && Use.embedding.leastTokensPerSecond == 0)
    #expect(Objective(for: Workload(), use: .code).leastTokensPerSecond == 20)
    #expect(Objective(for: Workload()).leastTokensPerSecond == 10)
    #expect(Objective(for: Workload(concurrency: 8), use: .code).kind == .throughput)
  }

  /// A higher least never chooses what is slower, and what misses it says by how much.
  @Test func aHigherLeastIsFaster() throws {
    var last = 0.0
    for least in [0.0, 10, 20, 40] {
      let plan = try plan("rtx-4060, 32 GiB", "qwen3-14b") {
        $0.objective = Objective(.interactive, leastTokensPerSecond: least)
      }
      let rate = try #require(try chosen(plan).speed?.decode?.expected)
      #expect(rate >= last * 0.99)
      last = rate
      for option in plan.options {
        guard let missing = option.missingTokensPerSecond, let own = option.speed?.decode?.expected else { continue }
        #expect(abs(own + missing - least) < 1e-9)
      }
    }
  }

  /// Where nothing is fast enough, a tenth of speed never costs quality, whatever the speeds are.
  @Test(arguments: (0...20).map { 16 + 0.7 * Double($0) }) func aTenthOfSpeedDoesNotDecide(_ bandwidth: Double) throws {
    let plan = try plan("cpu 8 cores, 64 GiB, \(bandwidth.formatted(decimals: 1)) GB/s", "qwen3-8b")
    let best = try chosen(plan)
    try #require(best.missingTokensPerSecond != nil)
    let ranking = try #require(plan.ranking)
    let good = ranking.map { plan.options[$0] }.filter { ($0.scoreLost?.value ?? 1) <= 0.06 }
    let most = good.map { $0.speed?.decode?.expected ?? 0 }.max() ?? 0
    let near = good.filter { ($0.speed?.decode?.expected ?? 0) > most / 1.1 * 1.001 }
    let least = near.map { $0.scoreLost?.value ?? 1 }.min() ?? 1
    // Losses are held against each other in whole percent.
    #expect((best.scoreLost?.value ?? 1) < least + 0.01, "\(best.quantization)")
  }

  /// What loses a quarter of its score is no answer to a wish for two more tokens a second.
  @Test(arguments: ["phi-4", "qwen3-14b"]) func heavyLossIsNeverTheAnswer(_ model: String) throws {
    let best = try chosen(try plan("apple-m2-16gb", model))
    #expect((best.scoreLost?.value ?? 1) <= 0.06, "\(best.quantization)")
    #expect(best.missingTokensPerSecond != nil)
  }

  @Test(arguments: ["tpu-v5e", "trainium2", "inferentia2", "tenstorrent-n150", "qualcomm-ai100-ultra", "ascend-910b"])
  func whatNoEngineComputesOnIsRefused(_ machine: String) throws {
    let plan = try plan(machine, "llama-3.1-8b")
    #expect(plan.chosen == nil)
    #expect(plan.options.allSatisfy { $0.verdict == .unsupported && $0.reason.code == .wrongAccelerator })
  }

  @Test(arguments: Objective.Kind.allCases) func eachObjectiveIsItsOwnBest(_ kind: Objective.Kind) throws {
    let plan = try plan("rtx-4090, 64 GiB", "qwen3-14b") { $0.objective = Objective(kind) }
    let best = try chosen(plan)
    let usable = try #require(plan.ranking).map { plan.options[$0] }
    #expect(plan.objective?.kind == kind)
    switch kind {
    case .quality: #expect(usable.allSatisfy { ($0.scoreLost?.value ?? 1) >= (best.scoreLost?.value ?? 1) - 0.01 })
    case .speed:
      let good = usable.filter { ($0.scoreLost?.value ?? 1) <= 0.06 }
      let most = good.compactMap { $0.speed?.decode?.expected }.max() ?? 0
      #expect((best.speed?.decode?.expected ?? 0) > most * 0.9)
    case .memory:
      let good = usable.filter { ($0.scoreLost?.value ?? 1) <= 0.06 }
      #expect(best.memory?.highBytes == good.compactMap { $0.memory?.highBytes }.min())
    case .interactive, .throughput: #expect(best.missingTokensPerSecond == nil)
    }
  }

  /// A loss that nobody published is never told as none.
  @Test func whatIsNotKnownIsNotGood() throws {
    let plan = try plan("rtx-4090, 64 GiB", "qwen3-8b") {
      $0.quantizations = .named(["TQ2_0", "Q4_1", "Q2_K", "Q4_K_M"])
    }
    let ternary = try #require(plan.options.first { $0.quantization == "TQ2_0" })
    #expect(ternary.scoreLost == nil)
    #expect(try chosen(plan).quantization == "Q4_K_M")
    #expect(plan.ranking?.last.map { plan.options[$0].quantization } == "TQ2_0" || ternary.verdict == .unsupported)
  }

  /// The cache gives way before the weights fall below four bits, and the plan says so.
  @Test func theCacheGivesWayBeforeTheWeights() throws {
    let plan = try plan("cpu 8 cores, 8 GiB, 120 GB/s", "qwen3-8b") { $0.contextLength = 16_384 }
    let best = try chosen(plan)
    #expect((best.scoreLost?.value ?? 1) <= 0.06, "\(best.quantization)")
    let changed = plan.options.filter { $0.concessions != nil }
    #expect(changed.allSatisfy { $0.concessions?.first?.code == .smallerCacheType })
    #expect(changed.allSatisfy { $0.contextLength == 16_384 }, "a stated context is kept")
    for option in changed where option.launch != nil { #expect(option.launch?.arguments.contains("q8_0") == true) }
  }

  @Test func aStatedCacheIsKept() throws {
    let plan = try plan("rtx-4060, 16 GiB", "qwen3-14b") {
      $0.contextLength = 32_768
      $0.isCacheTypeStated = true
    }
    #expect(plan.options.allSatisfy { $0.concessions == nil })
  }

  /// Experts go to the processor's side of a shared memory, and both sides together have room in it.
  @Test func expertsLeaveTheGPUOfASharedMemory() throws {
    let best = try chosen(try plan("apple-m2-16gb", "gpt-oss-20b"))
    #expect(best.quantization.hasPrefix("MXFP4") && best.engine == .llamaCpp)
    #expect(best.placementReason?.code == .expertsOnCPU)
    #expect((best.memory?.highBytes.bytes ?? .max) < 14 << 30)
    #expect(best.missingTokensPerSecond == nil)
  }

  @Test func onAcceleratorsOnlyMeansThat() throws {
    let plan = try plan("rtx-4090, 64 GiB", "llama-3.3-70b-instruct") { $0.isOnAcceleratorsOnly = true }
    for index in plan.ranking ?? [] { #expect(plan.options[index].isWhole(on: plan.machine)) }
  }

  @Test func anAcceleratorThatIsLeftOutKeepsTheOthersNumbers() throws {
    let machine = try Profiles().machine(composedOf: MachineExpression("3x rtx-4090, 64 GiB"))
    let rest = machine.without(accelerators: [0])
    #expect(rest.accelerators.count == 2)
    #expect(rest.ordinal(of: 0) == 1 && rest.ordinal(of: 1) == 2)
    let spared = rest.leaving(.gibibytes(4))
    let before = try #require(rest.usableBytes(ofAccelerator: 0)?.value)
    #expect(spared.usableBytes(ofAccelerator: 0)?.value == before - .gibibytes(4))
  }
}
