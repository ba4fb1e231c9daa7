public import Hardware
public import Models
import Units

extension VLLM {
  public func capability(of model: Model, quantization: String, on machine: Machine) -> Capability {
    guard model.format == .safetensors || model.format == .pytorch || model.format == .config else {
      return .no(
        Reason(
          .unsupportedFormat, "vLLM needs safetensors; this model is \(model.format.rawValue)",
          remedy: model.format == .gguf ? "use llama.cpp" : "use the model's original repository"))
    }
    if let reason = model.defect ?? foreignWeights(model, quantization) { return .no(reason) }
    let vendors = Set(machine.accelerators.map(\.vendor.value))
    if vendors.contains(.apple) {
      return .no(
        Reason(.wrongAccelerator, "vLLM has no build for Apple's GPUs", remedy: "use MLX, or a GGUF with llama.cpp"))
    }
    let answer =
      vendors.contains(.nvidia)
      ? nvidia(quantization, machine)
      : vendors.contains(.amd)
        ? amd(quantization, machine)
        : vendors.contains(.habana)
          ? gaudi(quantization) : vendors.contains(.intel) ? intel(quantization) : cpu(quantization, machine)
    guard case .yes(let notes) = answer else { return answer }
    return .yes(notes: notes + uses(of: model))
  }

  /// Weights that only other programs read.
  private func foreignWeights(_ model: Model, _ quantization: String) -> Reason? {
    let name = quantization.uppercased()
    if name.hasPrefix("MLX") {
      return Reason(
        .unsupportedQuantization, "\(quantization) weights are MLX's: vLLM does not read them",
        remedy: "use the model's original repository")
    }
    // vLLM's list of methods (0.32) has neither; its AWQ kernels unpack 4 bits only.
    let isOddAWQ = name.hasPrefix("AWQ ") && !name.contains("4-BIT")
    if name.hasPrefix("EETQ") || name.hasPrefix("HQQ") || isOddAWQ {
      return Reason(
        .unsupportedQuantization, "vLLM has no kernel for \(quantization)",
        remedy: "use a BF16, FP8, AWQ 4-bit or GPTQ one")
    }
    return nil
  }

  /// What it is started with for a model that does more than write text, or something else.
  private func uses(of model: Model) -> [Reason] {
    switch model.task {
    case .embedding:
      [Reason(.embeddingModel, "vLLM serves embeddings (--runner pooling): no tokens are generated")]
    case .reranking: [Reason(.reranker, "vLLM serves scores of pairs (--runner pooling): no tokens are generated")]
    case .generation:
      model.seesImages
        ? [Reason(.visionNative, "vLLM serves its images too: the vision encoder is part of the model")] : []
    }
  }

  /// Least compute capability by weight format; below the second figure a slower kernel unpacks to 16 bits.
  ///
  /// From vLLM's table of supported hardware for quantization kernels.
  private static let kernels: [(name: String, least: Double, native: Double)] = [
    ("NVFP4", 8.0, 10.0), ("MXFP4", 8.0, 10.0), ("FP8", 8.0, 8.9), ("GPTQ", 7.0, 7.5), ("AWQ", 7.5, 7.5),
    ("INT8", 7.5, 7.5), ("W8A8", 7.5, 7.5), ("W8A16", 8.0, 8.0), ("W4A16", 8.0, 8.0), ("W4A8", 9.0, 9.0),
  ]

  private func nvidia(_ quantization: String, _ machine: Machine) -> Capability {
    let gpus = machine.accelerators.filter { $0.vendor.value == .nvidia }
    let unknown = Self.undecided(gpus) { Accelerator.computeCapability($0).map { $0 >= 7.0 } }
    let capabilities = gpus.map { $0.possibleArchitectures.compactMap(Accelerator.computeCapability) }
    // Where only the generation is known, what the least of it can do.
    guard unknown == nil, let capability = capabilities.joined().min() else {
      return .no(
        Self.unknownArchitecture(
          unknown ?? machine.accelerators[0], kind: "compute capability", example: "8.9",
          tool: "nvidia-smi --query-gpu=compute_cap --format=csv"))
    }
    guard capability >= 7.0 else {
      let oldest = capabilities.compactMap { $0.max() }.min() ?? capability
      return .no(
        Reason(
          .gpuTooOld, "vLLM needs compute capability 7.0; the oldest GPU has at most \(oldest)",
          remedy: "use a GGUF with llama.cpp"))
    }
    var notes: [Reason] = []
    let name = quantization.uppercased()
    if let kernel = Self.kernels.first(where: { name.contains($0.name) }) {
      guard capability >= kernel.least else {
        return .no(
          Reason(
            .unsupportedQuantization,
            "\(kernel.name) needs compute capability \(kernel.least), and the GPU has \(capability)",
            remedy: "use the BF16 or AWQ repository"))
      }
      if capability < kernel.native {
        notes.append(
          Reason(
            .slowKernel,
            "\(kernel.name) is unpacked to 16 bits on compute capability \(capability): memory is saved, "
              + "arithmetic is not"))
      }
    }
    if name.contains("BF16"), capability < 8.0 {
      notes.append(
        Reason(.noBF16, "no bf16 before compute capability 8.0: vLLM runs with --dtype half"))
    }
    return .yes(notes: notes)
  }

  private func cpu(_ quantization: String, _ machine: Machine) -> Capability {
    let name = quantization.uppercased()
    if ["FP8", "FP4", "BITSANDBYTES"].contains(where: { name.contains($0) }) {
      return .no(
        Reason(
          .unsupportedQuantization, "vLLM's CPU build has no kernel for \(quantization)",
          remedy: "use BF16, AWQ or GPTQ, or a GGUF with llama.cpp"))
    }
    let features = machine.cpu.features?.value ?? []
    var notes = [
      Reason(
        .cpuBuild, "vLLM's CPU build is a separate install, and its cache is whole GiB",
        remedy: "plimsoll engines install vllm")
    ]
    if machine.cpu.architecture?.value == "x86_64", !features.isEmpty,
      !features.contains(where: { $0.hasPrefix("avx512") })
    {
      notes.append(
        Reason(.slowProcessor, "vLLM's CPU build is made for AVX-512; without it it is slow or does not start"))
    }
    return .yes(notes: notes)
  }
}
