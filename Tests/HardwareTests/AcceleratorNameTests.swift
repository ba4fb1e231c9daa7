import Testing

@testable import Hardware

@Suite struct AcceleratorNameTests {
  @Test(
    "a place in the list is `gpu` and a number, and nothing else",
    arguments: [
      ("gpu0", 0), ("gpu12", 12), ("gpu", nil), ("gpu-1", nil), ("gpux", nil), ("nvswitch", nil), ("cpu0", nil),
      ("gpu99999999999999999999", nil),
    ] as [(String, Int?)])
  func index(name: String, index: Int?) { #expect(Accelerator.index(named: name) == index) }

  @Test func shortNamesLeaveTheMakerOut() {
    #expect(Accelerator.shortName("NVIDIA GeForce RTX 4090") == "rtx-4090")
    #expect(Accelerator.shortName("AMD Instinct MI300X") == "mi300x")
  }
}
