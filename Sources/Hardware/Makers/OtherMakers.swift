extension Maker {
  /// Of processors, not of accelerators.
  public static let ampere = Maker(canonical: "Ampere")
}

/// Makers of which only names and PCI vendor numbers are known: no engine here computes on their devices.
enum OtherMakers {
  /// Those whose processors have cores of their own design.
  private static let designers: Set<String> = ["Hygon", "IBM"]

  static let facts: [MakerFacts] = [
    ("NEC", 0x1bcf, []), ("Qualcomm", 0x17cb, []), ("Tenstorrent", 0x1e52, []), ("Google", 0x1ae0, []),
    ("Amazon", 0x1d0f, ["Annapurna Labs", "AWS"]),
    ("Moore Threads", 0x1ed5, ["MooreThreads"]), ("Iluvatar", 0x9999, []),
    ("Phytium", 0x1db7, []), ("Cambricon", 0xcabc, []), ("Hygon", 0x1d94, ["HygonGenuine"]), ("MetaX", 0x1ee0, []),
    ("FuriosaAI", 0x1cc4, []), ("Huawei", 0x19e5, ["Ascend", "HiSilicon"]),
    ("Ampere", 0x1def, ["Ampere Computing"]), ("ARM", nil, []), ("IBM", nil, ["IBM/S390"]),
  ].map { (name: String, vendor: Int?, aliases: [String]) in
    var facts = MakerFacts(Maker(canonical: name), aliases: [name] + aliases)
    facts.isServed = false
    facts.pciVendors = vendor.map { [$0] } ?? []
    facts.implementer = designers.contains(name) ? name.lowercased() : nil
    return facts
  }
}
