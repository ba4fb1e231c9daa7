import Platform
import Units

/// Who made the machine, what runs on it, and whether it is a guest.
struct IdentityProbe {
  let tree: any FileTree
  private let folder = "/sys/class/dmi/id"

  init(tree: any FileTree) { self.tree = tree }

  func system() -> SystemIdentity? {
    let vendor = file("sys_vendor") ?? file("board_vendor")
    let product = file("product_name") ?? file("board_name")
    if vendor != nil || product != nil { return SystemIdentity(vendor: vendor, product: product) }
    let paths = ["/proc/device-tree/model", "/sys/firmware/devicetree/base/model"]
    for path in paths {
      guard let model = MachineText.known(tree.text(path)) else { continue }
      let maker = model.split(separator: " ").first.map { String($0) } ?? model
      return SystemIdentity(vendor: Figure(maker, .probed, path), product: Figure(model, .probed, path))
    }
    return nil
  }

  private func file(_ name: String) -> Figure<String>? {
    MachineText.known(tree.text("\(folder)/\(name)")).map { Figure($0, .probed, "\(folder)/\(name)") }
  }

  func operatingSystem() -> Figure<String>? {
    let release = tree.text("/etc/os-release").flatMap { text in
      text.split(separator: "\n").lazy.compactMap { MachineText.pair($0, separator: "=") }
        .first { $0.key == "PRETTY_NAME" }?.value.filter { $0 != "\"" }
    }
    let version = tree.text("/proc/version") ?? tree.text("/proc/sys/kernel/osrelease").map { "Linux version \($0)" }
    let kernel = version.map { text -> String in
      let words = text.split(separator: " ")
      return words.count > 2 && words[1] == "version" ? "\(words[0]) \(words[2])" : text
    }
    let parts = [release, kernel].compactMap { $0 }
    return parts.isEmpty ? nil : Figure(parts.joined(separator: ", "), .probed, "/etc/os-release, /proc/version")
  }

  /// True or false where something says so; nil where nothing does.
  func virtualMachine(processor: Processor, system: SystemIdentity?) -> Figure<Bool>? {
    if let kind = tree.text("/sys/hypervisor/type"), !kind.isEmpty {
      // Dom0 of Xen sees a hypervisor too, and is the machine itself.
      let isHost = tree.text("/proc/xen/capabilities")?.contains("control_d") ?? false
      return Figure(!isHost, .probed, "/sys/hypervisor/type")
    }
    if let features = processor.features?.value, features.contains("hypervisor") {
      return Figure(true, .probed, "hypervisor bit of the CPU")
    }
    if !tree.list("/proc/device-tree/hypervisor").isEmpty {
      return Figure(true, .probed, "/proc/device-tree/hypervisor")
    }
    if let guest = Self.isGuest(system) ?? virtualDevices() ?? mainframeGuest() { return guest }
    let isX86 = processor.architecture?.value == "x86_64" || processor.architecture?.value == "i686"
    if isX86, processor.features != nil { return Figure(false, .probed, "no hypervisor bit") }
    return nil
  }

  /// Tells a guest by the PCI devices that only hypervisors have: VMware, VirtualBox, Hyper-V, Xen, virtio.
  private func virtualDevices() -> Figure<Bool>? {
    let file = "/proc/bus/pci/devices"
    let marks = ["15ad0405", "15ad0740", "80eebeef", "80eecafe", "14145353", "58530001"]
    let numbers = tree.text(file)?.split(separator: "\n").prefix(4096).compactMap {
      $0.split(whereSeparator: \.isWhitespace).dropFirst().first
    }
    let isGuest = numbers?.contains { marks.contains(String($0)) || $0.hasPrefix("1af4") } ?? false
    return isGuest ? Figure(true, .probed, file) : nil
  }

  /// Tells a guest of KVM or z/VM on a mainframe; a partition of the machine itself has no such line.
  private func mainframeGuest() -> Figure<Bool>? {
    let file = "/proc/sysinfo"
    let isGuest = tree.text(file)?.split(separator: "\n").contains { $0.hasPrefix("VM00 Control Program") } ?? false
    return isGuest ? Figure(true, .probed, file) : nil
  }

  /// Tells a guest by the names that hypervisors give their virtual board.
  static func isGuest(_ system: SystemIdentity?) -> Figure<Bool>? {
    let names = [system?.vendor, system?.product].compactMap { $0 }
    let marks = [
      "qemu", "kvm", "vmware", "virtualbox", "innotek", "xen", "bochs", "parallels", "hvm domu", "virtual machine",
      "google compute engine", "openstack", "bhyve", "apple virtualization", "virtualization", "hetzner", "droplet",
      "digitalocean", "scaleway", "rhev", "nutanix",
    ]
    for name in names {
      let lower = name.value.lowercased()
      if marks.contains(where: { lower.contains($0) }) { return Figure(true, name.source) }
      // Amazon's bare-metal instances are the machine itself.
      if lower.contains(".metal") { return Figure(false, name.source) }
    }
    if names.contains(where: { $0.value.lowercased().contains("amazon ec2") }) {
      return names.first.map { Figure(true, $0.source) }
    }
    return nil
  }
}
