import Platform
import Units

/// Disks, from `/sys/block`.
struct StorageProbe {
  let tree: any FileTree

  init(tree: any FileTree) { self.tree = tree }

  /// Returns the real disks; RAM disks, loops and mapped devices are left out.
  func disks() -> [Storage] {
    let names = tree.list("/sys/block").isEmpty ? [] : tree.list("/sys/block")
    let virtual = ["loop", "ram", "zram", "dm-", "md", "sr", "fd", "nbd", "drbd"]
    return names.prefix(256).filter { name in !virtual.contains { name.hasPrefix($0) } }.compactMap { name in
      let file = "/sys/block/\(name)/size"
      guard let sectors = tree.integer(file), sectors > 0 else { return nil }
      var disk = Storage(name: name)
      // The kernel counts in 512-byte sectors whatever the disk's own are.
      disk.totalBytes = Figure(ByteCount(512) * sectors, .probed, file)
      return disk
    }
  }
}
