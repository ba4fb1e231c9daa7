public import Hardware
public import Models
import Units

extension VLLM {
  public func capability(of model: Model, quantization: String, on machine: Machine) -> Capability {
    guard model.format == .safetensors || model.format == .pytorch || model.format == .config else {
      return .no(
        Reason(
          "unsupported-format", "vLLM is for safetensors, and this model is \(model.format.rawValue)",
          remedy: model.format == .gguf ? "use llama.cpp" : "take the model's original repository"))
    }
    let vendors = Set(machine.accelerators.map { $0.vendor.value.lowercased() })
    if vendors.contains("apple") {
      return .no(
        Reason("wrong-accelerator", "vLLM has no build for Apple's GPUs", remedy: "use MLX, or a GGUF with llama.cpp"))
    }
    if vendors.contains("nvidia") { return nvidia(model, quantization, machine) }
    if vendors.contains("amd") || vendors.contains("habana") || vendors.contains("intel") {
      return other(quantization, vendors: vendors, machine)
    }
    return cpu(quantization, machine)
  }

  /// Least compute capability by weight format; below the second figure a slower kernel unpacks to 16 bits.
  ///
  /// From vLLM's table of supported hardware for quantization kernels.
  private static let kernels: [(name: String, least: Double, native: Double)] = [
    ("NVFP4", 8.0, 10.0), ("MXFP4", 8.0, 10.0), ("FP8", 8.0, 8.9), ("GPTQ", 7.0, 7.5), ("AWQ", 7.5, 7.5),
  ]

  private func nvidia(_ model: Model, _ quantization: String, _ machine: Machine) -> Capability {
    let cards = machine.accelerators.filter { $0.vendor.value.lowercased() == "nvidia" }
    guard let capability = cards.compactMap({ $0.architecture.flatMap { Double($0.value) } }).min() else {
      return .yes(notes: [Reason("unknown-capability", "the compute capability of the GPUs is not known")])
    }
    guard capability >= 7.0 else {
      return .no(
        Reason(
          "gpu-too-old", "vLLM needs compute capability 7.0, and the oldest GPU has \(capability)",
          remedy: "use a GGUF with llama.cpp"))
    }
    var notes: [Reason] = []
    let name = quantization.uppercased()
    if let kernel = Self.kernels.first(where: { name.contains($0.name) }) {
      guard capability >= kernel.least else {
        return .no(
          Reason(
            "unsupported-quantization",
            "\(kernel.name) needs compute capability \(kernel.least), and the GPU has \(capability)",
            remedy: "take the BF16 or AWQ repository"))
      }
      if capability < kernel.native {
        notes.append(
          Reason(
            "slow-kernel",
            "\(kernel.name) is unpacked to 16 bits on compute capability \(capability): memory is saved, "
              + "arithmetic is not"))
      }
    }
    if name.contains("BF16"), capability < 8.0 {
      notes.append(
        Reason("no-bf16", "no bf16 arithmetic before compute capability 8.0: vLLM must be told --dtype half"))
    }
    return .yes(notes: notes)
  }

  /// AMD's GPUs that multiply 8-bit floats, by the beginning of their architecture (vLLM's `rocm.py`, `supports_fp8`).
  private static let floatArchitectures = ["gfx94", "gfx95", "gfx12"]

  private func other(_ quantization: String, vendors: Set<String>, _ machine: Machine) -> Capability {
    let name = quantization.uppercased()
    let isAMD = vendors.contains("amd")
    if isAMD ? name.contains("NVFP4") : name.contains("FP4") {
      return .no(
        Reason(
          "unsupported-quantization", "\(quantization) has no kernel on this accelerator", remedy: "take FP8 or BF16"))
    }
    let architectures = machine.accelerators.compactMap { $0.architecture?.value }
    if isAMD, name.contains("FP8"),
      let old = architectures.first(where: { own in !Self.floatArchitectures.contains(where: own.hasPrefix) })
    {
      return .no(
        Reason(
          "unsupported-quantization", "FP8 needs gfx94, gfx95 or gfx12, and the GPU is \(old)",
          remedy: "take the BF16 repository"))
    }
    // vLLM's table of supported hardware: AWQ and GPTQ on Intel's GPUs but not on AMD's and Gaudi, FP8 the other way round.
    let isIntelGPU = vendors.contains("intel") && !vendors.contains("habana")
    let isIntegers = name.contains("AWQ") || name.contains("GPTQ")
    guard isIntelGPU ? name.contains("FP8") : isIntegers else { return .yes(notes: []) }
    return .yes(notes: [
      Reason(
        "unlisted-kernel", "vLLM's table of supported hardware has no \(quantization) for this accelerator",
        remedy: "take the \(isIntelGPU ? "AWQ or BF16" : "FP8 or BF16") repository, or a build by its maker that has it"
      )
    ])
  }

  private func cpu(_ quantization: String, _ machine: Machine) -> Capability {
    let name = quantization.uppercased()
    if ["FP8", "FP4", "BITSANDBYTES"].contains(where: { name.contains($0) }) {
      return .no(
        Reason(
          "unsupported-quantization", "vLLM's CPU build has no kernel for \(quantization)",
          remedy: "take BF16, AWQ or GPTQ, or a GGUF with llama.cpp"))
    }
    let features = machine.cpu.features?.value ?? []
    var notes = [
      Reason(
        "cpu-build", "vLLM's CPU build is a separate install, and its cache is whole GiB",
        remedy: "plimsoll engines install vllm")
    ]
    if machine.cpu.architecture?.value == "x86_64", !features.isEmpty, !features.contains("avx512f") {
      notes.append(
        Reason("slow-processor", "vLLM's CPU build is made for AVX-512; without it it is slow or does not start"))
    }
    return .yes(notes: notes)
  }
}
