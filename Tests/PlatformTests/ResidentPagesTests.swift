import Testing

@testable import Platform

@Suite struct ResidentPagesTests {
  private static let clean = """
    Rss: 64 kB
    Shared_Dirty: 0 kB
    Private_Clean: 64 kB
    Private_Dirty: 0 kB
    Anonymous: 0 kB
    Swap: 0 kB
    SwapPss: 0 kB
    """

  /// Everything that is no code of a file stays.
  @Test func onlyCodeOfFilesIsGivenBack() {
    let headers = [
      "55d0a0000000-55d0a0010000 r--p 00000000 fe:00 1 /usr/bin/a",
      "55d0a0010000-55d0a0030000 r-xp 00010000 fe:00 1 /usr/bin/a with a space",
      "55d0a0040000-55d0a0050000 rw-p 00040000 fe:00 1 /usr/bin/a", "7f0000000000-7f0000001000 r-xp 00000000 00:00 0",
      "7ffd00000000-7ffd00002000 r-xp 00000000 00:00 0 [vdso]",
      "7f0000002000-7f0000001000 r-xp 00000000 fe:00 2 /lib/b",
      "nonsense r-xp 00000000 fe:00 2 /lib/b",
    ]
    let found = CodeMapping.unwritten(in: headers.map { "\($0)\n\(Self.clean)" }.joined(separator: "\n"))
    #expect(found.map(\.start) == [0x55d0_a001_0000])
    #expect(found.map(\.length) == [0x20000])
    #expect(CodeMapping.unwritten(in: "").isEmpty)
  }

  /// Code that was written to (by a debugger, or relocated) would be lost, in memory, in swap, or shared with a child.
  @Test(arguments: ["Private_Dirty", "Shared_Dirty", "Anonymous", "Swap"]) func writtenCodeStays(_ name: String) {
    let header = "55d0a0010000-55d0a0030000 r-xp 00010000 fe:00 1 /usr/bin/a\n"
    let written = Self.clean.replacing("\n\(name): 0 kB", with: "\n\(name): 4 kB")
    let untold = Self.clean.replacing("\n\(name): 0 kB", with: "")
    #expect(written != Self.clean && untold != Self.clean)
    #expect(CodeMapping.unwritten(in: header + Self.clean).count == 1)
    #expect(CodeMapping.unwritten(in: header + written).isEmpty)
    #expect(CodeMapping.unwritten(in: header + untold).isEmpty)
  }

  /// The program runs on after it.
  @Test func codeComesBackByItself() {
    releaseCodeOfStart()
    #expect((0..<1000).map { "\($0)" }.joined().count == 2890)
  }
}
