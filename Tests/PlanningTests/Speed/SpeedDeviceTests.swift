import Hardware
import Planning
import Testing
import Units

@Suite struct SpeedDeviceTests {
  private func device(_ vendor: String, _ model: String, features: [String]) throws -> SpeedDevice {
    var machine = Machine(name: "test")
    machine.cpu.vendor = Figure(vendor, .probed, "test")
    machine.cpu.model = Figure(model, .probed, "test")
    machine.cpu.cores = Figure(16, .probed, "test")
    machine.cpu.megahertz = Figure(5000, .probed, "test")
    machine.cpu.features = Figure(features, .probed, "test")
    machine.memory.bandwidth = Figure(80e9, .datasheet, "test")
    return try #require(SpeedDevice(processorsOf: machine))
  }

  /// 16 cores at 5 GHz: 32 operations a cycle make 2.56e12, 64 twice that.
  @Test(arguments: [
    ("AuthenticAMD", "AMD Ryzen 9 5950X 16-Core Processor", ["avx2"], 2.56e12),
    ("AuthenticAMD", "AMD Ryzen 9 7950X 16-Core Processor", ["avx2", "avx512f"], 2.56e12),
    ("AuthenticAMD", "AMD Ryzen 9 9950X 16-Core Processor", ["avx2", "avx512f", "avx_vnni"], 5.12e12),
    ("GenuineIntel", "Intel(R) Xeon(R) Platinum 8488C", ["avx2", "avx512f"], 5.12e12),
    ("Intel", "Xeon Platinum 8480plus", ["avx512", "amx_int8"], 5.12e12),
    ("AMD", "EPYC 9654", ["avx512", "avx512_vnni"], 2.56e12),
  ])
  func peaksCountTheWidthThatAProcessorComputes(
    vendor: String, model: String, features: [String], peak: Double
  ) throws {
    #expect(try device(vendor, model, features: features).peak == peak)
  }

  @Test(arguments: [
    ("GenuineIntel", "Intel(R) Xeon(R) Platinum 8488C", "cpu-avx512"),
    ("GenuineIntel", "Intel(R) Xeon(R) CPU E5-2680 v4 @ 2.40GHz", "cpu-intel"),
    ("GenuineIntel", "12th Gen Intel(R) Core(TM) i7-1260P", "cpu-intel"),
    ("AuthenticAMD", "AMD EPYC 7R13 Processor", "cpu-amd"),
    ("ARM", "Ampere Altra Q80-30", "cpu-arm"),
  ])
  func generationsFollowTheNameWhereNoFeatureIsKnown(vendor: String, model: String, generation: String) throws {
    #expect(try device(vendor, model, features: []).generation == generation)
  }

  /// The share that is taken of a peak must be that of peaks counted the same way.
  @Test func generationsFollowTheFeaturesWhereTheyAreKnown() throws {
    #expect(try device("GenuineIntel", "Intel(R) Xeon(R) w3", features: ["avx2"]).generation == "cpu-intel")
    #expect(try device("AuthenticAMD", "AMD EPYC 9755", features: ["avx512", "avx_vnni"]).generation == "cpu-avx512")
    #expect(try device("AuthenticAMD", "AMD EPYC 9654", features: ["avx512"]).generation == "cpu-amd")
  }
}
