import Testing
import Units

@testable import Hardware

@Suite struct ProcessorProductTests {
  /// Names as firmware and tools print them.
  @Test(arguments: [
    ("Ampere(R) Altra(R) Processor", "Altra"), ("Q80-26", "Altra"), ("M128-30", "Altra Max"),
    ("Ampere(R) Altra(R) Max Processor M128-30", "Altra Max"), ("AmpereOne (R) A192-32X", "AmpereOne X"),
    ("AmpereOne(R) A192-32M", "AmpereOne M"), ("AmpereOne", "AmpereOne"), ("AWS Graviton3", "Graviton3"),
  ])
  func readsNames(_ row: (name: String, product: String)) {
    var evidence = ProcessorProduct()
    evidence.names = [row.name]
    #expect(evidence.identified()?.value == row.product)
  }

  @Test func tellsAltraFromGraviton() {
    var evidence = ProcessorProduct(implementer: 0x41, part: 0xd0c)
    #expect(evidence.identified() == nil, "the core alone does not tell the product")
    evidence.systemVendor = "Amazon EC2"
    #expect(evidence.identified()?.value == "Graviton2")
    evidence.systemVendor = "HPE"
    evidence.hasAmpereRoot = true
    evidence.coresPerPackage = 80
    #expect(evidence.identified()?.value == "Altra")
    evidence.coresPerPackage = 128
    #expect(evidence.identified()?.value == "Altra Max")
  }

  @Test(arguments: ["NVIDIA A100-SXM4-40GB", "Intel(R) Xeon(R) Platinum 8480+", "AMD EPYC 9654", "A100", "Ryzen 7"])
  func takesNothingElseForAmpere(_ name: String) {
    var evidence = ProcessorProduct()
    evidence.names = [name]
    #expect(evidence.identified() == nil)
  }

  @Test(arguments: [
    ("AMD EPYC 9654 96-Core Processor", 12), ("AMD EPYC 7763 64-Core Processor", 8),
    ("Intel(R) Xeon(R) Platinum 8480+", 8), ("Intel(R) Xeon(R) Gold 6230 CPU @ 2.10GHz", 6),
    ("Intel(R) Xeon(R) CPU E5-2680 v4 @ 2.40GHz", 4), ("AMD Ryzen Threadripper PRO 7995WX 96-Cores", 8),
    ("AMD Ryzen Threadripper 7960X 24-Cores", 4), ("13th Gen Intel(R) Core(TM) i9-13900K", 2),
    ("INTEL(R) XEON(R) GOLD 6430", 8), ("Intel(R) Xeon(R) Platinum 9242 CPU @ 2.30GHz", 12),
    ("Intel(R) Xeon(R) W-2145 CPU @ 3.70GHz", 4), ("Intel(R) Xeon(R) w9-3495X", 8), ("Intel(R) Xeon(R) w5-2465X", 4),
    ("Intel(R) Xeon(R) CPU E7-8890 v4 @ 2.20GHz", 4), ("Intel(R) Xeon(R) D-2146NT CPU @ 2.30GHz", 4),
    ("Intel(R) Core(TM) i9-10980XE CPU @ 3.00GHz", 4), ("Intel(R) Core(TM) i7-7820X CPU @ 3.60GHz", 4),
    ("13th Gen Intel(R) Core(TM) i9-13980HX", 2), ("Intel(R) Core(TM) Ultra 7 155H", 2),
  ])
  func knowsChannels(_ row: (model: String, channels: Int)) {
    #expect(MemoryChannelTable.channels(model: row.model, product: nil) == row.channels)
  }
}
