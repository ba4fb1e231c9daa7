package import Engines

extension Precision {
  /// The precision that a serving engine multiplies a stored format in.
  package init(quant name: String) {
    let name = name.lowercased()
    if name.contains("fp4") {
      self = .fp4
    } else if ["int4", "awq", "gptq", "w4a16", "4bit"].contains(where: name.contains) {
      self = .int4
    } else if name.contains("fp8") {
      self = .fp8
    } else if name.contains("int8") || name.contains("w8a8") || name == "8bit" {
      self = .int8
    } else if name.contains("gguf") || name.hasPrefix("q") || name.hasPrefix("iq") {
      self = .gguf
    } else {
      self = .f16
    }
  }
}

extension SpeedCase {
  /// The backend that llama.cpp and its kin are usually built with for a class of device.
  package static func usualBackend(of kind: DeviceClass, engine: String) -> Backend {
    switch kind {
    case .cpu, .smallBoard: .cpu
    case .apple, .appleM5: .metal
    case .amdCDNA: .rocm
    case .amdRDNA, .amdIntegrated: ["ollama", "llamafile"].contains(engine) ? .rocm : .vulkan
    case .intelGPU, .unknown: .vulkan
    default: .cuda
    }
  }
}
