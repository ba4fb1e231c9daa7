import Platform
import Testing
import Units

@testable import Hardware

@Suite struct LevelZeroProbeTests {
  @Test func makesDevices() {
    var card = LevelZeroReading.Device()
    card.name = "Intel(R) Arc(TM) B580 Graphics"
    card.address = "0000:03:00.0"
    card.totalBytes = 12_168_933_376
    card.freeBytes = 12_000_000_000
    card.hostBytesPerSecond = 16_000_000_000
    let device = LevelZeroProbe.findings(LevelZeroReading(devices: [card])).machine.accelerators[0]
    #expect(device.vendor.value == .intel)
    #expect(device.memoryBytes?.value.bytes == 12_168_933_376)
    #expect(device.freeBytes?.value.bytes == 12_000_000_000)
    #expect(device.hostGigabytesPerSecond?.value == 16)
    #expect(device.sharesMemory == nil)
  }

  @Test func anIntegratedGPUHasTheMachinesMemory() {
    var own = LevelZeroReading.Device()
    own.name = "Intel(R) Arc(TM) Graphics"
    let device = LevelZeroProbe.findings(LevelZeroReading(devices: [own])).machine.accelerators[0]
    #expect(device.memoryBytes == nil)
    #expect(device.sharesMemory == true)
  }

  @Test func aMachineWithoutTheLibraryIsNormal() {
    #expect(RecordedIntel().reading() == nil)
    _ = LevelZeroLibrary().reading()
  }
}
