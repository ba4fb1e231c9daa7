import Units

/// Whether processor and accelerator share one memory.
enum UnifiedMemory {
  /// NVIDIA's boards and chips whose GPU is on the processor's memory.
  private static let boards = ["DGX_Spark", "DGX Spark", "GB10", "Jetson", "Orin", "Tegra", "Thor"]

  /// True for a board by NVIDIA with the GPU on its package, by the system's name.
  static func isNVIDIABoard(_ machine: Machine) -> Bool {
    let product = machine.system?.product?.value ?? ""
    return boards.contains { product.contains($0) }
  }

  /// True for boards whose memory is soldered on and whose firmware has no tables of it: Jetson, an Apple computer with
  /// Linux, a Raspberry Pi and others that a device tree describes.
  static func isBoardWithoutFirmwareTables(_ machine: Machine) -> Bool {
    let system = machine.system
    let isTree = [system?.vendor, system?.product].contains {
      $0.map { $0.source.detail.contains("device-tree") || $0.source.detail.contains("devicetree") } ?? false
    }
    let names = ["Jetson", "Orin", "Tegra", "Raspberry Pi", "Asahi"]
    let told =
      [system?.product?.value, machine.os?.value, machine.cpu.model?.value] + machine.accelerators.map(\.model?.value)
    let isNamed = told.contains { text in text.map { text in names.contains { text.contains($0) } } ?? false }
    let isKernel = machine.os.map { $0.value.lowercased().contains("tegra") || $0.value.contains("asahi") } ?? false
    let isAppleLinux =
      machine.cpu.maker == .apple && machine.system?.vendor.map({ Maker($0.value) }) != .apple
      && machine.os.map { $0.value.contains("Linux") } ?? false
    return isTree || isNamed || isKernel || isAppleLinux
  }

  /// Returns true or false where the parts decide it, nil where they do not.
  static func isUnified(_ machine: Machine) -> Figure<Bool>? {
    let system = [machine.system?.vendor?.value, machine.system?.product?.value].compactMap { $0 }.joined(
      separator: " ")
    let cpu = [machine.cpu.model?.value, machine.cpu.product?.value].compactMap { $0 }.joined(separator: " ")
    let devices = machine.accelerators.compactMap(\.model?.value).joined(separator: " ")
    let isGuest = machine.virtualMachine?.value ?? false
    let isArm = machine.cpu.architecture.map { $0.value.hasPrefix("a") } ?? true
    if cpu.hasPrefix("Apple M") || machine.cpu.maker == .apple && isArm, !isGuest {
      return Figure(true, .computed, "an Apple processor")
    }
    if let kernel = machine.os?.value.lowercased(), kernel.contains("tegra") {
      return Figure(true, .computed, "a kernel for Tegra: processor and GPU on one memory")
    }
    if let board = boards.first(where: { system.contains($0) || devices.contains($0) }) {
      return Figure(true, .computed, "\(board): processor and GPU on one memory")
    }
    if devices.contains("(nvgpu)") || devices.contains("MI300A") {
      return Figure(true, .computed, "the accelerator is part of the processor's package")
    }
    if cpu.uppercased().contains("RYZEN AI MAX") {
      return Figure(true, .computed, "a processor with a GPU on its memory")
    }
    guard !machine.accelerators.isEmpty else { return nil }
    if machine.accelerators.allSatisfy({ $0.sharesMemory == true }) {
      return Figure(true, .computed, "every accelerator uses the machine's memory")
    }
    let dedicated = machine.accelerators.contains { $0.memoryBytes != nil && $0.sharesMemory != true }
    return dedicated ? Figure(false, .computed, "accelerators have memory of their own") : nil
  }
}
