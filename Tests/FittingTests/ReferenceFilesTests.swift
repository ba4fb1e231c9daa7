import Foundation
import Testing

@testable import Fitting
@testable import Planning

@Suite struct ReferenceFilesTests {
  private static let card = #"{"bandwidth_gb_s": 1000, "class": "nv-geforce", "family": "card", "memory_gb": 24}"#

  private static func row(_ id: String, device: String) -> String {
    #"{"id": "\#(id)", "device": "\#(device)", "model": "llama-8b", "quant": "Q4_K_M", "test": "tg128", "#
      + #""n_gen": 128, "tok_s": 100}"# + "\n"
  }

  /// A folder with the files, removed after use.
  private func withFolder<T>(_ files: [String: String], _ use: (String) throws -> T) throws -> T {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("reference-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    for (name, text) in files {
      let file = folder.appendingPathComponent(name)
      try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(text.utf8).write(to: file)
    }
    return try use(folder.path)
  }

  private let shapes = Result { try ReferenceShapes(json: Data("[]".utf8)) }

  @Test func everyFileOfAFolderIsRead() throws {
    let files = [
      "devices.json": #"{"card-a": \#(Self.card)}"#,
      // A later table neither hides the devices of an earlier one nor loses them by what it does not know.
      "devices-2.json": #"{"card-b": \#(Self.card), "card-a": {"bandwidth_gb_s": null, "class": "nv-geforce"}}"#,
      "single.jsonl": Self.row("1", device: "card-a"),
      "single-2.jsonl": Self.row("2", device: "card-b") + "no row\n",
      "serving.jsonl": "", "notes.jsonl": Self.row("3", device: "card-a"),
    ]
    try withFolder(files) { folder in
      let data = try ReferenceData(ReferenceFiles(folder: folder), shapes: shapes.get())
      #expect(data.cases.map(\.id) == ["1", "2"])
      #expect(data.cases.map(\.file) == ["single.jsonl", "single-2.jsonl"])
      #expect(data.unreadableLines == 1)
      #expect(SpeedAccuracy.score(data, with: Efficiencies()).byFile[.decode]?.count == 2)
    }
  }

  @Test func aFolderThatHoldsSpeedIsEnough() throws {
    try withFolder(["speed/devices.json": "{}", "speed/single.jsonl": ""]) { folder in
      let files = try ReferenceFiles(folder: folder)
      #expect(files.single.map(\.name) == ["single.jsonl"])
    }
  }

  @Test func whatIsMissingOrBrokenIsNamed() throws {
    try withFolder(["single.jsonl": ""]) { folder in
      _ = #expect(throws: ReferenceFilesError.noDevices(folder)) { try ReferenceFiles(folder: folder) }
    }
    try withFolder(["devices-2.json": "[]"]) { folder in
      let files = try ReferenceFiles(folder: folder)
      _ = #expect(throws: ReferenceFilesError.noTable("devices-2.json")) {
        try ReferenceData(files, shapes: shapes.get())
      }
    }
  }
}
