import Fixtures
import Foundation
import Testing
import Units

@testable import Models

/// One model in two formats has one description.
@Suite(.enabled(if: SharedModels.folder != nil, "the reference data are not there"))
struct SameLayersTests {
  static let names: [String] = {
    guard let folder = SharedModels.folder else { return [] }
    let files = Set((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [])
    return files.filter { $0.hasSuffix(".gguf") && files.contains(String($0.dropLast(5))) }.sorted()
  }()

  @Test(arguments: names)
  func safetensorsAndGGUFAgree(name: String) throws {
    let folder = try #require(SharedModels.folder)
    let gguf = try ModelReader.read(path: "\(folder)/\(name)")
    let checkpoint = try ModelReader.read(path: "\(folder)/\(name.dropLast(5))")
    #expect(checkpoint.architecture == gguf.architecture)
    #expect(checkpoint.layers.count == gguf.layers.count)
    for (index, pair) in zip(checkpoint.layers, gguf.layers).enumerated() where pair.0 != pair.1 {
      Issue.record("layer \(index): \(pair.0) and \(pair.1)")
      break
    }
    #expect(checkpoint.shape.embeddingLength == gguf.shape.embeddingLength)
    #expect(checkpoint.shape.vocabularySize == gguf.shape.vocabularySize)
    #expect(checkpoint.shape.stateSpace == gguf.shape.stateSpace)
    // This pair was made with an output matrix in one file and without in the other.
    guard !name.hasPrefix("falcon-mamba") else { return }
    #expect(checkpoint.shape.hasTiedEmbeddings == gguf.shape.hasTiedEmbeddings)
    let apart = abs((checkpoint.parameters?.value ?? 0) - (gguf.parameters?.value ?? 1))
    #expect(Double(apart) < 0.001 * Double(gguf.parameters?.value ?? 1))
  }

  @Test(arguments: [
    ("smollm2-135m-4bit", 75_715_200), ("smollm2-135m-8bit", 142_955_136), ("smollm2-135m-fp32", 538_060_032),
    ("smollm2-135m", 269_030_016),
  ])
  func bytesAreThoseThatMLXLoads(name: String, bytes: Int) throws {
    let folder = try #require(SharedModels.folder)
    let model = try ModelReader.read(path: "\(folder)/\(name)")
    #expect(model.tensorBytes?.value == ByteCount(bytes))
    #expect(model.parameters?.value == 134_515_008)
  }

  @Test(arguments: names)
  func documentsFollowTheSchema(name: String) throws {
    let folder = try #require(SharedModels.folder)
    var model = try ModelReader.read(path: "\(folder)/\(name)")
    model.tensors = Array(model.tensors.prefix(20))
    let text = String(decoding: try JSONEncoder().encode(model), as: UTF8.self)
    #expect(try Schemas.named("model").violations(in: text) == [])
  }

  /// What the converter writes of a checkpoint is what the file it wrote holds.
  @Test(arguments: names)
  func convertedTensorsAreThoseOfTheGGUF(name: String) throws {
    // SmolLM2's GGUF was made with another type, and Falcon's without the output matrix that its checkpoint has.
    guard !name.hasPrefix("falcon-mamba"), !name.hasPrefix("smollm2") else { return }
    let folder = try #require(SharedModels.folder)
    func tensors(_ model: Model) throws -> Set<String> {
      Set(try #require(ConvertedTensors.tensors(of: model)).map { "\($0.name) \($0.dimensions) \($0.type)" })
    }
    let gguf = try tensors(ModelReader.read(path: "\(folder)/\(name)"))
    let made = try tensors(ModelReader.read(path: "\(folder)/\(name.dropLast(5))"))
    #expect(gguf.subtracting(made).sorted().prefix(6) == [])
    #expect(made.subtracting(gguf).sorted().prefix(6) == [])
  }
}
