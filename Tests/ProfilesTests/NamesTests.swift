import Hardware
import Testing
import Units

@testable import Profiles

/// The names that drivers, tools and people use, and the entry that each of them means.
@Suite struct NamesTests {
  let profiles = Shipped.profiles

  /// The table of aliases by entry: each leads to its entry, or asks which of those that have it.
  @Test func everyEntryIsReachedByItsAliases() {
    for entry in profiles.namedEntries() {
      for alias in [entry.entry.name] + entry.header.aliases {
        switch Result(catching: { try profiles.entry(named: alias) }) {
        case .success(let found):
          let shares = profiles.namedEntries().contains { $0.entry == found && $0.header.aliases.contains(alias) }
          #expect(found == entry.entry || shares, "\(alias) is \(found.name), not \(entry.entry.name)")
        case .failure(let error):
          #expect(choices(error)?.contains(entry.entry.name) == true, "\(alias) of \(entry.entry.name): \(error)")
        }
      }
    }
  }

  /// The choices of a name that means several things.
  private func choices(_ error: any Error) -> [String]? {
    guard case .ambiguous(_, let candidates) = error as? ProfileError else { return nil }
    return candidates
  }

  @Test func whatIsReadOfTheFirstLinesIsWhatTheyMean() throws {
    for entry in profiles.namedEntries() {
      let machine = try MachineProfile.read(file: entry.entry.path, checksKeys: false)
      #expect(entry.header.aliases == machine.aliases ?? [], "\(machine.name)")
      #expect(entry.header.isShortlisted == (machine.shortlist ?? false), "\(machine.name)")
      let maker =
        machine.system?.vendor?.value ?? machine.accelerators.first?.vendor.value.name ?? machine.cpu.vendor?.value
      #expect(entry.header.maker == maker, "\(machine.name)")
    }
    let lines = "name: a\naliases:\n- \"x [y], z\"\n- plain name # why\nshortlist: true\n"
    #expect(CatalogueHeader(lines).aliases == ["x [y], z", "plain name # why"])
    #expect(CatalogueHeader("aliases: [a b, 'c, d',\n  e]\ncpu: {}\n").aliases == ["a b", "c, d", "e"])
    #expect(CatalogueHeader("cpu:\n  aliases: [no]\n").aliases.isEmpty)
  }

  @Test(arguments: [
    ("rtx-4060", "rtx-4060"), ("RTX4060", "rtx-4060"), ("4060", "rtx-4060"), ("4090", "rtx-4090"),
    ("GeForce RTX 4060", "rtx-4060"), ("rtx-4060-laptop", "rtx-4060-laptop"), ("4060 laptop", "rtx-4060-laptop"),
    ("RTX 4060 Laptop GPU", "rtx-4060-laptop"), ("4060ti 16gb", "rtx-4060-ti-16gb"), ("7900 XTX", "rx-7900-xtx"),
    ("Radeon 7900XT", "rx-7900-xt"), ("b200", "b200-sxm-180gb"), ("A100 PCIe 40GB", "a100-pcie-40gb"),
    ("M2 Air 16GB", "apple-m2-16gb"), ("MacBook Air M2 16 GB", "apple-m2-16gb"), ("m2 pro 32gb", "apple-m2-pro-32gb"),
    ("Mac mini M4 Pro 64 GB", "mac-mini-2024-m4-pro-64gb"),
    ("Mac Studio M3 Ultra 512", "mac-studio-2025-m3-ultra-512gb"),
    ("DGX Spark", "dgx-spark-gb10"), ("framework-desktop-128gb", "framework-desktop-128gb"),
    ("Framework Desktop 128GB", "framework-desktop-128gb"), ("13700K", "core-i7-13700k"), ("9950x", "ryzen-9-9950x"),
    ("EPYC 9575F", "epyc-9575f"), ("Xeon 8592+", "xeon-platinum-8592plus"), ("g4dn.metal", "aws-g4dn.metal"),
    ("a3-highgpu-8g", "gcp-a3-highgpu-8g"), ("NVIDIA B300 SXM6 AC", "b300-sxm-288gb"),
    ("NVIDIA Thor", "jetson-agx-thor-t5000"),
    ("Standard_ND96isr_H100_v5", "azure-nd96isr-h100-v5"),
    ("Standard_ND128isr_NDR_GB200_v6", "azure-nd128isr-gb200-v6"),
    ("MBP M4 Max 128", "macbook-pro-16-2024-m4-max-128gb"), ("MacBook Air M2 8GB", "macbook-air-2022-m2-8gb"),
    ("AMD Instinct MI300X", "mi300x"), ("10de:2882", "rtx-4060"), ("TPU v5e", "tpu-v5e"),
    ("gb200 nvl72", "gb200-nvl72"),
  ])
  func finds(asked: String, name: String) throws {
    #expect(try profiles.entry(named: asked).name == name)
  }

