import Models
import Synchronization
import Units

/// A form's weights by how vLLM spreads them: cut over the ranks, shared by all copies, or on each rank whole.
struct VLLMWeights: Hashable, Sendable {
  private var cut = ByteCount.zero
  private var experts = ByteCount.zero
  private var copied = ByteCount.zero

  /// Sorts the tensors of a form; files beside the model are cut as its own.
  init(_ form: ModelForm) {
    for tensor in form.tensors {
      if Self.isCopied(tensor) {
        copied += tensor.bytes
      } else if Self.isExpert(tensor) {
        experts += tensor.bytes
      } else {
        cut += tensor.bytes
      }
    }
  }

  func adding(_ companions: ByteCount) -> VLLMWeights {
    var sum = self
    sum.cut += companions
    return sum
  }

  /// Bytes of one rank. Matrices are cut over the ranks; norms, routers and the latent projections are copied to each.
  ///
  /// Copies by data parallelism share the experts (with or without `--enable-expert-parallel`), and nothing else.
  func ofRank(ranks: Int, stages: Int, copies: Int) -> ByteCount {
    let shared = ranks.multipliedReportingOverflow(by: copies).partialValue
    let rank = Self.divided(cut, ranks) + Self.divided(experts, shared) + copied
    return Self.divided(rank, stages)
  }

  private static func divided(_ bytes: ByteCount, _ parts: Int) -> ByteCount {
    ByteCount(bytes.bytes / parts + (bytes.bytes % parts == 0 ? 0 : 1))
  }

  private static func isExpert(_ tensor: Tensor) -> Bool {
    (tensor.name.contains(".experts.") || tensor.name.contains("_exps.")) && !tensor.name.contains("shared")
  }

  private static func isCopied(_ tensor: Tensor) -> Bool {
    tensor.dimensions.count < 2 || tensor.name.contains("kv_a_proj") || tensor.name.contains("q_a_proj")
      || tensor.name.contains("attn_kv_a") || tensor.name.contains("attn_q_a") || tensor.name.contains(".gate.weight")
      || tensor.name.contains("ffn_gate_inp")
  }
}

/// What was worked out about the forms of one model, each of which is asked about many times.
final class FormSums<Sums: Sendable>: Sendable {
  private struct Key: Hashable {
    var name: String
    var tool: ModelForm.Tool?
    var bytes: ByteCount
    var tensors: Int
  }

  private let known = Mutex<[Key: Sums]>([:])

  func of(_ form: ModelForm, _ make: (ModelForm) -> Sums) -> Sums {
    let key = Key(name: form.name, tool: form.tool, bytes: form.weightBytes, tensors: form.tensors.count)
    if let sums = known.withLock({ $0[key] }) { return sums }
    let sums = make(form)
    known.withLock { $0[key] = sums }
    return sums
  }
}
