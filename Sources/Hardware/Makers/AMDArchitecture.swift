/// What the name of an AMD architecture tells of a GPU: its kind of memory, and whether it is on a processor.
enum AMDArchitecture {
  /// Graphics of processors, which use the machine's memory.
  private static let integrated: Set<String> = [
    "gfx801", "gfx902", "gfx909", "gfx90c", "gfx1013", "gfx1033", "gfx1035", "gfx1036", "gfx1037", "gfx1103", "gfx1150",
    "gfx1151", "gfx1152", "gfx1153",
  ]

  /// Two compute units for a picture on the screen, in desktop processors (Raphael, Granite Ridge) and Mendocino.
  private static let displayOnly: Set<String> = ["gfx1036", "gfx1037"]

  /// True for the graphics of a processor.
  static func sharesMemory(_ name: String) -> Bool { integrated.contains(plain(name)) }

  /// True for graphics that are too small to compute with.
  static func isDisplayOnly(_ name: String) -> Bool { displayOnly.contains(plain(name)) }

  /// Bits that each pin of the memory moves in one period of the memory clock that the driver states; nil where the memory
  /// is the machine's, whose rate the modules tell.
  ///
  /// HBM and HBM2 move 2 and HBM3 4 (AMD's white papers of CDNA 2 and 3 give both figures), GDDR5 4, GDDR6 16.
  ///
  /// - Parameter busBits: the width of the bus: no other memory than HBM has 2048 bits and more.
  static func transfersPerClock(_ name: String, busBits: Int) -> Double? {
    let name = plain(name)
    if integrated.contains(name) { return nil }
    if ["gfx940", "gfx941", "gfx942", "gfx950"].contains(name) { return 4 }
    if busBits >= 2048 { return 2 }
    if name.hasPrefix("gfx10") || name.hasPrefix("gfx11") || name.hasPrefix("gfx12") { return 16 }
    return name.hasPrefix("gfx8") || name.hasPrefix("gfx7") ? 4 : nil
  }

  /// `gfx90a` of `gfx90a:sramecc+:xnack-` and `amdgcn-amd-amdhsa--gfx90a`.
  private static func plain(_ name: String) -> String {
    let last = name.lowercased().split(separator: "-").last { $0.hasPrefix("gfx") } ?? ""
    return String(last.prefix { $0 != ":" })
  }
}
