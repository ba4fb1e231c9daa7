import Fixtures
import Testing
import Units

@testable import Models

@Suite struct CheckpointQuantizationTests {
  @Test(
    .enabled(if: SharedModels.folder != nil, "the reference data are not there"),
    arguments: [(CheckpointQuantization.Scheme.mlx4, "smollm2-135m-4bit"), (.mlx8, "smollm2-135m-8bit")])
  func sizesAreThoseOfTheFilesThatMLXMade(scheme: CheckpointQuantization.Scheme, made: String) throws {
    let folder = try #require(SharedModels.folder)
    let source = try ModelReader.read(path: "\(folder)/smollm2-135m")
    let truth = try ModelReader.read(path: "\(folder)/\(made)")
    let outcome = try #require(CheckpointQuantization(source)).outcome(scheme)
    #expect(outcome.tensorBytes == truth.tensorBytes?.value)
  }

  @Test func bitsPerWeightAreThoseOfTheFormats() throws {
    var model = Model(
      name: "one matrix", format: .safetensors, architecture: "llama",
      shape: ModelShape(embeddingLength: 4096, vocabularySize: 1, contextLength: 1), layers: [])
    model.tensors = [
      Tensor(
        name: "model.layers.0.mlp.up_proj.weight", dimensions: [4096, 16_384], type: "BF16",
        bytes: ByteCount(4096 * 16_384 * 2))
    ]
    model.quantization = Figure("BF16", .header, "test")
    let quantization = try #require(CheckpointQuantization(model))
    func bits(_ scheme: CheckpointQuantization.Scheme) -> Double {
      8 * Double(quantization.outcome(scheme).tensorBytes.bytes) / Double(4096 * 16_384)
    }
    #expect(bits(.mlx4) == 4.5 && bits(.mlx8) == 8.5 && bits(.mlx3) == 3.5 && bits(.mlx6) == 6.5)
    #expect(bits(.awq) == 4.15625)
    #expect(abs(bits(.nvfp4) - 4.5) < 0.0001)
    #expect(abs(bits(.fp8) - 8.004) < 0.001)
  }

  /// mlx-lm unpacks block-scaled 8-bit floats of some families while it loads them; other tools want the 16-bit weights.
  @Test(arguments: [("minimax-m2", true), ("deepseek2", true), ("mistral3", true), ("qwen3moe", false)])
  func eightBitFloatsAreUnpackedByMLXAlone(architecture: String, isUnpacked: Bool) throws {
    var model = Model(
      name: "8-bit floats", format: .safetensors, architecture: architecture,
      shape: ModelShape(embeddingLength: 4096, vocabularySize: 1, contextLength: 1), layers: [])
    model.tensors = [
      Tensor(
        name: "model.layers.0.mlp.up_proj.weight", dimensions: [4096, 16_384], type: "F8_E4M3",
        bytes: ByteCount(4096 * 16_384)),
      Tensor(
        name: "model.layers.0.mlp.up_proj.weight_scale_inv", dimensions: [32, 128], type: "F32",
        bytes: ByteCount(32 * 128 * 4)),
    ]
    model.quantization = Figure("FP8", .header, "test")
    guard isUnpacked else {
      #expect(CheckpointQuantization(model).map(\.schemes) == nil)
      return
    }
    let quantization = try #require(CheckpointQuantization(model))
    #expect(!quantization.schemes.isEmpty && quantization.schemes.allSatisfy(\.isMLX))
    let made = quantization.outcome(.mlx4)
    #expect(made.tensors.map(\.name) == ["model.layers.0.mlp.up_proj.weight"])
    #expect(made.tensorBytes == ByteCount(4096 * 16_384 * 9 / 16))
  }
}
