import Foundation
import Hardware
import Models
import Testing
import Units

@testable import Engines

/// What lies on a device and what stays with the host where llama.cpp divides a graph between them.
@Suite("Buffers of devices")
struct DeviceBufferTests {
  typealias Shape = ComputeGraph.Shape

  @Test("inputs are copied to a device that reads them, and free again after their last use")
  func inputs() {
    let graph = ComputeGraph()
    let rows = graph.tableRows(width: 64, graph.input(Shape(8, 1, 1, 1)))
    let mask = graph.input(Shape(256, 8, 1, 1), elementBytes: 2)
    let scored = graph.result(Shape(64, 8, 1, 1), of: [rows, mask])
    graph.markOutputStart()
    let logits = graph.result(Shape(4096, 8, 1, 1), of: [scored])
    graph.markOutput(logits)
    graph.expand(logits)
    let peaks = GraphAllocator.splitPeaks(of: graph)
    // Token ids, the mask and the rows that were looked up.
    #expect(peaks.host == 128 + 4096 + 2048)
    #expect(peaks.parts.map(\.inputs) == [4096 + 2048])
    #expect(peaks.blocksAlone == 2048 + 4096 + 2048)
    #expect(peaks.parts[0].peak >= 4096 * 8 * 4 + 2048)
    let piped = GraphAllocator.splitPeaks(of: graph, copies: 4)
    #expect(piped.parts[0].inputs == 4 * peaks.parts[0].inputs)
    #expect(piped.parts[0].peak >= peaks.parts[0].peak + 3 * peaks.parts[0].inputs)
    // The host keeps as many sets of what it is given, but looks up once.
    #expect(piped.host == 4 * (128 + 4096) + 2048)
  }

  @Test("a device of a pipeline is given what the one before it made, and no more of the inputs than it reads")
  func pipeline() {
    let graph = ComputeGraph()
    let rows = graph.tableRows(width: 64, graph.input(Shape(8, 1, 1, 1)))
    let mask = graph.input(Shape(256, 8, 1, 1), elementBytes: 2)
    graph.markBlockStart()
    let first = graph.result(Shape(64, 8, 1, 1), of: [rows, mask])
    graph.markBlockStart()
    let second = graph.result(Shape(64, 8, 1, 1), of: [first])
    graph.markOutputStart()
    let logits = graph.result(Shape(4096, 8, 1, 1), of: [second])
    graph.markOutput(logits)
    graph.expand(logits)
    let peaks = GraphAllocator.splitPeaks(of: graph, firstBlocks: [0, 1], copies: 4)
    #expect(peaks.parts.map(\.inputs) == [4 * (2048 + 4096), 4 * 2048])
    #expect(peaks.parts[0].peak == 4 * (2048 + 4096) + 2048)
    #expect(peaks.parts[1].peak == 4 * 2048 + 2048 + 4096 * 8 * 4)
    let idle = GraphAllocator.splitPeaks(of: graph, firstBlocks: [0, 2, 2])
    #expect(idle.parts.map(\.inputs) == [2048 + 4096, 0, 2048])
  }

  private var mixture: Model {
    let experts = Experts(
      count: 64, usedCount: 8, sharedCount: 0, feedForwardLength: 1024, sharedFeedForwardLength: 0)
    let layers = (0..<4).map { _ in
      Layer(
        kind: .full, headCount: 16, kvHeadCount: 16, keyLength: 128, valueLength: 128, feedForwardLength: 1024,
        experts: experts)
    }
    let shape = ModelShape(embeddingLength: 2048, vocabularySize: 50_304, contextLength: 4096)
    var model = Model(name: "made", format: .gguf, architecture: "olmoe", shape: shape, layers: layers)
    func tensor(_ name: String, _ dimensions: [Int], _ mebibytes: Int) -> Tensor {
      Tensor(name: name, dimensions: dimensions, type: "Q4_K", bytes: .mebibytes(mebibytes))
    }
    model.tensors = [tensor("token_embd.weight", [2048, 50_304], 55), tensor("output.weight", [2048, 50_304], 80)]
    for index in 0..<4 {
      model.tensors += ["ffn_up_exps", "ffn_gate_exps", "ffn_down_exps"].map {
        tensor("blk.\(index).\($0).weight", [2048, 1024, 64], $0 == "ffn_down_exps" ? 105 : 72)
      }
      model.tensors.append(tensor("blk.\(index).attn_q.weight", [2048, 2048], 2))
    }
    return model
  }

