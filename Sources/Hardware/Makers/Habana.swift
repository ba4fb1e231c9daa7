extension Maker {
  public static let habana = Maker(canonical: "Habana")
}

/// What Gaudi accelerators need, which Intel sells and Habana Labs makes.
enum Habana {
  static let facts: MakerFacts = {
    var facts = MakerFacts(.habana, aliases: ["Habana", "HabanaLabs", "Intel Habana", "Intel Gaudi", "Gaudi"])
    facts.pciVendors = [0x1da3]
    facts.products = [0x1000: "Gaudi HL-2000", 0x1020: "Gaudi 2 HL-225", 0x1060: "Gaudi 3 HL-325"]
    facts.memoryCommand = "hl-smi"
    facts.scaleUpLink = .roce
    facts.visibility = DeviceVisibility("HABANA_VISIBLE_MODULES")
    facts.container = .runtime("habana")
    facts.containerVariable = "HABANA_VISIBLE_DEVICES"
    facts.kubernetesResource = "habana.ai/gaudi"
    facts.rayResource = "HPU"
    facts.driver = driver
    return facts
  }()

  private static let driver: DriverCheck = {
    var check = DriverCheck("Gaudi driver", .program("hl-smi", ["-Q", "driver_version", "-f", "csv,noheader"]))
    check.remedy = "install habanalabs-dkms, or reload it"
    return check
  }()
}
