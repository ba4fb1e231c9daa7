import Units

/// The text of `lspci`: lines, `-v`, `-nn`, or the machine-readable form of `-vmm` with numbers or names.
enum LspciDump: DumpReader {
  static let kind = "lspci"

  static func read(_ dump: DumpText) throws(DumpError) -> Findings? {
    guard dump.xml == nil, dump.json == nil else { return nil }
    let source = Source(.probed, kind)
    var devices = records(dump.lines)
    if devices.isEmpty { devices = dump.lines.prefix(200_000).compactMap(line) }
    guard !devices.isEmpty else { return nil }
    var findings = Findings(.list)
    findings.machine.accelerators = devices.prefix(20_000).compactMap { $0.accelerator(source) }
    findings.listsDevices = true
    findings.evidence.hasAmpereRoot = devices.contains { $0.vendor == 0x1def }
    return findings
  }

  private static let classes = [
    "VGA compatible controller": 0x0300, "3D controller": 0x0302, "Display controller": 0x0380,
    "Processing accelerators": 0x1200, "Co-processor": 0x0b40,
  ]

  // MARK: - -vmm

  private static func records(_ lines: [Substring]) -> [PCIDevice] {
    var devices: [PCIDevice] = []
    var fields: [String: String] = [:]
    for line in lines + [""] {
      if let (key, value) = MachineText.pair(line), ["Slot", "Class", "Vendor", "Device", "NUMANode"].contains(key) {
        if key == "Slot", !fields.isEmpty { devices += [record(fields)].compactMap { $0 }; fields = [:] }
        fields[key] = value
      } else if line.allSatisfy(\.isWhitespace) {
        if fields["Slot"] != nil { devices += [record(fields)].compactMap { $0 } }
        fields = [:]
      }
    }
    return devices
  }

  private static func record(_ fields: [String: String]) -> PCIDevice? {
    guard let address = fields["Slot"].flatMap({ MachineText.pciAddress($0) }), let type = fields["Class"] else {
      return nil
    }
    let (typeName, typeNumber) = numbered(type)
    let (vendorName, vendorNumber) = numbered(fields["Vendor"] ?? "")
    let (deviceName, deviceNumber) = numbered(fields["Device"] ?? "")
    let code = typeNumber ?? Int(type, radix: 16) ?? classes[typeName] ?? 0
    let vendor = vendorNumber ?? Int(vendorName, radix: 16) ?? maker(vendorName)
    guard let vendor else { return nil }
    let device = deviceNumber ?? Int(deviceName, radix: 16)
    var found = PCIDevice(
      address: address, classCode: code, vendor: vendor, device: device ?? assumed(vendor, deviceName))
    if Int(deviceName, radix: 16) == nil, !deviceName.isEmpty { found.name = deviceName }
    found.numaNode = fields["NUMANode"].flatMap { Int($0) }
    return found
  }

  /// Splits `NVIDIA Corporation [10de]` into the name and the number.
  private static func numbered(_ text: String) -> (String, Int?) {
    guard text.hasSuffix("]"), let open = text.lastIndex(of: "[") else { return (text, nil) }
    let inside = text[text.index(after: open)...].dropLast()
    guard inside.count == 4, let number = Int(inside, radix: 16) else { return (text, nil) }
    return (MachineText.trimmed(text[..<open]), number)
  }

  private static func maker(_ name: String) -> Int? {
    Maker(name).facts.pciVendors.first
  }

  /// Without numbers the name decides whether a device is a card: an Arc, a Radeon with a product name, a data-center part.
  private static func assumed(_ vendor: Int, _ name: String) -> Int {
    switch vendor {
    case 0x1002: return name.contains("ES1000") || name.contains("Rage") || name.contains("RV100") ? 0 : 0x6860
    case 0x8086:
      // A processor's own graphics are sold as Arc too: "Meteor Lake-P [Intel Arc Graphics]".
      let isOnProcessor = name.contains("Lake") || name.contains("Arc Graphics") || name.contains("Arc(TM) Graphics")
      let isCard =
        !isOnProcessor
        && ["Arc", "Data Center GPU", "DG2", "DG1", "Battlemage", "Ponte Vecchio", "Flex"].contains {
          name.contains($0)
        }
      // A word of its own: a Xeon is no Xe.
      let isXe =
        name.split(separator: " ").contains("Xe")
        || ["Alder Lake", "Raptor Lake", "Meteor Lake", "Lunar Lake", "Arrow Lake", "Panther Lake", "Tiger Lake"]
          .contains { name.contains($0) }
      return isCard ? 0x56a0 : isXe ? 0x9a49 : 0
    default: return 0
    }
  }

  // MARK: - one line for each device

  /// `01:00.0 VGA compatible controller [0300]: NVIDIA Corporation GA102 [GeForce RTX 3090] [10de:2204] (rev a1)`
  private static func line(_ line: Substring) -> PCIDevice? {
    guard let space = line.firstIndex(of: " "), line.first?.isHexDigit ?? false,
      let address = MachineText.pciAddress(line[..<space]),
      let (type, text) = split(line[line.index(after: space)...])
    else { return nil }
    let (typeName, typeNumber) = numbered(type)
    guard let code = typeNumber ?? classes[typeName] ?? (text.contains("Ampere Computing") ? 0x0600 : nil) else {
      return nil
    }
    var rest = text
    if let revision = rest.firstRange(of: " (rev ") { rest = String(rest[..<revision.lowerBound]) }
    var numbers: [Int] = []
    if rest.hasSuffix("]"), let open = rest.lastIndex(of: "[") {
      numbers = rest[rest.index(after: open)...].dropLast().split(separator: ":").compactMap { Int($0, radix: 16) }
      if numbers.count == 2 { rest = MachineText.trimmed(rest[..<open]) }
    }
    guard let vendor = numbers.count == 2 ? numbers[0] : maker(rest) else { return nil }
    let name = product(rest)
    let device = numbers.count == 2 ? numbers[1] : assumed(vendor, rest)
    return PCIDevice(address: address, classCode: code, vendor: vendor, device: device, name: name)
  }

  /// Parts the class from the device at the first colon and space.
  private static func split(_ text: Substring) -> (String, String)? {
    guard let place = text.firstRange(of: ": ") else { return nil }
    return (String(text[..<place.lowerBound]), MachineText.trimmed(text[place.upperBound...]))
  }

  /// The marketing name in brackets where there is one: `GA102 [GeForce RTX 3090]`.
  private static func product(_ text: String) -> String? {
    var rest = text
    for word in [
      "NVIDIA Corporation ", "Advanced Micro Devices, Inc. [AMD/ATI] ", "Advanced Micro Devices, Inc. [AMD] ",
      "Intel Corporation ",
    ]
    where rest.hasPrefix(word) {
      rest.removeFirst(word.count)
    }
    return MachineText.known(rest)
  }
}