  private func compute(_ change: (inout EngineSettings, inout Placement) -> Void) throws -> (
    gpu: Figure<ByteCount>, [DeviceMemory]
  ) {
    var machine = Machine(name: "test")
    machine.memory.totalBytes = Figure(.gibibytes(64), .user, "test")
    var gpu = Accelerator(vendor: Figure(.nvidia, .user, "test"))
    gpu.memoryBytes = Figure(.gibibytes(24), .user, "test")
    machine.accelerators = [gpu]
    var (settings, placement) = (EngineSettings(), Placement())
    placement.devices = [0]
    change(&settings, &placement)
    let question = Question(
      machine: machine, form: ModelForm(mixture), engine: .llamaCpp, placement: placement, settings: settings,
      contextLength: 4096, parallel: 1)
    let devices = try LlamaCppMemoryRules(for: mixture).footprint(question).get().devices
    return (devices[0].components.compute, devices)
  }

  /// OLMoE on a MI300X: 64 MiB with all experts on the device, 172 with some on the host.
  @Test("experts on the host are copied to the device for long batches, one matrix at a time")
  func staged() throws {
    let whole = try compute { _, _ in }.gpu
    let moved = try compute { settings, _ in settings.cpuMoeLayers = 2 }.gpu
    let more = try compute { settings, _ in settings.cpuMoeLayers = 4 }.gpu
    let partial = try compute { _, placement in placement.gpuLayers = 3 }.gpu
    #expect(moved.value >= .mebibytes(105) + whole.value.scaled(by: 0.4))
    #expect(moved.value <= .mebibytes(105) + whole.value)
    #expect(more.value == moved.value)
    #expect(partial.value >= .mebibytes(105))
    #expect((moved.high ?? .zero) > moved.value && (moved.low ?? .zero) <= moved.value)
  }

  @Test("a projector lies on the first device, its weights and its graph under their own names")
  func projector() throws {
    var sight = try #require(Projector.made(width: 2048))
    #expect(
      LlamaProjector(Companion(role: .projector, file: file, projector: sight), flash: true).compute.value
        == .init(4 * (4304 + 3 * 1152) * 4096))
    let off = LlamaProjector(Companion(role: .projector, file: file, projector: sight), flash: false).compute
    // Gemma 3's: 1132 MiB without flash attention.
    #expect(abs(off.value.mebibytes - 1132) < 30)
    sight.kind = "qwen2.5vl_merger"
    (sight.patches, sight.mostPatches, sight.embeddingLength, sight.feedForwardLength) = (8464, 16384, 1280, 3420)
    let windows = LlamaProjector(Companion(role: .projector, file: file, projector: sight), flash: true).compute
    #expect(windows.value.mebibytes < 705 && (windows.high ?? .zero).mebibytes > 705)
    let unread = LlamaProjector(Companion(role: .projector, file: file), flash: true).compute
    #expect((unread.high ?? .zero) >= .gibibytes(1))
  }

  private var file: ModelFile { ModelFile(path: "mmproj.gguf", bytes: .mebibytes(812)) }
}

extension Projector {
  fileprivate static func made(width: Int) -> Projector? {
    let text = """
      {"kind": "gemma3", "outputLength": \(width), "embeddingLength": 1152, "feedForwardLength": 4304, "headCount": 16,
       "patches": 4096, "mostPatches": 4096}
      """
    return try? JSONDecoder().decode(Projector.self, from: Data(text.utf8))
  }
}

extension ByteCount {
  fileprivate var mebibytes: Double { Double(bytes) / Double(1 << 20) }
}
