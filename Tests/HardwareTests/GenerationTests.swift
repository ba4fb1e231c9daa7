import Hardware
import Testing

/// Facts say of which generation a device is; names decide last.
@Suite struct GenerationTests {
  @Test func everyFileIsRead() {
    #expect(GenerationTable.shipped.map(\.maker) == ["NVIDIA", "AMD", "Intel", "Habana", "Apple", "processors"])
    for table in GenerationTable.shipped where table.maker != "processors" {
      #expect(Maker(table.maker).name == table.maker && Maker(table.maker).facts.generations == table)
      for generation in table.generations { #expect(Generation.named(generation.name) == generation) }
    }
    let names = GenerationTable.shipped.flatMap(\.generations).map(\.name)
    #expect(Set(names).count == names.count)
  }

  @Test(arguments: [
    ("12.0", nil as Int?, "rtx-6090", "blackwell"), ("12.0", nil, "rtx-2080", "blackwell"), ("8.9", nil, "x", "ada"),
    ("9.0", nil, "", "hopper"), ("7.5", 0x2184, "x", "turing16"), ("7.5", 0x1e04, "gtx-1660", "turing"),
    ("7.5", nil, "gtx-1660-ti", "turing16"), ("7.5", nil, "x", "turing"), (nil, 0x2684, "rtx-2080", "ada"),
    (nil, 0x2330, "x", "hopper"), (nil, nil, "rtx-2000-ada", "ada"), (nil, nil, "rtx-3000-ada-laptop", "ada"),
    (nil, nil, "rtx-2060", "turing"), (nil, nil, "quadro-rtx-4000", "turing"), (nil, nil, "rtx-4090", "ada"),
    (nil, nil, "rtx-pro-4000", "blackwell"), (nil, nil, "rtx-a4000", "ampere"), (nil, nil, "tesla-p40", "pascal"),
    (nil, nil, "x", nil as String?), ("13.0", nil, "rtx-5090", nil),
  ])
  func nvidia(_ row: (architecture: String?, device: Int?, slug: String, name: String?)) {
    let table = Maker.nvidia.facts.generations
    let found = table.generation(architecture: row.architecture, pciDevice: row.device, slug: row.slug)
    #expect(found?.name == row.name, "\(row)")
  }

  @Test(arguments: [
    ("gfx942", "mi355x", "cdna3"), ("gfx950", "x", "cdna4"), (nil as String?, "mi355x", "cdna4"),
    (nil, "mi300x", "cdna3"), ("gfx1201", "rx-7900-xtx", "rdna4"), (nil, "rx-9070-xt", "rdna4"),
  ])
  func amd(_ row: (architecture: String?, slug: String, name: String)) {
    let found = Maker.amd.facts.generations.generation(architecture: row.architecture, slug: row.slug)
    #expect(found?.name == row.name)
  }

  @Test func productsAreFoundByFactsWhateverTheyAreCalled() {
    let table = Maker.nvidia.facts.generations
    for family in ["rtx-5090", "rtx-6090", "rtx-2080-ti", ""] {
      let found = table.product(gigabytes: 31.84, gigabytesPerSecond: 1792, teraflops: 209.6, family: family)
      #expect(found?.name == "rtx-5090")
    }
    #expect(table.product(gigabytes: 64, gigabytesPerSecond: 1792, teraflops: 209.6, family: "rtx-5090") == nil)
  }
}
