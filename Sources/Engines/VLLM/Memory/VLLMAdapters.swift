import Models
import Units

/// The places for adapters that vLLM makes beside a model's matrices when it starts.
///
/// Every linear layer gets two matrices of the highest rank for each adapter at once, in 16 bits, whatever an adapter
/// changes (`LoRALayerWeights`, `create_lora_weights`); experts too.
struct VLLMAdapters: Hashable, Sendable {
  /// Ranks that `--max-lora-rank` takes.
  static let ranks = [1, 8, 16, 32, 64, 128, 256, 320, 512]

  /// Bytes of all places that are cut over the ranks, and of those that each rank has whole.
  private(set) var cut = ByteCount.zero
  private(set) var copied = ByteCount.zero

  /// The least rank that holds an adapter of the rank given; nil where vLLM has none.
  static func rank(holding rank: Int) -> Int? { ranks.first { $0 >= rank } }

  init(_ form: ModelForm, places: Int, rank: Int) {
    guard places > 0 else { return }
    for tensor in form.tensors where Self.isLinear(tensor) {
      let matrices = tensor.dimensions.dropFirst(2).reduce(1.0) { $0 * Double($1) }
      let each = 2 * Double(places) * Double(rank) * matrices
      let (input, output) = (Double(tensor.dimensions[0]) * each, Double(tensor.dimensions[1]) * each)
      guard input + output < 1e15 else { continue }
      // What is cut by its input has the first matrix cut, the others the second.
      let isCutByInput =
        tensor.name.contains("o_proj") || tensor.name.contains("down") || tensor.name.contains("attn_output")
      cut += ByteCount(Int(isCutByInput ? input : output))
      copied += ByteCount(Int(isCutByInput ? output : input))
    }
  }

  private static func isLinear(_ tensor: Tensor) -> Bool {
    guard tensor.dimensions.count >= 2, tensor.name.hasSuffix(".weight") else { return false }
    let names = ["norm", "embed", "token_embd", "ffn_gate_inp", ".gate.weight", "conv", "vis"]
    return !names.contains(where: tensor.name.contains)
  }
}
