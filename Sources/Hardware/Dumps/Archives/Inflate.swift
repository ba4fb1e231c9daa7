/// Undoes the deflate compression of gzip and zip (RFC 1951).
struct Inflate {
  private let input: ArraySlice<UInt8>
  private var position: Int
  private var bits: UInt32 = 0
  private var bitCount = 0
  private var output: [UInt8] = []
  private let limit: Int

  /// Returns the content, or nil where the data is damaged or longer than the limit.
  static func inflate(_ input: ArraySlice<UInt8>, limit: Int) -> [UInt8]? {
    var state = Inflate(input: input, position: input.startIndex, limit: limit)
    return state.run() ? state.output : nil
  }

  /// Returns the content of a gzip file, all members of it.
  static func gunzip(_ bytes: [UInt8], limit: Int) -> [UInt8]? {
    var offset = 10
    guard bytes.count > 18, bytes[0] == 0x1f, bytes[1] == 0x8b, bytes[2] == 8 else { return nil }
    let flags = bytes[3]
    if flags & 4 != 0 {
      guard offset + 2 <= bytes.count else { return nil }
      offset += 2 + Int(bytes[offset]) + Int(bytes[offset + 1]) << 8
    }
    for flag in [UInt8(8), 16] where flags & flag != 0 {
      while offset < bytes.count, bytes[offset] != 0 { offset += 1 }
      offset += 1
    }
    if flags & 2 != 0 { offset += 2 }
    return offset < bytes.count ? inflate(bytes[offset...], limit: limit) : nil
  }

  private init(input: ArraySlice<UInt8>, position: Int, limit: Int) {
    self.input = input
    self.position = position
    self.limit = limit
  }

  private mutating func run() -> Bool {
    while true {
      guard let last = take(1), let type = take(2) else { return false }
      let isGood: Bool
      switch type {
      case 0: isGood = stored()
      case 1: isGood = block(Self.fixedLengths, Self.fixedDistances)
      case 2: isGood = dynamicBlock()
      default: isGood = false
      }
      guard isGood else { return false }
      if last == 1 { return true }
    }
  }

  private mutating func take(_ count: Int) -> Int? {
    while bitCount < count {
      guard position < input.endIndex else { return nil }
      bits |= UInt32(input[position]) << UInt32(bitCount)
      position += 1
      bitCount += 8
    }
    let value = Int(bits & ((1 << UInt32(count)) - 1))
    bits >>= UInt32(count)
    bitCount -= count
    return value
  }

  private mutating func stored() -> Bool {
    bits = 0
    bitCount = 0
    guard position + 4 <= input.endIndex else { return false }
    let length = Int(input[position]) | Int(input[position + 1]) << 8
    position += 4
    guard position + length <= input.endIndex, output.count + length <= limit else { return false }
    output += input[position..<(position + length)]
    position += length
    return true
  }

  /// A canonical Huffman code: how many codes there are of each length, and their symbols in order.
  private struct Code {
    var counts = [Int](repeating: 0, count: 16)
    var symbols: [Int] = []

    init(_ lengths: ArraySlice<Int>) {
      for length in lengths { counts[length] += 1 }
      counts[0] = 0
      for length in 1...15 {
        for (symbol, own) in lengths.enumerated() where own == length { symbols.append(symbol) }
      }
    }
  }

  private mutating func symbol(_ code: Code) -> Int? {
    var value = 0
    var first = 0
    var index = 0
    for length in 1...15 {
      guard let bit = take(1) else { return nil }
      value |= bit
      let count = code.counts[length]
      if value - count < first { return code.symbols[index + (value - first)] }
      index += count
      first = (first + count) << 1
      value <<= 1
    }
    return nil
  }

  private static let fixedLengths = Code(
    ([Int](repeating: 8, count: 144) + [Int](repeating: 9, count: 112) + [Int](repeating: 7, count: 24)
      + [Int](repeating: 8, count: 8))[...])
  private static let fixedDistances = Code([Int](repeating: 5, count: 30)[...])

  private static let lengthBase = [
    3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258,
  ]
  private static let lengthBits = [
    0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0,
  ]
  private static let distanceBase = [
    1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097, 6145,
    8193, 12289, 16385, 24577,
  ]

  private mutating func block(_ lengths: Code, _ distances: Code) -> Bool {
    while true {
      guard let symbol = symbol(lengths) else { return false }
      if symbol == 256 { return true }
      if symbol < 256 {
        guard output.count < limit else { return false }
        output.append(UInt8(symbol))
        continue
      }
      let place = symbol - 257
      guard place < Self.lengthBase.count, let more = take(Self.lengthBits[place]), let code = self.symbol(distances),
        code < Self.distanceBase.count, let extra = take(max(0, code / 2 - 1))
      else { return false }
      let length = Self.lengthBase[place] + more
      let distance = Self.distanceBase[code] + extra
      guard distance <= output.count, output.count + length <= limit else { return false }
      for _ in 0..<length { output.append(output[output.count - distance]) }
    }
  }

  private mutating func dynamicBlock() -> Bool {
    guard let lengthCount = take(5), let distanceCount = take(5), let codeCount = take(4) else { return false }
    let order = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15]
    var codeLengths = [Int](repeating: 0, count: 19)
    for index in 0..<(codeCount + 4) {
      guard let length = take(3) else { return false }
      codeLengths[order[index]] = length
    }
    let code = Code(codeLengths[...])
    let total = lengthCount + 257 + distanceCount + 1
    var lengths: [Int] = []
    while lengths.count < total {
      guard let symbol = symbol(code) else { return false }
      if symbol < 16 {
        lengths.append(symbol)
        continue
      }
      guard let more = take(symbol == 16 ? 2 : symbol == 17 ? 3 : 7) else { return false }
      guard symbol != 16 || !lengths.isEmpty else { return false }
      let value = symbol == 16 ? lengths[lengths.count - 1] : 0
      lengths += [Int](repeating: value, count: more + (symbol == 18 ? 11 : 3))
    }
    guard lengths.count == total else { return false }
    return block(Code(lengths[..<(lengthCount + 257)]), Code(lengths[(lengthCount + 257)...]))
  }
}
