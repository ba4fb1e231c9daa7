import Models
import Synchronization
import Units

/// A form's weights by how vLLM spreads them: cut over the ranks, shared by all copies, or on each rank whole.
struct VLLMWeights: Hashable, Sendable {
  private var cut = ByteCount.zero
  private var experts = ByteCount.zero
  private var copied = ByteCount.zero
  /// Projections to keys and values, by the heads that they make: these are copied once there are more ranks than heads.
  private var heads: [Int: ByteCount] = [:]
  /// What a form that is yet to be made would take more where its maker leaves attention, and all that is no expert, in 16
  /// bits, as publishers of such forms mostly do.
  private var kept = ByteCount.zero
  /// The same of what every rank has whole.
  private var keptCopied = ByteCount.zero
  /// Attention of a dense model in 4-bit floats: llm-compressor's recipe stores it in them, some publishers keep 16 bits.
  private var mayKeep = ByteCount.zero
  /// Whether its model takes images.
  let seesImages: Bool

  /// Sorts the tensors of a form; files beside the model are cut as its own.
  init(_ form: ModelForm) {
    seesImages = form.model.seesImages
    // Four bits for all of it lose too much: of mixtures the experts alone are stored so.
    let isMixture = form.model.layers.contains { $0.experts != nil }
    // A configuration that names the tool alone does not say which parts it left.
    let isUnlisted = form.tool == .compressor || (form.model.format == .config && form.name == "NVFP4")
    let isNarrow = isUnlisted && !form.name.contains("8")
    let isFloat = form.name.hasPrefix("NVFP4")
    for tensor in form.tensors {
      if isNarrow, !Self.isExpert(tensor), isMixture || (isFloat && tensor.name.contains("attn")) {
        let whole = Self.unpacked(tensor)
        let more = tensor.bytes < whole ? whole - tensor.bytes : .zero
        if !isMixture {
          mayKeep += more
        } else if Self.isCopied(tensor) {
          keptCopied += more
        } else {
          kept += more
        }
      }
      // Latent attention unpacks the matrix that makes keys and values, and keeps both (`process_weights_after_loading`).
      if tensor.name.hasSuffix("kv_b_proj.weight") { cut += Self.unpacked(tensor) }
      if Self.isCopied(tensor) {
        copied += tensor.bytes
      } else if Self.isExpert(tensor) {
        experts += tensor.bytes
      } else if let heads = Self.keyHeads(tensor, form.model) {
        self.heads[heads, default: .zero] += tensor.bytes
      } else {
        cut += tensor.bytes
      }
    }
  }

  /// The heads of the keys or values that a projection makes; nil for any other tensor.
  private static func keyHeads(_ tensor: Tensor, _ model: Model) -> Int? {
    let parts = tensor.name.split(separator: ".")
    guard parts.contains("k_proj") || parts.contains("v_proj"), !parts.contains(where: { $0.hasPrefix("vis") }),
      let place = parts.firstIndex(of: "layers"), place + 1 < parts.count, let layer = Int(parts[place + 1]),
      model.layers.indices.contains(layer)
    else { return nil }
    return max(1, model.layers[layer].kvHeadCount)
  }

  /// Returns the sum with what is cut over the ranks, and what each has whole.
  func adding(cut companions: ByteCount, copied whole: ByteCount) -> VLLMWeights {
    var sum = self
    sum.cut += companions
    sum.copied += whole
    return sum
  }

  /// Bytes of one rank. Matrices are cut over the ranks; norms, routers and the latent projections are copied to each.
  ///
  /// Copies by data parallelism share the experts (with or without `--enable-expert-parallel`), and nothing else.
  /// - Parameter expertPadding: Bytes of the experts as a kernel lays them out, for each byte that is stored.
  func ofRank(ranks: Int, stages: Int, copies: Int, expertPadding: Double = 1) -> ByteCount {
    let shared = ranks.multipliedReportingOverflow(by: copies).partialValue
    let projections = heads.reduce(ByteCount.zero) { $0 + Self.divided($1.value, min(ranks, $1.key)) }
    let routed = Self.divided(experts, shared).scaled(by: expertPadding)
    let rank = Self.divided(cut, ranks) + projections + routed + copied
    return Self.divided(rank, stages)
  }

  /// The bytes of a tensor in 16 bits; zero where its extents are beyond any model.
  private static func unpacked(_ tensor: Tensor) -> ByteCount {
    let elements = tensor.dimensions.reduce(1.0) { $0 * Double($1) }
    return elements > 0 && elements < 1e15 ? ByteCount(2 * Int(elements)) : .zero
  }

  /// What one rank of a form that is yet to be made holds more where parts of it are left in 16 bits.
  func keptOfRank(ranks: Int, stages: Int) -> ByteCount {
    Self.divided(Self.divided(kept, ranks) + keptCopied, stages)
  }

  /// What one rank may hold more of a dense model where its publisher left attention in 16 bits.
  func mayKeepOfRank(ranks: Int, stages: Int) -> ByteCount { Self.divided(Self.divided(mayKeep, ranks), stages) }

  private static func divided(_ bytes: ByteCount, _ parts: Int) -> ByteCount {
    ByteCount(bytes.bytes / parts + (bytes.bytes % parts == 0 ? 0 : 1))
  }

  private static func isExpert(_ tensor: Tensor) -> Bool {
    (tensor.name.contains(".experts.") || tensor.name.contains("_exps.")) && !tensor.name.contains("shared")
  }

  private static func isCopied(_ tensor: Tensor) -> Bool {
    tensor.dimensions.count < 2 || tensor.name.contains("kv_a_proj") || tensor.name.contains("q_a_proj")
      || tensor.name.contains("attn_kv_a") || tensor.name.contains("attn_q_a") || tensor.name.contains(".gate.weight")
      || tensor.name.contains("ffn_gate_inp") || tensor.name.contains(".indexer.")
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
