import Fixtures
import Models
import Testing
import Units

@testable import Engines

/// llama.cpp 11434 itself, asked for its buffers of these headers without allocating them (`no_alloc`), its layers on one or two
/// devices that its RPC backend stands for, halves on each.
@Suite(
  "Graphs over devices, as llama.cpp divides them",
  .enabled(if: SharedModels.folder != nil, "the reference data are not there"))
struct DeviceSplitTests {
  struct Row: CustomTestStringConvertible {
    var model: String
    var context, slots, ubatch: Int
    var flash: Bool
    var rows: Int
    var unified: Bool
    /// MiB of the host's buffer and of each device's, as printed.
    var host: Double
    var devices: [Double]

    init(
      _ model: String, context: Int, slots: Int, ubatch: Int, flash: Bool, rows: Int, unified: Bool, host: Double,
      devices: [Double]
    ) {
      self.model = model
      (self.context, self.slots, self.ubatch) = (context, slots, ubatch)
      (self.flash, self.rows, self.unified) = (flash, rows, unified)
      (self.host, self.devices) = (host, devices)
    }

    var testDescription: String { "\(model) \(context)/\(slots), \(ubatch), flash \(flash), \(rows), \(devices.count)" }
  }

  static let rows = [
    Row(
      "deepseek-v2-lite", context: 4096, slots: 1, ubatch: 512, flash: true, rows: 1, unified: false, host: 20.01,
      devices: [84.13]),
    Row(
      "deepseek-v2-lite", context: 32768, slots: 4, ubatch: 512, flash: true, rows: 4, unified: true, host: 48.01,
      devices: [112.13]),
    Row(
      "deepseek-v2-lite", context: 32768, slots: 1, ubatch: 2048, flash: true, rows: 1, unified: false, host: 192.05,
      devices: [448.54]),
    Row(
      "deepseek-v2-lite", context: 8192, slots: 1, ubatch: 512, flash: false, rows: 1, unified: false, host: 32.01,
      devices: [328.01]),
    Row(
      "deepseek-v2-lite", context: 16384, slots: 4, ubatch: 512, flash: true, rows: 4, unified: false, host: 20.01,
      devices: [84.13]),
    Row(
      "deepseek-v2-lite", context: 8192, slots: 1, ubatch: 512, flash: true, rows: 0, unified: false, host: 24.02,
      devices: [224.01]),
    Row(
      "falcon-mamba-7b", context: 4096, slots: 1, ubatch: 512, flash: true, rows: 1, unified: false, host: 32.01,
      devices: [97.57]),
    Row(
      "falcon-mamba-7b", context: 32768, slots: 4, ubatch: 512, flash: true, rows: 4, unified: true, host: 32.01,
      devices: [99.07]),
    Row(
      "falcon-mamba-7b", context: 32768, slots: 1, ubatch: 2048, flash: true, rows: 1, unified: false, host: 128.03,
      devices: [388.77]),
    Row(
      "falcon-mamba-7b", context: 8192, slots: 1, ubatch: 512, flash: false, rows: 1, unified: false, host: 32.01,
      devices: [97.57]),
    Row(
      "falcon-mamba-7b", context: 16384, slots: 4, ubatch: 512, flash: true, rows: 4, unified: false, host: 32.01,
      devices: [99.07]),
    Row(
      "falcon-mamba-7b", context: 8192, slots: 1, ubatch: 512, flash: true, rows: 0, unified: false, host: 32.01,
      devices: [159.01]),
    Row(
      "gemma3-27b", context: 4096, slots: 1, ubatch: 512, flash: true, rows: 1, unified: false, host: 47.53,
      devices: [173.52]),
    Row(
      "gemma3-27b", context: 32768, slots: 4, ubatch: 512, flash: true, rows: 4, unified: true, host: 78.53,
      devices: [204.52]),
    Row(
      "gemma3-27b", context: 32768, slots: 1, ubatch: 2048, flash: true, rows: 1, unified: false, host: 308.11,
      devices: [812.09]),
    Row(
      "gemma3-27b", context: 8192, slots: 1, ubatch: 512, flash: false, rows: 1, unified: false, host: 77.02,
      devices: [597.02]),
    Row(
      "gemma3-27b", context: 16384, slots: 4, ubatch: 512, flash: true, rows: 4, unified: false, host: 47.53,
      devices: [173.52]),
    Row(
      "gemma3-27b", context: 8192, slots: 1, ubatch: 512, flash: true, rows: 0, unified: false, host: 51.53,
      devices: [563.53]),
    Row(
      "gpt-oss-20b", context: 4096, slots: 1, ubatch: 512, flash: true, rows: 1, unified: false, host: 27.28,
      devices: [94.77]),
    Row(
      "gpt-oss-20b", context: 32768, slots: 4, ubatch: 512, flash: true, rows: 4, unified: true, host: 55.53,
      devices: [123.02]),
    Row(
      "gpt-oss-20b", context: 32768, slots: 1, ubatch: 2048, flash: true, rows: 1, unified: false, host: 227.10,
      devices: [497.09]),
    Row(
      "gpt-oss-20b", context: 8192, slots: 1, ubatch: 512, flash: false, rows: 1, unified: false, host: 44.02,
      devices: [1084.01]),
    Row(
      "gpt-oss-20b", context: 16384, slots: 4, ubatch: 512, flash: true, rows: 4, unified: false, host: 27.28,
      devices: [94.77]),
    Row(
      "gpt-oss-20b", context: 8192, slots: 1, ubatch: 512, flash: true, rows: 0, unified: false, host: 31.28,
      devices: [424.02]),
    Row(
      "jamba-mini", context: 4096, slots: 1, ubatch: 512, flash: true, rows: 1, unified: false, host: 36.02,
      devices: [204.01]),
    Row(
      "jamba-mini", context: 32768, slots: 4, ubatch: 512, flash: true, rows: 4, unified: true, host: 64.02,
      devices: [232.01]),
    Row(
      "jamba-mini", context: 32768, slots: 1, ubatch: 2048, flash: true, rows: 1, unified: false, host: 256.06,
      devices: [928.05]),
    Row(
      "jamba-mini", context: 8192, slots: 1, ubatch: 512, flash: false, rows: 1, unified: false, host: 52.01,
      devices: [564.01]),
    Row(
      "jamba-mini", context: 16384, slots: 4, ubatch: 512, flash: true, rows: 4, unified: false, host: 36.02,
      devices: [204.01]),
    Row(
      "jamba-mini", context: 8192, slots: 1, ubatch: 512, flash: true, rows: 0, unified: false, host: 40.02,
      devices: [208.01]),
    Row(
      "llama3-1b", context: 4096, slots: 1, ubatch: 512, flash: true, rows: 1, unified: false, host: 20.02,
      devices: [68.01]),
    Row(
      "llama3-1b", context: 32768, slots: 4, ubatch: 512, flash: true, rows: 4, unified: true, host: 48.02,
      devices: [96.01]),
    Row(
      "llama3-1b", context: 32768, slots: 1, ubatch: 2048, flash: true, rows: 1, unified: false, host: 192.07,
      devices: [384.05]),
    Row(
      "llama3-1b", context: 8192, slots: 1, ubatch: 512, flash: false, rows: 1, unified: false, host: 34.01,
      devices: [550.01]),
    Row(
      "llama3-1b", context: 16384, slots: 4, ubatch: 512, flash: true, rows: 4, unified: false, host: 20.02,
      devices: [68.01]),
    Row(
      "llama3-1b", context: 8192, slots: 1, ubatch: 512, flash: true, rows: 0, unified: false, host: 24.02,
      devices: [274.52]),
    Row(
      "mixtral-8x7b", context: 4096, slots: 1, ubatch: 512, flash: true, rows: 1, unified: false, host: 36.02,
      devices: [204.01]),
    Row(
      "mixtral-8x7b", context: 32768, slots: 4, ubatch: 512, flash: true, rows: 4, unified: true, host: 64.02,
      devices: [232.01]),
    Row(
      "mixtral-8x7b", context: 32768, slots: 1, ubatch: 2048, flash: true, rows: 1, unified: false, host: 256.07,
      devices: [928.05]),
    Row(
      "mixtral-8x7b", context: 8192, slots: 1, ubatch: 512, flash: false, rows: 1, unified: false, host: 52.01,
      devices: [572.01]),
    Row(
      "mixtral-8x7b", context: 16384, slots: 4, ubatch: 512, flash: true, rows: 4, unified: false, host: 36.02,
      devices: [204.01]),
    Row(
      "mixtral-8x7b", context: 8192, slots: 1, ubatch: 512, flash: true, rows: 0, unified: false, host: 40.02,
      devices: [208.02]),
    Row(
      "qwen2-7b", context: 4096, slots: 1, ubatch: 512, flash: true, rows: 1, unified: false, host: 32.02,
      devices: [143.01]),
    Row(
      "qwen2-7b", context: 32768, slots: 4, ubatch: 512, flash: true, rows: 4, unified: true, host: 60.02,
      devices: [171.01]),
    Row(
      "qwen2-7b", context: 32768, slots: 1, ubatch: 2048, flash: true, rows: 1, unified: false, host: 240.07,
      devices: [684.05]),
    Row(
      "qwen2-7b", context: 8192, slots: 1, ubatch: 512, flash: false, rows: 1, unified: false, host: 46.01,
      devices: [501.01]),
    Row(
      "qwen2-7b", context: 16384, slots: 4, ubatch: 512, flash: true, rows: 4, unified: false, host: 32.02,
      devices: [143.01]),
    Row(
      "qwen2-7b", context: 8192, slots: 1, ubatch: 512, flash: true, rows: 0, unified: false, host: 36.02,
      devices: [333.02]),
    Row(
      "qwen3-8b", context: 4096, slots: 1, ubatch: 512, flash: true, rows: 1, unified: false, host: 36.02,
      devices: [108.01]),
    Row(
      "qwen3-8b", context: 32768, slots: 4, ubatch: 512, flash: true, rows: 4, unified: true, host: 64.02,
      devices: [136.01]),
    Row(
      "qwen3-8b", context: 32768, slots: 1, ubatch: 2048, flash: true, rows: 1, unified: false, host: 256.07,
      devices: [544.05]),
    Row(
      "qwen3-8b", context: 8192, slots: 1, ubatch: 512, flash: false, rows: 1, unified: false, host: 52.01,
      devices: [572.01]),
    Row(
      "qwen3-8b", context: 16384, slots: 4, ubatch: 512, flash: true, rows: 4, unified: false, host: 36.02,
      devices: [108.01]),
    Row(
      "qwen3-8b", context: 8192, slots: 1, ubatch: 512, flash: true, rows: 0, unified: false, host: 40.02,
      devices: [336.77]),
    Row(
      "qwen3-8b", context: 4096, slots: 1, ubatch: 512, flash: true, rows: 1, unified: false, host: 96.07,
      devices: [216.05, 176.04]),
    Row(
      "qwen3-8b", context: 32768, slots: 4, ubatch: 512, flash: true, rows: 4, unified: false, host: 112.07,
      devices: [232.05, 192.04]),
    Row(
      "qwen3-8b", context: 32768, slots: 4, ubatch: 512, flash: true, rows: 4, unified: true, host: 208.07,
      devices: [328.05, 288.04]),
    Row(
      "qwen3-8b", context: 16384, slots: 1, ubatch: 2048, flash: false, rows: 1, unified: false, host: 896.22,
      devices: [5216.16, 5056.09]),
    Row(
      "qwen3-8b", context: 8192, slots: 1, ubatch: 512, flash: true, rows: 0, unified: false, host: 112.08,
      devices: [232.05, 400.80]),
    Row(
      "gemma3-27b", context: 4096, slots: 1, ubatch: 512, flash: true, rows: 1, unified: false, host: 127.11,
      devices: [313.59, 261.07]),
    Row(
      "gemma3-27b", context: 32768, slots: 4, ubatch: 512, flash: true, rows: 4, unified: false, host: 143.11,
      devices: [329.59, 277.07]),
    Row(
      "gemma3-27b", context: 32768, slots: 4, ubatch: 512, flash: true, rows: 4, unified: true, host: 251.11,
      devices: [437.59, 385.07]),
    Row(
      "gemma3-27b", context: 16384, slots: 1, ubatch: 2048, flash: false, rows: 1, unified: false, host: 1284.31,
      devices: [5654.25, 5444.16]),
    Row(
      "gemma3-27b", context: 8192, slots: 1, ubatch: 512, flash: true, rows: 0, unified: false, host: 143.12,
      devices: [329.59, 644.58]),
    Row(
      "gpt-oss-20b", context: 4096, slots: 1, ubatch: 512, flash: true, rows: 1, unified: false, host: 75.35,
      devices: [178.96, 150.82]),
    Row(
      "gpt-oss-20b", context: 32768, slots: 4, ubatch: 512, flash: true, rows: 4, unified: false, host: 91.35,
      devices: [194.96, 166.82]),
    Row(
      "gpt-oss-20b", context: 32768, slots: 4, ubatch: 512, flash: true, rows: 4, unified: true, host: 188.35,
      devices: [291.96, 263.82]),
    Row(
      "gpt-oss-20b", context: 16384, slots: 1, ubatch: 2048, flash: false, rows: 1, unified: false, host: 873.28,
      devices: [9241.72, 9129.16]),
    Row(
      "gpt-oss-20b", context: 8192, slots: 1, ubatch: 512, flash: true, rows: 0, unified: false, host: 91.36,
      devices: [194.96, 484.08]),
    Row(
      "mixtral-8x7b", context: 4096, slots: 1, ubatch: 512, flash: true, rows: 1, unified: false, host: 96.07,
      devices: [312.05, 272.04]),
    Row(
      "mixtral-8x7b", context: 32768, slots: 4, ubatch: 512, flash: true, rows: 4, unified: false, host: 112.07,
      devices: [328.05, 288.04]),
    Row(
      "mixtral-8x7b", context: 32768, slots: 4, ubatch: 512, flash: true, rows: 4, unified: true, host: 208.07,
      devices: [424.05, 384.04]),
    Row(
      "mixtral-8x7b", context: 16384, slots: 1, ubatch: 2048, flash: false, rows: 1, unified: false, host: 896.22,
      devices: [5216.16, 5056.09]),
    Row(
      "mixtral-8x7b", context: 8192, slots: 1, ubatch: 512, flash: true, rows: 0, unified: false, host: 112.08,
      devices: [328.05, 288.05]),
    Row(
      "deepseek-v2-lite", context: 4096, slots: 1, ubatch: 512, flash: true, rows: 1, unified: false, host: 56.05,
      devices: [153.04, 133.02]),
    Row(
      "deepseek-v2-lite", context: 32768, slots: 4, ubatch: 512, flash: true, rows: 4, unified: false, host: 72.05,
      devices: [169.04, 149.02]),
    Row(
      "deepseek-v2-lite", context: 32768, slots: 4, ubatch: 512, flash: true, rows: 4, unified: true, host: 168.05,
      devices: [265.04, 245.02]),
    Row(
      "deepseek-v2-lite", context: 16384, slots: 1, ubatch: 2048, flash: false, rows: 1, unified: false, host: 672.22,
      devices: [2985.20, 2905.14]),
    Row(
      "deepseek-v2-lite", context: 8192, slots: 1, ubatch: 512, flash: true, rows: 0, unified: false, host: 72.06,
      devices: [169.04, 272.03]),
    Row(
      "llama3-1b", context: 4096, slots: 1, ubatch: 512, flash: true, rows: 1, unified: false, host: 56.07,
      devices: [128.05, 108.04]),
    Row(
      "llama3-1b", context: 32768, slots: 4, ubatch: 512, flash: true, rows: 4, unified: false, host: 72.07,
      devices: [144.05, 124.04]),
    Row(
      "llama3-1b", context: 32768, slots: 4, ubatch: 512, flash: true, rows: 4, unified: true, host: 168.07,
      devices: [240.05, 220.04]),
    Row(
      "llama3-1b", context: 16384, slots: 1, ubatch: 2048, flash: false, rows: 1, unified: false, host: 704.22,
      devices: [4912.16, 4832.09]),
    Row(
      "llama3-1b", context: 8192, slots: 1, ubatch: 512, flash: true, rows: 0, unified: false, host: 72.08,
      devices: [144.05, 318.55]),
  ]

  @Test("host and devices, to a hundredth of a MiB", arguments: rows)
  func exact(_ row: Row) throws {
    let folder = try #require(SharedModels.folder)
    let model = try ModelReader.read(path: "\(folder)/\(row.model).gguf")
    var settings = EngineSettings()
    settings.flashAttention = row.flash
    settings.ubatch = row.ubatch
    settings.kvUnified = row.unified
    settings.outputRows = row.rows
    let half = (model.layers.count + 2) / 2
    let needs = try LlamaMemory(model).needs(
      contextLength: row.context, sequences: row.slots, kvType: KVCacheType(), settings: settings,
      work: row.devices.count == 1 ? .devices : .pipeline(firstLayers: [0, half])
    ).get()
    let split = try #require(needs.split)
    func mebibytes(_ bytes: Int) -> Double { Double(bytes) / 1_048_576 }
    // Alignments differ by backend: a few bytes for each tensor.
    #expect(abs(mebibytes(split.host) - row.host) < 0.011)
    #expect(split.parts.count == row.devices.count)
    for (part, real) in zip(split.parts, row.devices) { #expect(abs(mebibytes(part.peak) - real) < 0.011) }
  }
}
