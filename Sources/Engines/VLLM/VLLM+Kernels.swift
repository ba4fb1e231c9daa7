import Hardware
import Units

extension VLLM {
  /// AMD GPUs by their instruction set, from vLLM's list of those that its ROCm build is made for.
  ///
  /// 8-bit floats are multiplied from CDNA3 (gfx942) and RDNA4 (gfx12) on, 4-bit ones from CDNA4 (gfx950) on.
  func amd(_ quantization: String, _ machine: Machine) -> Capability {
    let gpus = machine.accelerators.filter { $0.vendor.value == .amd }
    // Where only the generation is known, what the least of its instruction sets can do.
    let known = gpus.flatMap(\.possibleArchitectures)
    let built = ["gfx90a", "gfx942", "gfx95", "gfx110", "gfx115", "gfx12"]
    if let unknown = Self.undecided(gpus, { set in built.contains(where: set.hasPrefix) }) {
      return .no(Self.unknownArchitecture(unknown, kind: "instruction set", example: "gfx942", tool: "rocminfo"))
    }
    if let other = known.first(where: { set in !built.contains(where: set.hasPrefix) }) {
      return .no(
        Reason(
          .gpuTooOld, "vLLM's ROCm images are not made for \(other)",
          remedy: "use a GGUF with llama.cpp, or build vLLM for it yourself"))
    }
    let name = quantization.uppercased()
    if name.contains("NVFP4") {
      return Self.refused("NVFP4 kernels exist for CUDA only, not for AMD GPUs", remedy: "use FP8 or MXFP4")
    }
    if name.contains("FP4"), !name.contains("BITSANDBYTES") { return amdFP4(quantization, known) }
    if name.contains("FP8"), let old = known.first(where: { set in !Self.hasFP8(set) }) {
      return Self.refused(
        "\(quantization) needs a GPU with 8-bit floats (gfx942, gfx950, gfx12); this one is \(old)",
        remedy: "use BF16 or AWQ")
    }
    return .yes(notes: Self.isListed(name, ["FP8"]) ? [] : [Self.unlisted(quantization, on: "AMD's GPUs")])
  }

  /// MXFP4 is multiplied on CDNA4 and unpacked on CDNA3 and RDNA4, as for gpt-oss on an MI300X or an R9700.
  private func amdFP4(_ quantization: String, _ sets: [String]) -> Capability {
    if sets.allSatisfy({ $0.hasPrefix("gfx95") }) { return .yes(notes: []) }
    if let old = sets.first(where: { set in !["gfx94", "gfx95", "gfx12"].contains(where: set.hasPrefix) }) {
      return Self.refused(
        "\(quantization) needs an MI300 (gfx942) or RDNA4 (gfx12), which unpack it, or an MI350 (gfx950), and this GPU is \(old)",
        remedy: "use BF16, or a GGUF with llama.cpp")
    }
    return .yes(notes: [
      Reason(
        .slowKernel,
        "\(quantization) is unpacked to 16 bits before gfx950: memory is saved, arithmetic is not")
    ])
  }

  private static func hasFP8(_ set: String) -> Bool { ["gfx94", "gfx95", "gfx12"].contains(where: set.hasPrefix) }

  /// Gaudi multiplies 8-bit floats and has no 4-bit ones.
  func gaudi(_ quantization: String) -> Capability {
    let name = quantization.uppercased()
    for format in ["FP4", "INT8", "W8A8", "BITSANDBYTES"] where name.contains(format) {
      return Self.refused("\(quantization) has no kernel on Gaudi", remedy: "use FP8 or BF16")
    }
    return .yes(notes: Self.isListed(name, ["FP8"]) ? [] : [Self.unlisted(quantization, on: "Gaudi")])
  }

  /// Intel's GPUs have kernels for weights of 4 bits alone.
  func intel(_ quantization: String) -> Capability {
    let name = quantization.uppercased()
    for format in ["FP4", "FP8", "INT8", "W8A8", "BITSANDBYTES"] where name.contains(format) {
      return Self.refused(
        "\(quantization) has no kernel on Intel's GPUs", remedy: "use BF16, AWQ or GPTQ, or a GGUF with llama.cpp")
    }
    return .yes(notes: Self.isListed(name, ["AWQ", "GPTQ"]) ? [] : [Self.unlisted(quantization, on: "Intel's GPUs")])
  }

  /// The first GPU of which it is not known whether vLLM runs on it: nothing tells its architecture, or its generation has some
  /// on which it does and some on which it does not.
  ///
  /// - Parameter runs: tells it of an architecture; nil for a text that is none.
  static func undecided(_ gpus: [Accelerator], _ runs: (String) -> Bool?) -> Accelerator? {
    gpus.first { Set($0.possibleArchitectures.compactMap(runs)).count != 1 }
  }

  /// Unknown is refused: on the wrong set the engine does not start.
  static func unknownArchitecture(_ gpu: Accelerator, kind: String, example: String, tool: String) -> Reason {
    Reason(
      .unknownCapability, "the \(kind) of \(gpu.model?.value ?? "the GPU") is not known, and vLLM supports only some",
      remedy: "state it as architecture in the machine's profile, such as \(example); \(tool) shows it")
  }

  private static func refused(_ message: String, remedy: String) -> Capability {
    .no(Reason(.unsupportedQuantization, message, remedy: remedy))
  }

  /// True for plain weights and for formats that vLLM's table of quantization kernels lists for the hardware.
  private static func isListed(_ name: String, _ listed: [String]) -> Bool {
    let packed = ["AWQ", "GPTQ", "INT8", "W8A8", "W8A16", "W4A16", "W4A8", "BITSANDBYTES"]
    return !packed.contains(where: name.contains) || listed.contains(where: name.contains)
  }

  private static func unlisted(_ quantization: String, on hardware: String) -> Reason {
    Reason(
      .unlistedKernel,
      "vLLM's table of kernels does not list \(quantization) on \(hardware): slower, general ones may be used",
      remedy: "use FP8 or BF16 where it fits")
  }
}
