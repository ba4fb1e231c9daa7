import Foundation
public import Planning

extension Profiles {
  /// Reads the fitted constants of the speed model.
  ///
  /// - Throws: `ProfileError` where the file is missing or does not parse.
  public func efficiencies() throws -> Efficiencies {
    try decoded("efficiencies/default.json")
  }

  /// Reads the shapes of models that published measurements name.
  public func referenceShapes() throws -> ReferenceShapes {
    try ReferenceShapes(json: Data(contentsOf: URL(fileURLWithPath: "\(root)/efficiencies/model-shapes.json")))
  }

  /// Reads every shipped workload, by name.
  public func workloads() throws -> [WorkloadProfile] {
    let folder = "\(root)/workloads"
    let names = try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(".json") }.sorted()
    return try names.map { try decoded("workloads/\($0)") }
  }

  private func decoded<Value: Decodable>(_ path: String) throws -> Value {
    try JSONDecoder().decode(Value.self, from: Data(contentsOf: URL(fileURLWithPath: "\(root)/\(path)")))
  }
}
