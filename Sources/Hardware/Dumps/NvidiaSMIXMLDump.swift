import Units

/// `nvidia-smi -q -x`.
enum NvidiaSMIXMLDump: DumpReader {
  static let kind = "nvidia-smi XML"

  static func read(_ dump: DumpText) throws(DumpError) -> Findings? {
    guard let root = dump.xml, root.name == "nvidia_smi_log" else { return nil }
    let source = Source(.probed, kind)
    var findings = Findings(.vendorTool)
    let driver = root.value("driver_version")
    for element in root.children where element.name == "gpu" {
      var gpu = gpu(element)
      gpu.driver = driver
      findings.machine.accelerators += gpu.accelerators(source)
    }
    if let driver { findings.machine.software.append(SoftwareVersion("nvidia-driver", Figure(driver, source))) }
    if let cuda = root.value("cuda_version") {
      findings.machine.software.append(SoftwareVersion("cuda", Figure(cuda, source)))
    }
    return findings
  }

  private static func gpu(_ element: XMLElement) -> NvidiaGPU {
    var gpu = NvidiaGPU()
    gpu.name = element.value("product_name")
    gpu.address = (element.value("pci", "pci_bus_id") ?? element["id"]).flatMap { MachineText.pciAddress($0) }
    gpu.total = NvidiaGPU.bytes(element.value("fb_memory_usage", "total"))
    gpu.reserved = NvidiaGPU.bytes(element.value("fb_memory_usage", "reserved"))
    gpu.free = NvidiaGPU.bytes(element.value("fb_memory_usage", "free"))
    gpu.isMIG = element.value("mig_mode", "current_mig").map { $0 == "Enabled" }
    gpu.capability = element.value("compute_cap") ?? element.value("cuda_compute_capability")
    let power = element.child("gpu_power_readings") ?? element.child("power_readings")
    gpu.watts = (power?.value("current_power_limit") ?? power?.value("power_limit")).flatMap {
      MachineText.number($0)?.value
    }
    let link = element.child("pci")?.child("pci_gpu_link_info")
    gpu.pcieGeneration = link?.value("pcie_gen", "max_link_gen").flatMap { Int($0) }
    gpu.pcieWidth = link?.value("link_widths", "max_link_width").flatMap { Int($0.filter(\.isNumber)) }
    gpu.memoryMegahertz = element.value("max_clocks", "mem_clock").flatMap { MachineText.number($0)?.value }
    gpu.isCoherent = element.value("addressing_mode") == "ATS"
    for device in element.child("mig_devices")?.children ?? [] where device.name == "mig_device" {
      let number = device.value("gpu_instance_id") ?? "\(gpu.instances.count)"
      // Compute instances of one GPU instance share its memory.
      guard !gpu.instances.contains(where: { $0.number == number }),
        let total = NvidiaGPU.bytes(device.value("fb_memory_usage", "total"))
      else { continue }
      gpu.instances.append(
        .init(
          number: number, profile: nil, total: total, free: NvidiaGPU.bytes(device.value("fb_memory_usage", "free"))))
    }
    return gpu
  }
}
