import Fixtures
import Foundation
import Hardware
import Testing
import Units

/// A maker is one value however it is spelt, and everything that differs by maker stands with it.
@Suite struct MakerTests {
  @Test(arguments: [
    (
      Maker.nvidia,
      ["NVIDIA", "nvidia", "NVIDIA Corporation", "NVIDIA(R) Corp.", "0x10de", "10DE", "[10de]", #"PCI\VEN_10DE"#]
    ),
    (
      .amd,
      [
        "AMD", "amd", "Advanced Micro Devices, Inc. [AMD/ATI]", "Advanced Micro Devices", "ATI Technologies Inc",
        "1002",
        "AuthenticAMD",
      ]
    ),
    (.intel, ["Intel", "intel", "Intel Corporation", "Intel(R) Corporation", "GenuineIntel", "0x8086"]),
    (.habana, ["Habana", "habana", "Habana Labs", "Habana Labs Ltd.", "HabanaLabs", "Intel Gaudi", "1da3"]),
    (.apple, ["Apple", "apple", "APPLE", "Apple Inc.", "Apple, Inc."]),
    (Maker(canonical: "Moore Threads"), ["Moore Threads", "MooreThreads", "moore threads technology"]),
  ]) func allSpellingsAreOneMaker(_ row: (maker: Maker, spellings: [String])) {
    for spelling in row.spellings { #expect(Maker(spelling) == row.maker, "\(spelling)") }
  }

  @Test(arguments: ["Nvidiot", "Acme Silicon", "AMDahl", "Intellect", "", "beef", "Applebee"])
  func othersAreKeptAsTheyAre(_ name: String) {
    #expect(Maker(name).name == name)
    #expect(Maker(name).facts.kubernetesResource == nil)
  }

  @Test func codesAsItsName() throws {
    let text = try JSONEncoder().encode(["v": Maker("NVIDIA Corporation")])
    #expect(String(decoding: text, as: UTF8.self) == #"{"v":"NVIDIA"}"#)
    #expect(
      try JSONDecoder().decode([Maker].self, from: Data(#"["Habana Labs","Acme"]"#.utf8)) == [.habana, Maker("Acme")])
  }

  @Test func noTwoMakersShareANameOrANumber() {
    let all = MakerCatalogue.shipped.all
    let names = all.flatMap { $0.aliases.map { $0.lowercased() } }
    #expect(Set(names).count == names.count)
    let numbers = all.flatMap(\.pciVendors)
    #expect(Set(numbers).count == numbers.count)
    for facts in all { #expect(Maker(facts.maker.name) == facts.maker) }
  }

  @Test func aProfileMayNameTheMakerAsItLikes() throws {
    let text =
      "name: x\naccelerators:\n- vendor: Advanced Micro Devices, Inc. [AMD/ATI]\n- vendor: NVIDIA Corporation\n- vendor: apple"
    let machine = try MachineProfile.read(text, name: "x.yaml")
    #expect(machine.accelerators.map(\.vendor.value) == [.amd, .nvidia, .apple])
    #expect(machine.accelerators.indices.map(machine.ordinal) == [0, 0, 0])
  }

  @Test(arguments: [("NVLink", LinkKind.nvlink), ("xgmi", .xgmi), ("PCIe", .pcie)])
  func linksAreReadInAnyCase(_ row: (text: String, kind: LinkKind)) throws {
    #expect(try JSONDecoder().decode([LinkKind].self, from: Data(#"["\#(row.text)"]"#.utf8)) == [row.kind])
  }

  @Test func aMakerFromElsewhereNeedsNoEdit() {
    var facts = MakerFacts(Maker(canonical: "Acme"), aliases: ["Acme", "Acme Silicon"])
    facts.pciVendors = [0xacce]
    facts.visibility = DeviceVisibility("ACME_VISIBLE_DEVICES")
    MakerCatalogue.$current.withValue(MakerCatalogue(MakerCatalogue.shipped.all + [facts])) {
      #expect(Maker("ACME SILICON, Inc.") == facts.maker && Maker("0xacce") == facts.maker)
      #expect(facts.maker.facts.visibility?.environment([2, 0]) == ["ACME_VISIBLE_DEVICES": "2,0"])
    }
    #expect(Maker("acme silicon") != facts.maker)
  }
}
