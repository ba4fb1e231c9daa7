public import Hardware
import Units

extension SpeedDevice {
  /// Creates the facts of one accelerator of a machine; nil where its memory's bandwidth is not known.
  public init?(_ accelerator: Accelerator, of machine: Machine) {
    let bandwidth = accelerator.bandwidth?.value ?? machine.memory.bandwidth?.value
    guard let bandwidth, bandwidth > 0 else { return nil }
    let isShared = accelerator.sharesMemory ?? machine.unifiedMemory?.value ?? false
    // Facts say which product it is and of which generation; names decide where they are silent.
    let called = accelerator.shortName
    let product = isShared ? nil : accelerator.knownProduct(bandwidth: bandwidth, called: called)
    let slug = product?.name ?? called
    let kind =
      product.flatMap { DeviceClass(rawValue: $0.class) }
      ?? DeviceClass(vendor: accelerator.vendor.value, slug: slug, sharesMemory: isShared)
    let memory = accelerator.usableBytes ?? accelerator.memoryBytes ?? machine.memory.totalBytes
    let peak = SpeedDevice.peak(of: accelerator, kind)
    self.init(
      slug: slug, family: slug, deviceClass: kind, bandwidth: bandwidth,
      peak: peak ?? bandwidth * kind.usualIntensity,
      memory: memory.map { Double($0.value.bytes) } ?? bandwidth * 0.03,
      generation: accelerator.generation(called: slug)?.name)
    family = product?.family ?? SpeedDevice.family(of: slug)
    if let rate = accelerator.interconnectGigabytesPerSecond?.value {
      hasFastLink = rate > 40
      linkBandwidth = rate * 1e9
    } else if let rate = accelerator.hostGigabytesPerSecond?.value, !hasFastLink {
      // Through the host, both ways and with both ends' copies: about half of one direction is left.
      linkBandwidth = rate * 0.5e9
    } else {
      assumed.insert(.linkBandwidth)
    }
    if peak == nil { assumed.insert(.peak) }
    if let host = machine.memory.bandwidth?.value { hostBandwidth = host } else { assumed.insert(.hostBandwidth) }
  }

  /// Creates the facts of a machine's processors; nil where the memory's bandwidth is not known.
  public init?(processorsOf machine: Machine) {
    guard let stated = machine.memory.bandwidth, stated.value > 0 else { return nil }
    // Efficiencies are shares of a nominal peak; a measured sweep reaches about 0.8 of it.
    let bandwidth = stated.value / (stated.source.kind == .measured ? 0.8 : 1)
    let name = machine.cpu.product?.value ?? machine.cpu.model?.value ?? machine.name
    let slug = Accelerator.shortName(name)
    let perCycle = SpeedDevice.operationsPerCycle(of: machine.cpu, slug: slug)
    let peak = SpeedDevice.peak(of: machine.cpu, perCycle: perCycle) ?? bandwidth * 20
    let isServer =
      machine.cpu.features?.value.contains { $0 == "avx2" || $0 == "sve" || $0.hasPrefix("avx512") } ?? false
    let kind: DeviceClass = bandwidth < 25e9 && !isServer ? .smallBoard : .cpu
    self.init(
      slug: slug, family: slug, deviceClass: kind, bandwidth: bandwidth, peak: peak,
      memory: Double((machine.memory.limitBytes ?? machine.memory.totalBytes)?.value.bytes ?? Int(bandwidth)))
    hostBandwidth = bandwidth
    cores = machine.cpu.cores.map { Double($0.value) }
    // The features say more than the name: the share of a peak goes with how that peak was counted.
    if perCycle == 64 {
      generation = DeviceClass.wideVectors
    } else if generation == DeviceClass.wideVectors {
      generation = "cpu-intel"
    }
    if generation == DeviceClass.wideVectors { coreRate = machine.cpu.measuredCoreRate }
    if let coreRate, let cores { self.peak = max(self.peak, coreRate * cores) }
  }

  /// The family under which a device's own deviations are kept: its name without memory size and board form.
  fileprivate static func family(of slug: String) -> String {
    var words = slug.split(separator: "-").map { String($0) }
    let isForm = { (word: String) in
      word.hasSuffix("gb") || word.hasSuffix("core")
        || ["pcie", "nvl", "sxm", "sxm2", "sxm4", "sxm5", "80"].contains(word)
    }
    words.removeAll(where: isForm)
    return words.joined(separator: "-")
  }

  private static func peak(of accelerator: Accelerator, _ kind: DeviceClass) -> Double? {
    guard let rates = accelerator.teraOperationsPerSecond else { return nil }
    if let half = (rates["fp16"] ?? rates["bf16"])?.value {
      // GeForce cards multiply twice as fast when they add up in 16 bits, which is what the fit's figures state.
      return half * (kind == .nvidiaGeForce ? 2 : 1) * 1e12
    }
    // Without matrix units FP16 runs as FP32 does; with Apple's newer ones at about four times that.
    return rates["fp32"].map { $0.value * (kind == .appleM5 ? 4 : 1) * 1e12 }
  }

