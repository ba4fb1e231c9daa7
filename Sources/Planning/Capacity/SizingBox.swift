import Hardware
import Units

/// A box as it could be bought: a machine with so many accelerators of one kind.
struct SizingBox: Sendable {
  var name: String
  var device: SpeedDevice
  /// Devices that one bridge joins; nil where all are joined, or none.
  var bridged: Int?
  /// To the host, 10^9 bytes a second.
  var hostRate: Double?
  /// 0 where the processor computes.
  var accelerators: Int
  var watts: Double?
  var price: Double?
  var priceSource: String?

  /// The boxes that a catalogue entry stands for: itself, or an accelerator in several numbers.
  static func boxes(of machine: Machine, counts: [Int]) -> [SizingBox] {
    guard let first = machine.accelerators.first else {
      guard let device = SpeedDevice(processorsOf: machine) else { return [] }
      return [
        SizingBox(
          name: machine.name, device: device, accelerators: 0, watts: machine.watts?.value ?? machine.cpu.watts?.value,
          price: machine.price?.amount.value, priceSource: machine.price?.basis)
      ]
    }
    guard let device = SpeedDevice(first, of: machine) else { return [] }
    let own = machine.accelerators.count
    let isPart = own == 1 && machine.memory.totalBytes == nil && first.sharesMemory != true
    return (isPart ? counts : [own]).map { count in
      var box = SizingBox(name: machine.name, device: device, accelerators: count)
      box.bridged = first.interconnectDevices?.value
      box.hostRate = first.hostGigabytesPerSecond?.value
      let each = first.watts?.value
      // A host around accelerators takes about 300 W and a tenth of what they take.
      box.watts = machine.watts?.value ?? each.map { isPart ? $0 * Double(count) * 1.1 + 300 : $0 * Double(count) }
      let one = machine.price ?? first.price
      box.price = one.map { $0.amount.value * Double(isPart ? count : 1) }
      box.priceSource = one.map { "\($0.basis)\(isPart ? ", accelerators without the host" : "")" }
      if first.sharesMemory == true, let working = machine.memory.acceleratorBytes?.value {
        box.device.memory = Double(working.bytes)
      }
      return box
    }
  }

  /// The engine that serves a format on this box, or nil where none does.
  func engine(for format: String, concurrency: Int) -> String? {
    let kind = device.deviceClass
    switch format {
    case "gguf":
      // llama.cpp is kept out where vLLM is the engine of choice and many requests meet.
      return [.nvidiaDataCentre, .amdCDNA, .gaudi].contains(kind) && concurrency > 4 ? nil : "llama.cpp"
    case "mlx": return kind.isApple ? "mlx-lm" : nil
    default:
      guard [.nvidiaDataCentre, .nvidiaPro, .nvidiaGeForce, .nvidiaUnified, .amdCDNA, .gaudi].contains(kind) else {
        return nil
      }
      return "vllm"
    }
  }

  /// True where the device has kernels for the format.
  func multiplies(_ quantization: SizingQuantization) -> Bool {
    let generation = device.generation
    switch quantization.name {
    case "FP8": return device.hasFP8 || device.deviceClass == .gaudi
    case "NVFP4": return generation.hasPrefix("blackwell")
    case "BF16": return quantization.format != "safetensors" || !["volta", "turing", "pascal"].contains(generation)
    case "AWQ": return !["volta", "pascal", "turing16"].contains(generation) && device.deviceClass != .gaudi
    default: return true
    }
  }
}
