import Models
/// Finds the vision projector that belongs to a GGUF model, among those of its repository.
struct ProjectorChoice: Hashable, Sendable {
  let projectors: [HubFile]

  /// Returns the projector for a model's first file; nil where the repository has none.
  ///
  /// Those made for that model by their names come first, then those of the nearest folder, then the type that
  /// llama.cpp's own conversions use (F16), which every backend computes.
  func projector(for weights: HubFile) -> HubFile? {
    let model = Self.stem(weights.path)
    let stems = Set(projectors.map { Self.stem($0.path) })
    func fit(_ projector: HubFile) -> Int {
      let stem = Self.stem(projector.path)
      // One name for all says nothing about whose it is.
      if stems.count < 2 || stem == model { return 0 }
      return Self.generic.contains(stem) ? 1 : 2
    }
    return projectors.min { first, second in
      let (one, other) = (Self.distance(first.path, weights.path), Self.distance(second.path, weights.path))
      return (fit(first), one, Self.rank(first), first.path) < (fit(second), other, Self.rank(second), second.path)
    }
  }

  private static let generic: Set<String> = ["", "model", "clip", "vision"]

  /// 0 in the model's folder, then its ancestors from the inside out, then everything else.
  private static func distance(_ path: String, _ weights: String) -> Int {
    let (own, other) = (weights.split(separator: "/").dropLast(), path.split(separator: "/").dropLast())
    return own.starts(with: other) ? own.count - other.count : 1000
  }

  private static func rank(_ file: HubFile) -> Int {
    let order = ["F16", "FP16", "BF16", "F32", "FP32", "Q8_0"]
    return QuantizationLabel.find(in: file.path).flatMap { order.firstIndex(of: $0) } ?? order.count
  }

  /// The model's name in a file's: without folder, `mmproj`, quantization and numbering, in lower case.
  private static func stem(_ path: String) -> String {
    let name = path.split(separator: "/").last.map { $0.lowercased() } ?? ""
    let bare = name.hasSuffix(".gguf") ? name.dropLast(5) : name[...]
    var stem = String(SplitName(bare)?.base ?? bare)
    for part in ["mmproj", QuantizationLabel.find(in: name)?.lowercased() ?? ""] where !part.isEmpty {
      stem = stem.replacing(part, with: "")
    }
    return stem.split { "-._".contains($0) }.joined(separator: "-")
  }
}
