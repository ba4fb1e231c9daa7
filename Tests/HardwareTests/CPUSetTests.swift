import Testing

@testable import Hardware

@Suite struct CPUSetTests {
  @Test(arguments: [
    ("", ""), ("0", "0"), ("0-3,8", "0-3,8"), ("8,0-3", "0-3,8"), ("0,1,2", "0-2"), (" 0-1 , 4 ", "0-1,4"),
    ("3,3,3", "3"),
  ])
  func readsLists(_ row: (text: String, list: String)) {
    #expect(CPUSet(list: row.text)?.list == row.list)
  }

  @Test(arguments: ["a", "1-", "3-1", "-4", "0-99999999999", "1,,x", "0x3", "1-2-3"])
  func refusesWhatIsNoList(_ text: String) {
    #expect(CPUSet(list: text) == nil)
  }

  @Test(arguments: [
    ("00000003", "0-1"), ("0xffff0000,0x0000000f", "0-3,48-63"), ("0x3,,0x1", "0,64-65"), ("f", "0-3"), ("0x0", ""),
    ("00000000,0000ffff", "0-15"),
  ])
  func readsMasks(_ row: (text: String, list: String)) {
    #expect(CPUSet(mask: row.text)?.list == row.list)
  }

  @Test(arguments: ["0xf...f", "xyz", String(repeating: "f", count: 100_000), String(repeating: "1,", count: 50_000)])
  func refusesWhatIsNoMask(_ text: String) {
    #expect(CPUSet(mask: text) == nil)
  }

  @Test func printsWhatItReads() {
    var random = SystemRandomNumberGenerator()
    for _ in 0..<200 {
      let set = CPUSet((0..<40).filter { _ in Bool.random(using: &random) })
      #expect(CPUSet(list: set.list) == set)
      #expect(set.members.allSatisfy { set.contains($0) })
      let other = CPUSet((0..<40).filter { _ in Bool.random(using: &random) })
      #expect(set.intersection(other).count + set.union(other).count == set.count + other.count)
      #expect(set.subtracting(other).intersection(other).isEmpty)
    }
  }
}