  @Test(arguments: [
    ("h100", "h100-sxm5-80gb", "h100-nvl-94gb"), ("4060 ti", "rtx-4060-ti-8gb", "rtx-4060-ti-16gb"),
    ("Framework Desktop", "framework-desktop-64gb", "framework-desktop-128gb"), ("M2", "apple-m2-8gb", "apple-m2-16gb"),
    ("mac mini m4", "mac-mini-2024-m4-16gb", "mac-mini-2024-m4-24gb"), ("mi300", "mi300a", "mi300x"),
    ("RTX PRO 6000", "rtx-pro-6000-blackwell-ws", "rtx-pro-6000-blackwell-server"),
    ("gh200", "gh200-96gb", "gh200-144gb"), ("MacBook Air M2", "macbook-air-2022-m2-8gb", "apple-m2-16gb"),
    ("mba m3", "macbook-air-2024-m3-8gb", "apple-m3-24gb"),
    ("rtx 6000", "quadro-rtx-6000", "rtx-6000-ada"), ("Orin (nvgpu)", "jetson-agx-orin-64gb", "jetson-orin-nano-8gb"),
    ("Strix Halo", "ryzen-ai-max-395-64gb", "ryzen-ai-max-395-128gb"), ("h200", "h200-sxm-141gb", "h200-nvl-141gb"),
  ])
  func asks(asked: String, one: String, other: String) {
    let error = #expect(throws: ProfileError.self) { try profiles.entry(named: asked) }
    let candidates = error.flatMap { choices($0) } ?? []
    #expect(candidates.contains(one) && candidates.contains(other), "\(candidates)")
  }

  /// Nothing is taken for another because their numbers are alike.
  @Test(
    arguments: [
      ("rtx-4061", "rtx-4060"), ("gtx-4060", "rtx-4060"), ("rtx-40", nil), ("rtx-3095", "rtx-3090"),
      ("rtx-6090", "rtx-5090"),
      ("h1000", "h100-sxm5-80gb"), ("epyc-9656", "epyc-9654"), ("mi310x", "mi300x"), ("rx-4060", nil),
      ("apple-m2-17gb", "apple-m2-16gb"), ("p5.49xlarge", "aws-p5.48xlarge"), ("banana", nil),
    ] as [(String, String?)])
  func refusesNearMisses(asked: String, near: String?) {
    let error = #expect(throws: ProfileError.self) { try profiles.entry(named: asked) }
    guard case .unknownName(_, let nearest) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    if let near { #expect(nearest.contains(near), "\(nearest)") }
  }

  @Test(arguments: [("MacBook Air M2", 3), ("rtx 4070", 5), ("spark", 1), ("banana", 0)])
  func listsWhatATextNames(text: String, count: Int) {
    #expect(profiles.entries(matching: text).count == count)
  }

  @Test(arguments: [
    ("framework-desktop, 128 GiB", "framework-desktop-128gb"), ("MacBook Air M2, 24 GB", "apple-m2-24gb"),
    ("mac mini m4, 32 GiB", "mac-mini-2024-m4-32gb"), ("apple-m2-16gb, 16 GiB", "apple-m2-16gb"),
  ])
  func theMemoryThatIsStatedTellsTheSize(line: String, name: String) throws {
    let machine = try profiles.machine(composedOf: MachineExpression(line))
    let named = try profiles.machine(named: name)
    #expect(machine.memory.totalBytes == named.memory.totalBytes)
    #expect(machine.accelerators == named.accelerators)
  }
}
