public import Units
import Hardware
import Models

/// MLX's memory: parameters, cache and scratch in one memory that processor and accelerator share.
public struct MLXMemoryRules: MemoryRules {
  public init() {}

  public func footprint(_ question: Question) -> Result<MemoryFootprint, Reason> {
    let memory = MLXMemory(question.model)
    let companions = question.companions.reduce(ByteCount.zero) { $0 + $1.file.bytes }
    let weights = question.tensors.reduce(companions) { $0 + $1.bytes }
    let isOnGPU = question.placement.devices.first
    let usable = isOnGPU.flatMap { question.machine.usableBytes(ofAccelerator: $0) } ?? question.machine.usableHostBytes
    let scratch = memory.scratchBytes(promptStep: min(2048, max(1, question.contextLength)))
    return .success(
      MemoryFootprint(devices: [
        DeviceMemory(
          name: isOnGPU.map { "gpu\($0)" } ?? "cpu", usableBytes: usable,
          components: MemoryComponents(
            weights: Figure(weights, .header, "parameters as stored"),
            kvCache: Figure(
              memory.cacheBytes(tokens: question.contextLength, sequences: question.parallel), .computed,
              "mlx-lm's cache, which grows by \(MLXMemory.step) tokens"),
            recurrentState: Figure(memory.stateBytes(sequences: question.parallel), .computed, "states in 32 bits"),
            compute: scratch, output: Figure(.zero, .computed, "part of the scratch"),
            overhead: Figure(
              .mebibytes(135), Source(.measured, "resident memory of mlx-lm 0.32.2 beyond its parameters"),
              low: .mebibytes(100), high: .mebibytes(300))))
      ]))
  }
}