  /// Peak of processors: stated, else cores x clock x operations a cycle of their widest vectors.
  private static func peak(of cpu: Processor, perCycle: Double) -> Double? {
    if let stated = (cpu.teraOperationsPerSecond?["fp16"] ?? cpu.teraOperationsPerSecond?["fp32"])?.value {
      return stated * 1e12
    }
    guard let cores = cpu.cores?.value ?? cpu.threads.map({ max(1, $0.value / 2) }) else { return nil }
    let clock = (cpu.megahertz?.value ?? 2800) * 1e6
    return Double(cores) * clock * perCycle
  }

  /// Operations of one core in a cycle, multiplications and additions at 32 bits: 64 with vectors of 512 bits.
  ///
  /// Probed features name each extension (`avx512f`), datasheets the family (`avx512`); without any, the name tells.
  private static func operationsPerCycle(of cpu: Processor, slug: String) -> Double {
    let features = Set(cpu.features?.value ?? [])
    if features.isEmpty {
      return DeviceClass.generation(ofSlug: slug, class: .cpu) == DeviceClass.wideVectors ? 64 : 32
    }
    let isArm = cpu.architecture?.value.hasPrefix("a") ?? false
    guard features.contains(where: { $0.hasPrefix("avx512") }) else {
      return features.contains("avx2") || isArm ? 32 : 8
    }
    // Zen 4 takes two cycles for 512 bits; only its successors, which have AVX-VNNI as well, take one.
    let isAMD = cpu.maker == .amd
    return isAMD && !features.contains("avx_vnni") ? 32 : 64
  }
}

extension Processor {
  /// Operations a second of one core in a server's prompts, by the measured dot products with weights of 4 bits.
  ///
  /// Engines' matrix products reach 1.2 times the rate of such dot products with vectors of 512 bits: 1.0 on a Sapphire Rapids
  /// and 1.4 on a Turin, both virtual machines with llama.cpp's AVX2 build. Other vectors were not held against an engine.
  fileprivate var measuredCoreRate: Double? {
    let rates = (measuredCompute ?? []).filter { $0.weightBits == 4 && $0.instructions.hasPrefix("avx512") }
    guard let all = rates.max(by: { $0.threads < $1.threads }), all.threads > 0 else { return nil }
    return 1.2 * all.teraOperationsPerSecond.value * 1e12 / Double(all.threads)
  }
}

extension Accelerator {
  /// The product that has its facts, among those whose speeds were published.
  fileprivate func knownProduct(bandwidth: Double, called slug: String) -> KnownProduct? {
    guard let memory = memoryBytes ?? usableBytes else { return nil }
    let rate = (teraOperationsPerSecond?["fp16"] ?? teraOperationsPerSecond?["bf16"])?.value
    return vendor.value.facts.generations.product(
      gigabytes: memory.value.gibibytes, gigabytesPerSecond: bandwidth / 1e9, teraflops: rate,
      family: SpeedDevice.family(of: slug))
  }
}

extension DeviceClass {
  /// Returns the class of an accelerator by its maker and short name.
  public init(vendor: Maker, slug: String, sharesMemory: Bool) {
    func names(_ parts: String...) -> Bool { parts.contains { slug.contains($0) } }
    switch vendor {
    case .nvidia:
      if sharesMemory || names("jetson", "gb10", "thor", "orin", "dgx-spark") {
        self = .nvidiaUnified
      } else if names("gtx", "titan-x", "p40", "p4-", "m40", "k80") {
        self = .nvidiaOld
      } else if names("rtx-a", "-ada", "quadro", "rtx-pro", "t1000", "rtx-4000", "rtx-5000", "rtx-6000") {
        self = .nvidiaPro
      } else {
        self = names("rtx", "titan") ? .nvidiaGeForce : .nvidiaDataCentre
      }
    case .amd:
      if slug.hasPrefix("mi") { self = .amdCDNA } else { self = sharesMemory ? .amdIntegrated : .amdRDNA }
    case .habana: self = .gaudi
    case .intel: self = names("gaudi", "hl-") ? .gaudi : .intelGPU
    case .apple: self = names("m5") ? .appleM5 : .apple
    default: self = .unknown
    }
  }

  /// Operations for each byte of bandwidth that cards of the class usually have, for a card whose peak is not known.
  package var usualIntensity: Double {
    switch self {
    case .nvidiaOld: 35
    case .amdIntegrated, .amdRDNA: 130
    case .apple: 33
    case .nvidiaDataCentre, .gaudi: 280
    case .cpu, .smallBoard: 20
    default: 150
    }
  }
}
