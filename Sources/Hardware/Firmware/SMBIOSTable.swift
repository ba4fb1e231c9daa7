import Units

/// The structures of an SMBIOS table, as `/sys/firmware/dmi` holds them for root.
struct SMBIOSTable {
  /// One structure: its formatted bytes, header included, and its strings.
  struct Structure {
    var type: UInt8
    var bytes: [UInt8]
    var strings: [String]

    func byte(_ offset: Int) -> Int? { offset < bytes.count ? Int(bytes[offset]) : nil }

    func word(_ offset: Int) -> Int? {
      guard let low = byte(offset), let high = byte(offset + 1) else { return nil }
      return low | high << 8
    }

    func double(_ offset: Int) -> Int? {
      guard let low = word(offset), let high = word(offset + 2) else { return nil }
      return low | high << 16
    }

    /// The string that a byte refers to, nil where there is none.
    func string(_ offset: Int) -> String? {
      guard let number = byte(offset), number > 0, number <= strings.count else { return nil }
      return MachineText.known(strings[number - 1])
    }
  }

  private(set) var structures: [Structure] = []

  /// Reads structures one after the other until the end or the first malformed one; at most 4096.
  init(_ bytes: [UInt8]) {
    var offset = 0
    while offset + 4 <= bytes.count, structures.count < 4096 {
      let length = Int(bytes[offset + 1])
      guard length >= 4, offset + length <= bytes.count else { return }
      var next = offset + length
      var strings: [String] = []
      while next < bytes.count, bytes[next] != 0 {
        let end = bytes[next...].firstIndex(of: 0) ?? bytes.count
        strings.append(String(decoding: bytes[next..<end], as: UTF8.self))
        next = end + 1
      }
      // Two zeros end a structure that has no strings, one more zero the strings of one that has.
      next += strings.isEmpty ? 2 : 1
      structures.append(
        Structure(type: bytes[offset], bytes: Array(bytes[offset..<(offset + length)]), strings: strings))
      if bytes[offset] == 127 { return }
      offset = next
    }
  }

  /// The memory slots (type 17).
  var memoryModules: [MemoryModule] {
    structures.filter { $0.type == 17 }.map { structure in
      var module = MemoryModule()
      module.bytes = Self.size(structure)
      module.type = structure.byte(0x12).flatMap { Self.memoryTypes[$0] }
      module.isPersistent = structure.byte(0x12) == 0x1f
      let configured = structure.word(0x20) == 0xffff ? structure.double(0x58) : structure.word(0x20)
      let speed = [configured, structure.word(0x15)].compactMap { $0 }.first { $0 > 0 && $0 < 0xffff }
      module.speedMTs = module.bytes == nil ? nil : speed
      module.bits = structure.word(0x0a).flatMap { $0 > 0 && $0 < 0xffff ? $0 : nil }
      module.locator = structure.string(0x10) ?? ""
      module.bank = structure.string(0x11) ?? ""
      return module
    }
  }

  private static func size(_ structure: Structure) -> ByteCount? {
    guard let size = structure.word(0x0c), size != 0, size != 0xffff else { return nil }
    if size == 0x7fff { return structure.double(0x1c).map { .mebibytes($0 & 0x7fff_ffff) } }
    return size & 0x8000 != 0 ? .kibibytes(size & 0x7fff) : .mebibytes(size)
  }

  private static let memoryTypes: [Int: String] = [
    0x12: "DDR", 0x13: "DDR2", 0x18: "DDR3", 0x1a: "DDR4", 0x1b: "LPDDR", 0x1c: "LPDDR2", 0x1d: "LPDDR3",
    0x1e: "LPDDR4", 0x20: "HBM", 0x21: "HBM2", 0x22: "DDR5", 0x23: "LPDDR5", 0x24: "HBM3",
  ]

  /// Sockets that hold a central processor (type 4); nil where the table lists none.
  var sockets: Int? {
    let all = structures.filter { $0.type == 4 && $0.byte(5) ?? 3 == 3 }
    // Bit 6 of the status tells that the socket is not empty.
    let filled = all.count { ($0.byte(0x18) ?? 0x40) & 0x40 != 0 }
    return filled > 0 ? filled : nil
  }

  /// Names that the processors (type 4) carry: version and part number.
  var processorNames: [String] {
    structures.filter { $0.type == 4 }.flatMap { [$0.string(0x10), $0.string(0x22)].compactMap { $0 } }
  }
}
