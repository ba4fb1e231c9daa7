import Engines
import Hardware
import Planning
import Testing
import Units

@testable import Deployment

/// What a pod is given of its node's memory.
@Suite struct HostMemoryTests {
  private func request(_ engine: EngineKind, devices: Int, nodes: Int = 1, planned: ByteCount?) -> TargetRequest {
    let asked = LaunchRequest(modelPath: "/models/m", contextLength: 8192, parallel: 2)
    var request = TargetRequest(
      name: "demo", engine: engine, launch: EngineCatalogue.engine(engine).launch(asked), modelPath: "/models/m",
      modelBytes: .gibibytes(140))
    request.vendor = devices > 0 ? .nvidia : nil
    request.devices = Array(0..<devices)
    request.tensorParallel = engine == .vllm ? max(1, devices) : 1
    request.nodes = nodes
    request.memoryBytes = planned
    return request
  }

  @Test func eachWorkerOfAGPUAndAllOfSharedMemoryIsCounted() {
    let memory = request(.vllm, devices: 8, planned: .mebibytes(1)).hostMemory
    // Eight workers and a front end, none of which the plan of the devices knows.
    #expect(memory.request > .gibibytes(40))
    // Its own processes again, the whole of /dev/shm, and the files' pages.
    #expect(memory.limit > memory.request + HostMemory.sharedMemory + .gibibytes(140))
    #expect(memory.requested.contains { $0.source.kind == .assumed })
  }

  @Test func eachNodeReadsItsStage() {
    let one = request(.vllm, devices: 8, planned: nil).hostMemory
    let two = request(.vllm, devices: 8, nodes: 2, planned: nil).hostMemory
    #expect(one.limit == two.limit + .gibibytes(70))
  }

  /// Mapped weights count to the pod as cache: a limit below them would have them read again and again.
  @Test func mappedWeightsFitBelowTheLimit() {
    let gpu = request(.llamaCpp, devices: 1, planned: .mebibytes(500)).hostMemory
    #expect(gpu.request < .gibibytes(4) && gpu.limit > gpu.request + .gibibytes(139))
    let cpu = request(.llamaCpp, devices: 0, planned: .gibibytes(150)).hostMemory
    #expect(cpu.request == .gibibytes(151) && cpu.limit == .gibibytes(291))
  }

  @Test func theManifestSaysWhatItIsMadeOf() throws {
    let text = try TargetKind.kubernetes.files(request(.vllm, devices: 8, planned: .mebibytes(1)))[0].text
    #expect(text.contains("8 workers") && text.contains("(assumed)") && text.contains("/dev/shm, should it fill"))
    let memory = request(.vllm, devices: 8, planned: .mebibytes(1)).hostMemory
    #expect(text.contains("memory: \"\(memory.limit.bytes >> 20)Mi\""))
    #expect(text.contains("memory: \"\(memory.request.bytes >> 20)Mi\""))
  }
}
