import Models
import Units

/// A form's weights summed over what llama.cpp always puts on one device.
struct LlamaWeightSums: Hashable, Sendable {
  /// What lies together.
  enum Part: Hashable, Sendable {
    case host, output
    case layer(Int, isExpert: Bool)

    init(_ name: String) {
      if name == "output.weight" || name.hasPrefix("output_norm") || name == "output.bias" {
        self = .output
      } else if name.hasPrefix("blk."),
        let index = Int(Substring(name.utf8.dropFirst(4).prefix { $0 != UInt8(ascii: ".") }))
      {
        self = .layer(index, isExpert: name.contains("_exps.") || name.contains("_chexps."))
      } else {
        self = .host
      }
    }
  }

  struct Group: Hashable, Sendable {
    var part: Part
    var bytes: ByteCount
    /// Of those, what the CPU keeps a second copy of.
    var repacked: ByteCount
    /// The largest matrix among them.
    var largest = ByteCount.zero
  }

  private(set) var groups: [Group] = []
  /// The table of input embeddings.
  private(set) var embeddings = ByteCount.zero

  init(_ form: ModelForm) {
    var places: [Part: Int] = [:]
    for tensor in form.tensors {
      let part = Part(tensor.name)
      let place = places[part] ?? groups.count
      if place == groups.count {
        groups.append(Group(part: part, bytes: .zero, repacked: .zero))
        places[part] = place
      }
      groups[place].bytes += tensor.bytes
      if tensor.dimensions.count > 1, tensor.bytes > groups[place].largest { groups[place].largest = tensor.bytes }
      if LlamaRepacking.isRepacked(tensor) { groups[place].repacked += tensor.bytes }
      if tensor.name == "token_embd.weight" { embeddings += tensor.bytes }
    }
  }
}
