import Fixtures
import Foundation
import Testing
import Units

@testable import Models

/// Holds the mixes against what llama-quantize made, row by row.
@Suite struct QuantizationTruthTests {
  struct Row: Decodable {
    var model: String
    var ftype: String
    var imatrix: Bool?
    var tensor_bytes: Int?
    var bytes_by_type: [String: Int]?
    var error: String?
  }

  static let rows: [Row] = {
    guard let root = SharedData.root,
      let text = try? String(contentsOfFile: "\(root)/truth/quant-sizes.jsonl", encoding: .utf8)
    else { return [] }
    return text.split(separator: "\n").compactMap { try? JSONDecoder().decode(Row.self, from: Data($0.utf8)) }
  }()

  @Test(.enabled(if: SharedModels.folder != nil, "the reference data are not there"))
  func everyRowIsExact() throws {
    let folder = try #require(SharedModels.folder)
    var models: [String: Model] = [:]
    var cases = 0
    var wrong: [String] = []
    for row in Self.rows {
      let path = "\(folder)/\(row.model).gguf"
      guard FileManager.default.fileExists(atPath: path) else { continue }
      let model = try models[row.model] ?? ModelReader.read(path: path)
      models[row.model] = model
      cases += 1
      let fileType = try #require(GGUFFileType(rawValue: row.ftype))
      let label = "\(row.model) \(row.ftype) \(row.imatrix == true ? "imatrix" : "")"
      switch QuantizationMix(fileType, importanceMatrix: row.imatrix == true).applied(to: model) {
      case .success(let tensors):
        let bytes = tensors.reduce(0) { $0 + $1.bytes.bytes }
        if row.tensor_bytes != bytes { wrong.append("\(label): truth \(row.tensor_bytes ?? -1), found \(bytes)") }
      case .failure(let reason):
        if row.tensor_bytes != nil { wrong.append("\(label): refused, \(reason.message)") }
      }
    }
    #expect(cases > 300)
    #expect(wrong.isEmpty, "\(wrong.count) of \(cases):\n\(wrong.prefix(20).joined(separator: "\n"))")
  }
}
