import Engines
import Testing
import Units

/// Amounts of memory out of an engine's own log, in the words of builds that ran.
@Suite struct EngineMemoryTests {
  private let llamaLog = """
    0.00.954.173 I load_tensors:   CPU_Mapped model buffer size =   235.16 MiB
    0.00.954.218 I load_tensors:   CPU_REPACK model buffer size =    12.66 MiB
    0.01.000.219 I llama_context:        CPU  output buffer size =     4.00 MiB
    0.01.000.532 I llama_kv_cache:        CPU KV buffer size =     6.00 MiB
    0.01.006.440 I llama_kv_cache:        CPU KV buffer size =    30.00 MiB
    0.01.039.201 I sched_reserve:        CPU compute buffer size =    19.28 MiB
    """

  @Test func readsEachPartAndSumsItsBuffers() {
    let memory = EngineMemory(log: llamaLog, lines: LlamaCpp().operation.memoryLines)
    func mebibytes(_ component: String) -> Double? {
      memory.bytes(of: component).map { Double($0.value.bytes) / 1_048_576 }
    }
    #expect(abs((mebibytes("weights") ?? 0) - 247.82) < 0.01)
    #expect(mebibytes("KV cache") == 36)
    #expect(abs((mebibytes("compute") ?? 0) - 19.28) < 0.01)
    #expect(mebibytes("output") == 4)
    #expect(mebibytes("recurrent state") == nil)
  }

  /// A log whose beginning was cut tells nothing of layers; one that tells of a load and of no layers has none.
  @Test func layersAreKnownOnlyFromALoad() {
    let words = LlamaCpp().operation.layerWords
    func layers(_ log: String) -> Int? { EngineMemory.layersOnAccelerators(log: log, words: words) }
    #expect(layers("load_tensors: offloaded 31/31 layers to GPU\nload_tensors: offloaded 2/2 layers to GPU") == 33)
    #expect(layers(llamaLog) == 0)
    #expect(layers("") == nil && layers("slot release: stop processing") == nil)
    let absurd = "load_tensors: offloaded 9223372036854775807/1 layers to GPU\n"
    #expect(layers(absurd + absurd) == 0)
    #expect(EngineMemory.layersOnAccelerators(log: llamaLog, words: []) == nil)
  }

  @Test func takesTheFirstFormOfALineOnly() {
    let log = """
      INFO gpu_model_runner.py: Model loading took 3.20 GiB memory and 1.52 seconds
      INFO Checkpoint size: 2.90 GiB.
      INFO gpu_worker.py: Available KV cache memory: 1.50 GiB
      """
    let memory = EngineMemory(log: log, lines: VLLM().operation.memoryLines)
    #expect(memory.bytes(of: "weights")?.value == ByteCount(parsing: "3.20 GiB"))
    #expect(memory.bytes(of: "KV cache")?.value == ByteCount(parsing: "1.50 GiB"))
  }

  @Test(arguments: [
    "", "load_tensors: model buffer size =", "load_tensors: model buffer size = lots",
    "load_tensors: model buffer size = -1 MiB",
    "load_tensors: CPU model buffer size = 8000000000000 GiB\nload_tensors: CPU model buffer size = 9e300 GiB",
    "model buffer size = 3 MiB load_tensors:",
  ])
  func aLogThatTellsNothingGivesNothing(log: String) {
    #expect(EngineMemory(log: log, lines: LlamaCpp().operation.memoryLines).bytes(of: "weights") == nil)
  }
}
