/// The quantization that a file's or folder's name tells: a hint for choosing, the header being the truth.
public enum QuantizationLabel {
  /// Finds the label in a path, the file's name first, then the folders from the inside out; nil where there is none.
  public static func find(in path: String) -> String? {
    for part in path.split(separator: "/").reversed() {
      let name = stem(part)
      if let place = place(in: name) { return name[place].uppercased() }
    }
    return nil
  }

  /// The name of a path's file before its label, without extension and number of its part.
  static func base(of path: String) -> Substring {
    let name = stem(path.split(separator: "/").last ?? "")
    guard let place = place(in: name), place.lowerBound > name.startIndex else { return name }
    return name[..<place.lowerBound]
  }

  /// True for a publisher's own mix (`UD-Q4_K_XL`, `Q6_K_L`) where the header's type is the one that it goes out from.
  static func isOwnMix(_ label: String, of type: String) -> Bool {
    guard GGUFFileType(rawValue: label) == nil, ListedQuantization.mixName(label) != nil else { return false }
    func bits(_ name: String) -> Character? { name.first(where: \.isNumber) }
    return bits(label) == bits(type)
  }

  /// The name without its extension and without `-00001-of-00003`.
  private static func stem(_ part: Substring) -> Substring {
    var name = part
    for suffix in [".gguf", ".safetensors"] where name.lowercased().hasSuffix(suffix) {
      name = name.dropLast(suffix.count)
    }
    return SplitName(name)?.base ?? name
  }

  private static func place(in name: Substring) -> Range<String.Index>? {
    // The label stands last as a rule; model names may hold something alike earlier.
    let marks = name.indices.filter { index in
      index == name.startIndex || "-._".contains(name[name.index(before: index)])
    }
    var found: (start: String.Index, end: String.Index)?
    for start in marks.reversed() {
      guard let end = labelEnd(name[start...]) else { continue }
      // A longer label that starts earlier (`UD-Q4_K_XL`, `IQ4_NL`) holds the shorter one.
      if let inner = found, end < inner.end { break }
      found = (start, end)
    }
    return found.map { $0.start..<$0.end }
  }

  /// Where a label at the front of the text ends; nil where there is none, or where it runs on into a word.
  private static func labelEnd(_ text: Substring) -> String.Index? {
    guard let match = text.prefixMatch(of: pattern) else { return nil }
    let end = match.range.upperBound
    guard end == text.endIndex || "-.".contains(text[end]) else { return nil }
    return end
  }

  /// llama.cpp's types and mixes, Unsloth's dynamic ones, Ampere's own, the four-bit floats, and the bit widths of MLX.
  // Immutable and compiled once; Regex is not marked Sendable.
  private nonisolated(unsafe) static let pattern =
    #/
    (?:UD-)? (?:
      Q8R16 | I?Q[1-9] (?: _[01](?:_[48]_[48])? | _K_4 | _K_X?[SML]L? | _K | _NL | _XXS | _XS | _S | _M | _X?L )?
      | TQ[12]_0 | MXFP[48](?:_MOE_BF16|_MOE)? | NVFP4 | FP8 | INT[48] | BF16 | F16 | FP16 | F32 | FP32 | [234568]bit
    )
    /#
    .ignoresCase()
}
