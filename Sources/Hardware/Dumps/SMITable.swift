import Units

/// The table that `nvidia-smi` and `hl-smi` print: two or three lines for each device.
struct SMITable {
  var index: Int
  var name: String
  var address: String
  var used: ByteCount?
  var total: ByteCount?
  var watts: Double?
  /// The last column of all of the device's lines.
  var status = ""

  /// Returns the devices in the order of the table; processes below it are not taken for devices.
  static func devices(_ lines: [Substring]) -> [SMITable] {
    var devices: [SMITable] = []
    for (place, line) in lines.enumerated() {
      guard var device = head(line), devices.count < 1024 else { continue }
      for next in lines[(place + 1)...].prefix(2) where next.hasPrefix("|") && head(next) == nil {
        device.add(next)
      }
      devices.append(device)
    }
    return devices
  }

  /// `|   0  NVIDIA H100 80GB HBM3          On  |   00000000:00:09.0 Off |                   On |`
  private static func head(_ line: Substring) -> SMITable? {
    let cells = line.split(separator: "|").map { MachineText.trimmed($0) }
    guard line.hasPrefix("|"), cells.count >= 2 else { return nil }
    let words = cells[0].split(separator: " ")
    guard let number = words.first.flatMap({ Int($0) }), words.count >= 2,
      let address = cells[1].split(separator: " ").first.flatMap({ MachineText.pciAddress($0) })
    else { return nil }
    // The last word is the persistence mode.
    let modes: Set = ["On", "Off", "N/A", "TCC", "WDDM", "MCDM"]
    let hasMode = words.last.map { modes.contains(String($0)) } ?? false
    let name = words.dropFirst().dropLast(hasMode ? 1 : 0).joined(separator: " ")
    return SMITable(index: number, name: name, address: address)
  }

  private mutating func add(_ line: Substring) {
    let cells = line.split(separator: "|").map { MachineText.trimmed($0) }
    for cell in cells {
      guard let slash = cell.firstIndex(of: "/") else { continue }
      let right = MachineText.trimmed(cell[cell.index(after: slash)...])
      let left = cell[..<slash].split(separator: " ").last.map { String($0) } ?? ""
      if right.hasSuffix("iB"), total == nil {
        total = NvidiaGPU.bytes(right)
        used = NvidiaGPU.bytes(left)
      } else if right.hasSuffix("W"), watts == nil {
        watts = MachineText.number(right)?.value
      }
    }
    status += " " + (cells.last ?? "")
  }
}
