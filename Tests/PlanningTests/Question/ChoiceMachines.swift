import Fixtures
import Hardware
import Profiles
import Units

/// Machines as a specialist would describe them, in few words.
enum ChoiceMachines {
  private static let known: [String: @Sendable () -> Accelerator] = [
    "rtx-4090": { card("NVIDIA", "RTX 4090", 24, 1008, "8.9", fp16: 165) },
    "rtx-3090": { card("NVIDIA", "RTX 3090", 24, 936, "8.6", fp16: 71) },
    "rtx-5090": { card("NVIDIA", "RTX 5090", 32, 1792, "12.0", fp16: 210) },
    "rtx-2080-ti": { card("NVIDIA", "RTX 2080 Ti", 11, 616, "7.5", fp16: 54) },
    "gtx-1080-ti": { card("NVIDIA", "GTX 1080 Ti", 11, 484, "6.1", fp16: 11) },
    "a100": { card("NVIDIA", "A100 SXM4 80 GB", 80, 2039, "8.0", fp16: 312, link: 300) },
    "h100": { card("NVIDIA", "H100 SXM5 80 GB", 80, 3350, "9.0", fp16: 989, link: 450) },
    "h200": { card("NVIDIA", "H200 SXM 141 GB", 141, 4800, "9.0", fp16: 989, link: 450) },
    "b200": { card("NVIDIA", "B200 SXM 180 GB", 180, 8000, "10.0", fp16: 2250, link: 900) },
    "l40s": { card("NVIDIA", "L40S", 48, 864, "8.9", fp16: 362) },
    "t4": { card("NVIDIA", "T4", 16, 320, "7.5", fp16: 65) },
    "v100": { card("NVIDIA", "V100 SXM2 32 GB", 32, 900, "7.0", fp16: 125, link: 150) },
    "p100": { card("NVIDIA", "Tesla P100", 16, 732, "6.0", fp16: 19) },
    "mi300x": { card("AMD", "MI300X", 192, 5300, "gfx942", fp16: 1307, link: 448) },
    "mi210": { card("AMD", "MI210", 64, 1638, "gfx90a", fp16: 181, link: 100) },
    "mi355x": { card("AMD", "MI355X", 288, 8000, "gfx950", fp16: 2500, link: 536) },
    "r9700": { card("AMD", "Radeon AI PRO R9700", 32, 640, "gfx1201", fp16: 191) },
    "rx-6800": { card("AMD", "RX 6800", 16, 512, "gfx1030", fp16: 32) },
    "rx-7900-xtx": { card("AMD", "RX 7900 XTX", 24, 960, "gfx1100", fp16: 123) },
    "gaudi3": { card("Habana", "Gaudi 3", 128, 3700, nil, fp16: 1677, link: 300) },
    "arc-b580": { card("Intel", "Arc B580", 12, 456, nil, fp16: 117) },
  ]

  /// Makes a machine from `2x rtx-4090, 128`: accelerators and GiB of memory; or one of the named processors. After an
  /// `@` comes a line for the catalogue.
  static func machine(_ text: String) -> Machine {
    if text.hasPrefix("@"), let expression = try? MachineExpression(String(text.dropFirst())),
      let found = try? Profiles().machine(composedOf: expression)
    {
      return found
    }
    let parts = text.split(separator: ",").map { $0.trimmed }
    var machine = Machine(name: text)
    machine.memory.totalBytes = Figure(.gibibytes(parts.count > 1 ? Int(parts[1]) ?? 64 : 64), .user, "test")
    machine.memory.bandwidth = Figure(200e9, .user, "test")
    machine.cpu.architecture = Figure("x86_64", .user, "test")
    machine.cpu.cores = Figure(32, .user, "test")
    machine.cpu.packages = Figure(1, .user, "test")
    machine.cpu.features = Figure(["avx2", "avx512f"], .user, "test")
    let words = parts[0].split(separator: " ").map { String($0) }
    if words.count == 2, let make = known[words[1]], let count = Int(words[0].dropLast()) {
      machine.accelerators = (0..<count).map { _ in make() }
      machine.connect()
    } else {
      machine.become(parts[0])
    }
    return machine
  }

  private static func card(
    _ vendor: String, _ model: String, _ gib: Int, _ bandwidth: Double, _ architecture: String?, fp16: Double,
    link: Double? = nil
  ) -> Accelerator {
    var card = Accelerator(vendor: Figure(Maker(vendor), .user, "test"), model: Figure(model, .user, "test"))
    card.memoryBytes = Figure(.gibibytes(gib), .user, "test")
    card.bandwidth = Figure(bandwidth * 1e9, .user, "test")
    card.architecture = architecture.map { Figure($0, .user, "test") }
    card.teraOperationsPerSecond = ["fp16": Figure(fp16, .user, "test")]
    card.interconnectGigabytesPerSecond = link.map { Figure($0, .user, "test") }
    return card
  }
}

extension Machine {
  /// Links all accelerators that have a scale-up link.
  fileprivate mutating func connect() {
    for a in accelerators.indices {
      for b in accelerators.indices where b > a && accelerators[a].interconnectGigabytesPerSecond != nil {
        links.append(Link(kind: .nvlink, a: "gpu\(a)", b: "gpu\(b)"))
      }
    }
  }

  fileprivate mutating func become(_ kind: String) {
    switch kind {
    case "mac":
      var gpu = Accelerator(vendor: Figure(.apple, .user, "test"), model: Figure("Apple M3 Max", .user, "test"))
      gpu.sharesMemory = true
      gpu.bandwidth = Figure(400e9, .user, "test")
      accelerators = [gpu]
      unifiedMemory = Figure(true, .user, "test")
      cpu.architecture = Figure("arm64", .user, "test")
      memory.acceleratorBytes = memory.totalBytes.map { Figure($0.value.scaled(by: 0.75), .user, "test") }
    case "strix":
      var gpu = Accelerator(vendor: Figure(.amd, .user, "test"), model: Figure("Strix Halo", .user, "test"))
      gpu.sharesMemory = true
      gpu.bandwidth = Figure(256e9, .user, "test")
      accelerators = [gpu]
      unifiedMemory = Figure(true, .user, "test")
    case "ampereone":
      cpu.implementer = Figure("ampere", .user, "test")
      cpu.product = Figure("AmpereOne M", .user, "test")
      cpu.architecture = Figure("aarch64", .user, "test")
      cpu.features = Figure(["asimddp", "bf16", "i8mm"], .user, "test")
    case "graviton":
      cpu.implementer = Figure("arm", .user, "test")
      cpu.product = Figure("Graviton3", .user, "test")
      cpu.architecture = Figure("aarch64", .user, "test")
      cpu.features = Figure(["sve", "bf16"], .user, "test")
    case "two-sockets":
      cpu.packages = Figure(2, .user, "test")
      numaNodes = (0..<2).map { id in
        var node = NUMANode(id: id)
        node.cpus = Figure("\(id * 16)-\(id * 16 + 15)", .user, "test")
        return node
      }
    case "two-ampere":
      become("ampereone")
      become("two-sockets")
    case "old-cpu": cpu.features = Figure(["avx2"], .user, "test")
    case "two-islands":
      accelerators = ChoiceMachines.machine("4x a100").accelerators
      links = [("gpu0", "gpu1"), ("gpu2", "gpu3")].map { Link(kind: .nvlink, a: $0.0, b: $0.1) }
    default: break
    }
  }
}

extension Substring {
  fileprivate var trimmed: String { split(separator: " ").joined(separator: " ") }
}
