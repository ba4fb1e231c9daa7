import Units

/// The table that `nvidia-smi` and `hl-smi` print: two or three lines for each device.
struct SMITable {
  var index: Int
  var name: String
  /// Empty where the device is on no bus: a Jetson's GPU.
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
      let place = cells[1].split(separator: " ").first,
      let address = MachineText.pciAddress(place) ?? (place == "N/A" && cells[0].contains("(nvgpu)") ? "" : nil)
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

  /// A row of the table of MIG devices below: GPU, GPU instance, and the instance's memory.
  struct Slice {
    var gpu: Int
    var instance: String
    var used: ByteCount?
    var total: ByteCount
  }

  /// `|  0    1   0   0  |              37MiB / 19968MiB    | 42      0 |  3   0    2    0    0 |`
  static func slices(_ lines: [Substring]) -> [Slice] {
    guard let start = lines.firstIndex(where: { $0.contains("MIG devices:") }) else { return [] }
    return lines[start...].prefix(4096).prefix { !$0.contains("Processes:") }.compactMap { line in
      let cells = line.split(separator: "|").map { MachineText.trimmed($0) }
      guard line.hasPrefix("|"), cells.count >= 2 else { return nil }
      let numbers = cells[0].split(separator: " ").compactMap { Int($0) }
      let amounts = cells[1].split(separator: "/").map { MachineText.trimmed($0) }
      guard numbers.count == 4, amounts.count == 2, let total = NvidiaGPU.bytes(amounts[1]) else { return nil }
      return Slice(gpu: numbers[0], instance: "\(numbers[1])", used: NvidiaGPU.bytes(amounts[0]), total: total)
    }
  }
}
