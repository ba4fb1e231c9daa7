#if canImport(FoundationEssentials)
  public import FoundationEssentials
#else
  public import Foundation
#endif

/// One measurement as a question with its answer.
struct ReferenceCase: Sendable {
  var question: SpeedQuestion
  var measured: Double
  /// Devices of one family are left out of a fit together.
  var family: String
  /// Share of the weight that its kind of row gets in a fit; 0 keeps it out of fits, never out of scores.
  var weight: Double
}

/// Measurements that others published, brought to the form that the estimator answers.
public struct ReferenceData: Sendable {
  var cases: [ReferenceCase] = []
  /// Rows that could not be brought to that form, by measure.
  public internal(set) var skipped: [SpeedMeasure: Int] = [:]

  /// Reads the contents of `devices.json`, `single.jsonl` and `serving.jsonl`; rows marked `suspect` are left out.
  public init(devices: Data, single: Data?, serving: Data?, shapes: ReferenceShapes) throws {
    let decoder = JSONDecoder()
    let known = try decoder.decode([String: ReferenceDevice].self, from: devices)
    for row in try ReferenceData.rows(single, decoder) where row.suspect != true {
      add(SingleStreamRow(row, ReferenceData.device(row.device, in: known), shapes).cases, measure: row.singleMeasure)
    }
    for row in try ReferenceData.rows(serving, decoder) where row.suspect != true {
      let cases = ServingRow(row, ReferenceData.device(row.device, in: known), shapes).cases
      add(cases, measure: .servingThroughput)
    }
  }

  private mutating func add(_ new: [ReferenceCase], measure: SpeedMeasure) {
    if new.isEmpty { skipped[measure, default: 0] += 1 }
    cases += new
  }

  private static func rows(_ data: Data?, _ decoder: JSONDecoder) throws -> [ReferenceRow] {
    guard let data else { return [] }
    return try data.split(separator: UInt8(ascii: "\n")).map { try decoder.decode(ReferenceRow.self, from: $0) }
  }

  /// Finds a device by its name, else a variant of the same family, else one whose name it begins.
  private static func device(_ slug: String, in known: [String: ReferenceDevice]) -> SpeedDevice? {
    let names = known.keys.sorted()
    let name =
      known[slug] != nil
      ? slug : names.last { known[$0]?.family == slug } ?? names.last { $0.hasPrefix(slug + "-") }
    guard let name, let facts = known[name] else { return nil }
    return SpeedDevice(
      slug: slug, family: facts.family, deviceClass: DeviceClass(rawValue: facts.class) ?? .unknown,
      bandwidth: facts.bandwidth_gb_s * 1e9, peak: facts.fp16_tflops * 1e12, memory: facts.memory_gb * 1.0737e9)
  }
}
