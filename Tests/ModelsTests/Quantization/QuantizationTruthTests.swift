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
    var needs_imatrix: Bool?
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
    var mixes: [String: QuantizationMix] = [:]
    var cases = 0
    var wrong: [String] = []
    for row in Self.rows {
      let path = "\(folder)/\(row.model).gguf"
      guard FileManager.default.fileExists(atPath: path) else { continue }
      if mixes[row.model] == nil { mixes[row.model] = try QuantizationMix(ModelReader.read(path: path)) }
      let mix = try #require(mixes[row.model])
      cases += 1
      let outcome = mix.outcome(row.ftype, importanceMatrix: row.imatrix == true)
      let label = "\(row.model) \(row.ftype)\(row.imatrix == true ? " imatrix" : "")"
      if let bytes = row.tensor_bytes, bytes != outcome.tensorBytes.bytes {
        wrong.append("\(label): truth \(bytes), found \(outcome.tensorBytes.bytes)")
      }
      let isRefused = row.tensor_bytes == nil || row.tensor_bytes == 0 || row.needs_imatrix == true
      if isRefused != (outcome.refusal != nil) {
        wrong.append("\(label): refused \(isRefused), found \(outcome.refusal?.message ?? "no refusal")")
      }
    }
    #expect(cases > 300)
    #expect(wrong.isEmpty, "\(wrong.count) of \(cases):\n\(wrong.prefix(20).joined(separator: "\n"))")
  }
}
