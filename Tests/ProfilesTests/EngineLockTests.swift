import Engines
import Platform
import Profiles
import Testing

/// What an engine's installation may fetch.
@Suite struct EngineLockTests {
  @Test(arguments: EngineCatalogue.all.flatMap(\.serving.recipes).map(\.name))
  func everyPackageIsPinnedByVersionAndHash(name: String) throws {
    let text = try #require(DiskTree().text("\(Profiles().locks)/\(name).txt"))
    let requirements = text.replacing("\\\n", with: " ").split(separator: "\n").filter { !$0.hasPrefix("#") }
    #expect(!requirements.isEmpty)
    for requirement in requirements {
      let words = requirement.split(separator: " ")
      #expect(words.first?.contains("==") == true)
      let hashes = words.filter { $0.hasPrefix("--hash=sha256:") }.map { $0.dropFirst(14) }
      #expect(!hashes.isEmpty, "\(requirement)")
      #expect(hashes.allSatisfy { $0.count == 64 && $0.allSatisfy(\.isHexDigit) })
    }
  }
}
