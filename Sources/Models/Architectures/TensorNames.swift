/// What a tensor's name tells, in GGUF's spelling or that of other formats.
struct TensorPlace: Sendable, Hashable {
  /// The block that it belongs to, counted among its like.
  var layer: Int?
  var isExpert = false
  /// True under `mtp.`, where blocks are counted anew.
  var isPrediction = false
  /// True for parts that see or hear.
  var isEncoder = false

  /// Reads a name in one pass: an index of a trillion parameters has 140,000 of them.
  init(_ name: String) {
    var name = name
    name.withUTF8 { bytes in
      var start = 0
      var afterContainer = false
      var part = 0
      var isFeedForward = false
      for index in 0...bytes.count where index == bytes.count || bytes[index] == UInt8(ascii: ".") {
        let piece = UnsafeBufferPointer(rebasing: bytes[start..<index])
        if let number = Self.number(piece) {
          if afterContainer, layer == nil { layer = number }
          // Old files have one tensor for each expert: `blk.3.ffn_up.7.weight`.
          if part == 3, isFeedForward { isExpert = true }
        } else if !piece.isEmpty {
          take(piece)
        }
        afterContainer = Self.containers.contains { piece.elementsEqual($0) }
        isFeedForward = piece.starts(with: Self.feedForward)
        part += 1
        start = index + 1
      }
    }
    if isEncoder { layer = nil }
  }

  private mutating func take(_ piece: UnsafeBufferPointer<UInt8>) {
    if piece.elementsEqual(Self.experts) || (piece.count > 5 && piece.suffix(5).elementsEqual(Self.stacked)) {
      isExpert = true
    }
    if piece.elementsEqual(Self.prediction) { isPrediction = true }
    if Self.encoders.contains(where: { piece.starts(with: $0) }) { isEncoder = true }
  }

  private static let containers = ["blk", "layers", "h", "blocks", "block"].map { Array($0.utf8) }
  private static let experts = Array("experts".utf8)
  private static let stacked = Array("_exps".utf8)
  private static let prediction = Array("mtp".utf8)
  private static let feedForward = Array("ffn_".utf8)
  private static let encoders = ["vision", "visual", "audio", "vit", "multi_modal", "mm_"].map { Array($0.utf8) }

  private static func number(_ piece: UnsafeBufferPointer<UInt8>) -> Int? {
    guard (1...6).contains(piece.count) else { return nil }
    var value = 0
    for digit in piece {
      guard (0x30...0x39).contains(digit) else { return nil }
      value = value * 10 + Int(digit - 0x30)
    }
    return value
  }
}

/// Which tensors a model has, as far as the rules for layers ask.
struct TensorNames: Sendable, Hashable {
  private var names: Set<String> = []
  private var expertLayers: Set<Int> = []
  private(set) var isEmpty = true

  init() {}

  init(_ all: some Sequence<String>) {
    for name in all {
      isEmpty = false
      let place = TensorPlace(name)
      if let layer = place.layer, place.isExpert, !place.isPrediction { expertLayers.insert(layer) }
      if name.hasSuffix("eh_proj.weight") { names.insert(name) }
    }
  }

  /// Returns whether there is `blk.N.NAME`, for the few names that rules ask for.
  func contains(_ name: String, layer: Int) -> Bool { names.contains("blk.\(layer).\(name)") }

  func hasExperts(layer: Int) -> Bool { expertLayers.contains(layer) }

  /// Returns N of `blk.N.…`.
  static func layer(of name: String) -> Int? {
    guard name.hasPrefix("blk.") else { return nil }
    return Int(name.dropFirst(4).prefix { $0 != "." })
  }

  /// Returns what follows `blk.N.`, or the whole name of a tensor of no layer.
  static func withoutLayer(_ name: String) -> Substring {
    guard name.hasPrefix("blk."), let dot = name.dropFirst(4).firstIndex(of: ".") else { return name[...] }
    return name[dot...]
  }
}
