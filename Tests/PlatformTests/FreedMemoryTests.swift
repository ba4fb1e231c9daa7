import Testing

@testable import Platform

@Suite struct FreedMemoryTests {
  @Test(.enabled(if: OperatingSystem.current == .linux)) func whatWasFreedGoesBackToTheSystem() throws {
    func resident() throws -> Int { try #require(ProcessStatus(pid: getpid())).residentBytes }
    // Blocks below the size that is mapped by itself; the last one keeps the heap from shrinking at its end.
    var blocks = (0..<4096).map { _ in
      let block = UnsafeMutableRawPointer.allocate(byteCount: 65_536, alignment: 16)
      block.initializeMemory(as: UInt8.self, repeating: 1, count: 65_536)
      return block
    }
    let last = blocks.removeLast()
    defer { last.deallocate() }
    for block in blocks { block.deallocate() }
    let before = try resident()
    returnFreedMemory()
    #expect(try resident() < before - (64 << 20))
  }
}
