import Platform
import Testing
import Units

@testable import Hardware

@Suite struct AMDBandwidthTests {
  /// One GPU of a KFD topology; `more` are lines of its properties.
  private static func tree(_ version: Int, width: Int, clock: Int, _ more: [String: String] = [:]) -> MemoryTree {
    var files = ["/nodes/0/properties": "cpu_cores_count 16\nsimd_count 0"]
    files["/nodes/1/properties"] =
      "cpu_cores_count 0\nsimd_count 304\ngfx_target_version \(version)\nvendor_id 4098\nlocation_id 768\ndomain 0"
    files["/nodes/1/mem_banks/0/properties"] = "size_in_bytes 25753026560\nwidth \(width)\nmem_clk_max \(clock)"
    return MemoryTree(files: files.merging(more) { $1 })
  }

  /// Widths and clocks as the driver states them; rates of the data sheets in GB/s.
  @Test(arguments: [
    (110000, 384, 1249, 960.0), (110002, 128, 1125, 288), (100300, 256, 1000, 512), (120001, 256, 1258, 644),
    (90010, 4096, 1600, 1638), (90008, 4096, 1200, 1229), (90006, 4096, 1000, 1024), (90402, 8192, 1300, 5325),
    (80003, 256, 2000, 256), (80003, 4096, 500, 512),
  ])
  func movesAsManyBitsAClockAsItsMemory(version: Int, width: Int, clock: Int, rate: Double) throws {
    let findings = KFDProbe(tree: Self.tree(version, width: width, clock: clock), folder: "").findings()
    let found = try #require(findings.machine.accelerators.first?.bandwidth?.value)
    #expect(abs(found / 1e9 - rate) < 0.01 * rate)
  }

  @Test func leavesTheRateOfAProcessorsGraphicsToTheModules() {
    let findings = KFDProbe(tree: Self.tree(110501, width: 256, clock: 1000), folder: "").findings()
    #expect(findings.machine.accelerators.first?.bandwidth == nil)
  }

  @Test func givesPartitionsTheirShare() {
    let second = [
      "/nodes/2/properties":
        "cpu_cores_count 0\nsimd_count 304\ngfx_target_version 90402\nvendor_id 4098\nlocation_id 769\ndomain 0",
      "/nodes/2/mem_banks/0/properties": "size_in_bytes 25753026560\nwidth 8192\nmem_clk_max 1300",
    ]
    let found = KFDProbe(tree: Self.tree(90402, width: 8192, clock: 1300, second), folder: "").findings().machine
    #expect(found.accelerators.map { $0.partition?.computeShare } == [0.5, 0.5])
    #expect(found.accelerators.map { ($0.bandwidth?.value ?? 0) / 1e9 }.map { $0.rounded() } == [2662, 2662])
  }

  @Test func leavesOutGraphicsThatOnlyDrawAPicture() throws {
    let text = """
      HSA Agents
      Agent 1
        Name:                    gfx1100
        Marketing Name:          Radeon RX 7900 XTX
        Device Type:             GPU
        Pool Info:
          Pool 1
            Segment:                 GLOBAL; FLAGS: COARSE GRAINED
            Size:                    25149440(0x17fc000) KB
      Agent 2
        Name:                    gfx1036
        Marketing Name:          AMD Radeon Graphics
        Device Type:             GPU
        Memory Properties:       APU
        Pool Info:
          Pool 1
            Segment:                 GLOBAL; FLAGS: COARSE GRAINED
            Size:                    32509184(0x1f00d00) KB
      """
    let dump = try DumpText(path: "rocminfo", bytes: Array(text.utf8))
    let findings = try #require(try RocminfoDump.read(dump))
    let machine = MachineMerger.merge([findings], name: "desktop", inputs: ["rocminfo.txt: rocminfo"])
    #expect(machine.accelerators.map { $0.model?.value } == ["Radeon RX 7900 XTX"])
  }
}
