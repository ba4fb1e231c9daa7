import Foundation
import Testing

@testable import Hardware

@Suite struct DumpCatalogueTests {
  /// A reader that nobody asks is a mistake: each type that conforms in `Dumps` has its line in the list.
  @Test func listsEveryReader() throws {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appendingPathComponent("Sources/Hardware/Dumps")
    var names: Set<String> = []
    let files = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)?.compactMap { $0 as? URL }
    for file in files ?? [] where file.pathExtension == "swift" {
      for line in try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
      where line.hasPrefix("enum ") && line.contains(": DumpReader") {
        names.insert(String(line.dropFirst(5).prefix { $0 != ":" }))
      }
    }
    #expect(names == Set(MachineDump.readers.map { "\($0)" }))
  }
}
