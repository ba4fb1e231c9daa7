import ArgumentParser
import Engines
import Planning
import Units
import Workflows

/// What a server keeps in memory beside the weights, and how much of a device it takes.
struct MemoryOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "KV cache type: q8_0, or q8_0,f16 for keys and values.", valueName: "type"))
  var kvType: String?
  @Option(
    parsing: .unconditional, help: ArgumentHelp("vLLM: share of a GPU's memory to use.", valueName: "share"))
  var gpuMemoryUtilization: Double = 0.92
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("vLLM: size of the KV cache, such as \"4 GiB\".", valueName: "size", visibility: .hidden))
  var kvMemory: ByteAmount?
  @Option(help: ArgumentHelp("Flash attention: on or off.", valueName: "on|off", visibility: .hidden))
  var flashAttention: Switch = .on
  @Option(help: ArgumentHelp("One cache for all slots: on or off.", valueName: "on|off", visibility: .hidden))
  var kvUnified: Switch = .off
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Tokens of a logical batch; 2048, for vLLM by its devices.", valueName: "n", visibility: .hidden))
  var batch: Int?
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Tokens of a physical batch; 512, for embedders a whole prompt.", valueName: "n", visibility: .hidden))
  var ubatch: Int?
  @Flag(help: ArgumentHelp("Cache the whole context of sliding-window layers too.", visibility: .hidden)) var swaFull =
    false
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Rows of logits to reserve; 0 for all of a batch, as benchmarks of the library do.", valueName: "n",
      visibility: .hidden))
  var outputRows: Int?

  enum Switch: String, ExpressibleByArgument, CaseIterable { case on, off }

  func validate() throws {
    for (name, value) in [("--batch", batch), ("--ubatch", ubatch)] {
      if let value, !(1...10_000_000).contains(value) { throw ValidationError("\(name) is from 1 to 10,000,000") }
    }
    if let outputRows, outputRows < 0 { throw ValidationError("--output-rows is 0 or more") }
    guard gpuMemoryUtilization > 0, gpuMemoryUtilization <= 1 else {
      throw ValidationError("--gpu-memory-utilization is a share above 0, at most 1")
    }
    _ = try cacheType()
  }

  /// The types of cached keys and values; nil where none was named.
  func cacheType() throws -> KVCacheType? {
    try kvType.map { text in try UsageFault.asParserError { try KVCacheType(wished: text) } }
  }

  func apply(to settings: inout EngineSettings) throws {
    settings.flashAttention = flashAttention == .on
    settings.kvUnified = kvUnified == .on
    if let batch {
      settings.batch = batch
      settings.isBatchStated = true
    }
    if let ubatch {
      settings.ubatch = ubatch
      settings.isUbatchStated = true
    }
    settings.swaFull = swaFull
    settings.outputRows = outputRows
    settings.gpuMemoryUtilization = gpuMemoryUtilization
    if let kvMemory { settings.kvMemory = kvMemory.count }
  }
}
