import Testing

@testable import Platform

@Suite struct ResidentPagesTests {
  /// Code that was written to (by a debugger, or relocated) and everything that is no code of a file stays.
  @Test func onlyUntouchedCodeIsGivenBack() {
    let list = """
      55d0a0000000-55d0a0010000 r--p 00000000 fe:00 1 /usr/bin/a
      Rss: 64 kB
      Private_Dirty: 0 kB
      55d0a0010000-55d0a0030000 r-xp 00010000 fe:00 1 /usr/bin/a with a space
      Rss: 128 kB
      Private_Clean: 128 kB
      Private_Dirty: 0 kB
      Anonymous: 0 kB
      55d0a0030000-55d0a0040000 r-xp 00030000 fe:00 1 /usr/bin/a
      Private_Dirty: 4 kB
      55d0a0040000-55d0a0050000 rw-p 00040000 fe:00 1 /usr/bin/a
      Private_Dirty: 0 kB
      7f0000000000-7f0000001000 r-xp 00000000 00:00 0
      Private_Dirty: 0 kB
      7ffd00000000-7ffd00002000 r-xp 00000000 00:00 0 [vdso]
      Private_Dirty: 0 kB
      7f0000002000-7f0000001000 r-xp 00000000 fe:00 2 /lib/b
      Private_Dirty: 0 kB
      nonsense r-xp 00000000 fe:00 2 /lib/b
      Private_Dirty: 0 kB
      """
    let found = CodeMapping.unwritten(in: list)
    #expect(found.map(\.start) == [0x55d0_a001_0000])
    #expect(found.map(\.length) == [0x20000])
    #expect(CodeMapping.unwritten(in: "").isEmpty)
  }

  /// The program runs on after it.
  @Test func codeComesBackByItself() {
    releaseCodeOfStart()
    #expect((0..<1000).map { "\($0)" }.joined().count == 2890)
  }
}
