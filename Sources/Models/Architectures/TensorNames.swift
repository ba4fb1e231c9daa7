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
        afterContainer =
          piece.equals("layers") || piece.equals("blk") || piece.equals("h") || piece.equals("blocks")
          || piece.equals("block")
        isFeedForward = piece.begins("ffn_")
        part += 1
        start = index + 1
      }
    }
    if isEncoder { layer = nil }
  }

  private mutating func take(_ piece: UnsafeBufferPointer<UInt8>) {
    if piece.equals("experts") || (piece.count > 5 && piece.ends("_exps")) { isExpert = true }
    // Few names begin like these: their first letter decides most.
    switch piece.first {
    case UInt8(ascii: "m"):
      if piece.equals("mtp") { isPrediction = true }
      if piece.begins("multi_modal") || piece.begins("mm_") { isEncoder = true }
    case UInt8(ascii: "v"):
      if piece.begins("vision") || piece.begins("visual") || piece.begins("vit") { isEncoder = true }
    case UInt8(ascii: "a"): if piece.begins("audio") { isEncoder = true }
    default: break
    }
  }

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

extension UnsafeBufferPointer<UInt8> {
  // Literals are compared in place: a static array of bytes would be looked up and counted at every call.
  fileprivate func equals(_ text: StaticString) -> Bool { count == text.utf8CodeUnitCount && begins(text) }

  fileprivate func begins(_ text: StaticString) -> Bool { matches(text, at: 0) }

  fileprivate func ends(_ text: StaticString) -> Bool { matches(text, at: count - text.utf8CodeUnitCount) }

  private func matches(_ text: StaticString, at offset: Int) -> Bool {
    let length = text.utf8CodeUnitCount
    guard offset >= 0, offset + length <= count else { return false }
    for index in 0..<length where self[offset + index] != text.utf8Start[index] { return false }
    return true
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
