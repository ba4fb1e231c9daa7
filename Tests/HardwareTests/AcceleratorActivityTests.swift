import Platform
import Testing
import Units

@testable import Hardware

@Suite struct AcceleratorActivityTests {
  private func accelerator(_ vendor: Maker, _ address: String) -> Accelerator {
    var accelerator = Accelerator(vendor: Figure(vendor, .probed, "test"))
    accelerator.address = Figure(address, .probed, "test")
    return accelerator
  }

  private func card(_ address: String, total: UInt64?, reserved: UInt64?, free: UInt64?, busy: Int?)
    -> NVMLReading.Device
  {
    var card = NVMLReading.Device()
    (card.address, card.totalBytes, card.reservedBytes, card.freeBytes) = (address, total, reserved, free)
    card.busyPercent = busy
    return card
  }

  @Test func eachAcceleratorIsFoundByItsAddress() {
    let folder = "/sys/bus/pci/devices/0000:03:00.0"
    let tree = MemoryTree(files: ["\(folder)/mem_info_vram_used": "1048576\n", "\(folder)/gpu_busy_percent": "37\n"])
    let watch = AcceleratorWatch(tree: tree) {
      [
        self.card("00000000:02:00.0", total: 100, reserved: 10, free: 60, busy: 0),
        self.card("00000000:01:00.0", total: 100, reserved: nil, free: 90, busy: 100),
      ]
    }
    let reading = watch.reading(of: [
      accelerator(.nvidia, "0000:01:00.0"), accelerator(.nvidia, "0000:02:00.0"), accelerator(.amd, "0000:03:00.0"),
      accelerator(.intel, "0000:04:00.0"),
    ])
    #expect(
      reading == [
        AcceleratorActivity(usedBytes: ByteCount(10), utilization: 1),
        AcceleratorActivity(usedBytes: ByteCount(30), utilization: 0),
        AcceleratorActivity(usedBytes: ByteCount(1_048_576), utilization: 0.37), AcceleratorActivity(),
      ])
  }

  @Test func whatIsNonsenseIsNotKnown() {
    let folder = "/sys/bus/pci/devices/0000:03:00.0"
    let tree = MemoryTree(files: ["\(folder)/mem_info_vram_used": "-5\n", "\(folder)/gpu_busy_percent": "400\n"])
    let watch = AcceleratorWatch(tree: tree) {
      [self.card("00000000:01:00.0", total: 100, reserved: .max, free: 90, busy: nil)]
    }
    let reading = watch.reading(of: [accelerator(.nvidia, "0000:01:00.0"), accelerator(.amd, "0000:03:00.0")])
    #expect(reading == [AcceleratorActivity(), AcceleratorActivity()])
  }
}
