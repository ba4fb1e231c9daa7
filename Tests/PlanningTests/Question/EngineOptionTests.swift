import Engines
import Fixtures
import Hardware
import Models
import Testing
import Units

@testable import Planning

/// Nothing that was asked for is left out in silence: an engine that has no such option is refused.
@Suite("Options of engines")
struct EngineOptionTests {
  /// A model in the form that the engine reads, on a card that holds it.
  private func request(_ kind: EngineKind) throws -> PlanRequest {
    let isGGUF = kind.engine.loads(
      ModelForm(
        Model(
          name: "", format: .gguf, architecture: "",
          shape: ModelShape(embeddingLength: 1, vocabularySize: 1, contextLength: 1),
          layers: [])))
    let model = try #require(ChoiceModels.stored("8b", isGGUF ? .gguf : .safetensors, isGGUF ? "Q4_K_M" : "BF16"))
    var request = PlanRequest(model: model, machine: ChoiceMachines.machine("1x rtx-4090, 64"))
    request.engines = [kind]
    request.quantizations = .asIs
    return request
  }

  private func adapter(_ form: Adapter.Form, rank: Int) -> Companion {
    Companion(
      role: .adapter, file: ModelFile(path: "/adapters/one", bytes: .mebibytes(40)),
      adapter: Adapter(form: form, rank: rank, baseModel: nil, lengths: []))
  }

  @Test("each option is an engine's own, and every other engine refuses it")
  func everyOption() throws {
    let changes: [(EngineOption, (inout PlanRequest) -> Void)] = [
      (.cpuMoe, { $0.settings.cpuMoeLayers = 2 }), (.overrideTensor, { $0.settings.overrideTensor = ["exps=CPU"] }),
      (.withoutFlashAttention, { $0.settings.flashAttention = false }),
      (.sharedCache, { $0.settings.kvUnified = true }),
      (.wholeWindows, { $0.settings.swaFull = true }),
      (.ubatch, { $0.settings.isUbatchStated = true }), (.outputRows, { $0.settings.outputRows = 4 }),
      (.projector, { $0.settings.projectorPath = "/m/mmproj.gguf" }), (.batch, { $0.settings.isBatchStated = true }),
      (.draft, { $0.settings.draftPath = "/m/draft" }),
      (.predictionLayers, { $0.settings.speculation = SpeculationSettings(.predictionLayers) }),
      (.memoryShare, { $0.settings.gpuMemoryUtilization = 0.8 }),
      (.cacheSize, { $0.settings.kvMemory = .gibibytes(2) }), (.withoutGraphs, { $0.settings.enforceEager = true }),
      (
        .gpuLayers,
        {
          $0.placement = Placement(); $0.placement?.gpuLayers = 3
        }
      ),
      (
        .splitMode,
        {
          $0.placement = Placement(); $0.placement?.splitMode = .row
        }
      ),
      (
        .tensorSplit,
        {
          $0.placement = Placement(); $0.placement?.tensorSplit = [1, 1]
        }
      ),
    ]
    #expect(Set(changes.map(\.0)) == Set(EngineOption.allCases))
    for (option, change) in changes {
      for kind in EngineKind.allCases where !kind.planning.options.contains(option) {
        var asked = try request(kind)
        change(&asked)
        let codes = Set(Planner().plan(asked).options.map(\.reason.code))
        #expect(
          codes.isSubset(of: [.unsupportedOption, .wrongProcessor]), "\(option.rawValue) on \(kind): \(codes)")
      }
      // Somebody can do it.
      #expect(EngineKind.allCases.contains { $0.planning.options.contains(option) }, "\(option.rawValue)")
    }
    for kind in EngineKind.allCases { #expect(try request(kind).engineOptions.isEmpty) }
  }

  @Test("an adapter decides the engine by its form")
  func adapters() throws {
    var asked = try request(.vllm)
    asked.machine = ChoiceMachines.machine("1x h100, 512")
    let bare = try #require(Planner().plan(asked).options.first?.memory)
    asked.companions = [adapter(.peft, rank: 16)]
    asked.settings.loraPaths = ["/adapters/one"]
    asked.settings.loraRank = 16
    let small = try #require(Planner().plan(asked).options.first)
    let weights = try #require(small.memory?.devices.first?.components.weights.value)
    #expect(weights > (bare.devices.first?.components.weights.value ?? .zero))
    asked.settings.loraRank = 64
    let large = try #require(Planner().plan(asked).options.first?.memory?.devices.first?.components.weights.value)
    #expect(large > weights)
    asked.companions = [adapter(.gguf, rank: 16)]
    #expect(Planner().plan(asked).options.allSatisfy { $0.reason.code == .foreignAdapter })
    asked.companions = [adapter(.peft, rank: 1024)]
    #expect(Planner().plan(asked).options.allSatisfy { $0.reason.code == .foreignAdapter })
    // Where no engine is asked for, the form's own is taken.
    asked.companions = [adapter(.peft, rank: 16)]
    asked.engines = []
    asked.quantizations = .usual
    let open = Planner().plan(asked)
    #expect(open.options.contains { $0.verdict != .unsupported })
    #expect(open.options.allSatisfy { $0.verdict == .unsupported || $0.engine == .vllm })
  }

  @Test("vLLM is started with the adapters by name, and the least rank that holds them")
  func launched() {
    var launch = LaunchRequest(modelPath: "/m/model", contextLength: 4096, parallel: 4)
    launch.settings.loraPaths = ["/a/one two", "/b/one two"]
    launch.settings.loraRank = 17
    launch.settings.draftPath = "/d/draft"
    let made = EngineKind.vllm.engine.launch(launch)
    let words = made.arguments.joined(separator: " ")
    #expect(words.contains("--enable-lora --max-loras 2 --max-lora-rank 32"))
    #expect(words.contains("--lora-modules one-two-1=/a/one two one-two-2=/b/one two"))
    #expect(words.contains("--speculative-config.model /d/draft"))
    #expect(Set(made.companions) == ["/a/one two", "/b/one two", "/d/draft"])
    let moved = made.withCompanions { "/companion" + $0 }
    #expect(moved.arguments.contains("one-two-1=/companion/a/one two"))
  }

  @Test("MLX beside another maker's card computes on the processor")
  func processor() throws {
    let plan = Planner().plan(try request(.mlx))
    #expect(plan.options.allSatisfy { $0.placement.devices.isEmpty })
  }
}
