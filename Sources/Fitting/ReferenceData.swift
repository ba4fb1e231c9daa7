import Platform
public import Planning

/// One measurement as a question with its answer.
struct ReferenceCase: Sendable {
  /// The row's name in its file; empty where it has none.
  var id = ""
  /// The name of the file that it stands in.
  var file = ""
  var model = ""
  /// How its requests came.
  var scenario = ""
  var question: SpeedQuestion
  var measured: Double
  /// Devices of one family are left out of a fit together.
  var family: String
  /// Share of the weight that its kind of row gets in a fit; 0 keeps it out of fits, never out of scores.
  var weight: Double
}

/// Why a measurement is neither fitted nor scored.
public enum LeftOut: String, Hashable, Sendable, CaseIterable {
  case suspect = "marked as suspect"
  case unknownDevice = "device or its bandwidth not stated"
  case noValue = "no value"
  case cachedPrompts = "prompts answered from a cache"
  case unknownLengths = "prompt lengths not stated"
  case unknownAcceptance = "speculative decoding, acceptance not stated"
  case unknownArrivals = "arrivals not stated"
  case rateNotKept = "rate not kept by the client"
  case promptsAlone = "output rate of prompts alone"
}

/// Measurements that others published, brought to the form that the estimator answers.
public struct ReferenceData: Sendable {
  var cases: [ReferenceCase] = []
  /// Measurements that could not be brought to that form, by measure and reason.
  public internal(set) var leftOut: [SpeedMeasure: [LeftOut: Int]] = [:]
  /// Lines that are no measurement at all.
  public internal(set) var unreadableLines = 0

  init() {}

  /// Brings the rows of all files to that form; those marked `suspect` are left out.
  ///
  /// A device that lacks a fact is not known, and its rows count as skipped; of a device in several files the last one
  /// that has all facts counts.
  ///
  /// - Throws: `ReferenceFilesError.noTable` where a file of devices is no table.
  public init(_ files: ReferenceFiles, shapes: ReferenceShapes) throws(ReferenceFilesError) {
    /// Marks the rows that their collection or somebody else doubts.
    func countSuspects(_ rows: [ReferenceRow], _ measures: (ReferenceRow) -> [SpeedMeasure]) {
      for row in rows where row.suspect == true {
        for measure in measures(row) { leftOut[measure, default: [:]][.suspect, default: 0] += 1 }
      }
    }
    let decoder = JSONDecoder()
    let known = try Self.devices(files.devices, decoder)
    for file in files.single {
      let all = rows(file.contents, decoder)
      countSuspects(all) { [$0.singleMeasure] }
      let single = all.filter { $0.suspect != true }.map {
        SingleStreamRow($0, ReferenceData.device($0.device, in: known), shapes)
      }
      let cached = Set(single.lazy.filter(\.isAnsweredFromCache).map(\.series))
      for row in single {
        let answer = row.isPrompt && cached.contains(row.series) ? Answer(leftOut: .cachedPrompts) : row.answer
        add(answer, of: row.row, in: file.name, measures: [row.row.singleMeasure])
      }
    }
    for file in files.serving {
      let all = rows(file.contents, decoder)
      countSuspects(all, \.servingMeasures)
      let serving = all.filter { $0.suspect != true }.map {
        ServingRow($0, ReferenceData.device($0.device, in: known), shapes)
      }
      let cached = Set(serving.lazy.filter(\.beatsThePeak).map(\.series))
      for row in serving {
        let answer = row.answer(isAnsweredFromCache: cached.contains(row.series))
        add(answer, of: row.row, in: file.name, measures: row.row.servingMeasures)
      }
    }
  }

  private static func devices(
    _ files: [ReferenceFiles.File], _ decoder: JSONDecoder
  ) throws(ReferenceFilesError) -> [String: ReferenceDevice] {
    var known: [String: ReferenceDevice] = [:]
    for file in files {
      guard let table = try? decoder.decode([String: Readable<ReferenceDevice>].self, from: file.contents) else {
        throw .noTable(file.name)
      }
      known.merge(table.compactMapValues(\.value)) { _, later in later }
    }
    return known
  }

  /// What a row became: questions with their answers, and why what it measured became none.
  struct Answer {
    var cases: [ReferenceCase] = []
    var leftOut: LeftOut?
  }

  private mutating func add(_ answer: Answer, of row: ReferenceRow, in file: String, measures: [SpeedMeasure]) {
    let predicted = Set(answer.cases.map(\.question.measure))
    for measure in measures where !predicted.contains(measure) {
      leftOut[measure, default: [:]][answer.leftOut ?? .noValue, default: 0] += 1
    }
    for var one in answer.cases {
      one.id = row.id ?? ""
      one.file = file
      one.model = row.model.lowercased()
      one.scenario = row.scenario ?? row.concurrency.map { _ in "closed loop" } ?? "one stream"
      cases.append(one)
    }
  }

  private mutating func rows(_ data: Data, _ decoder: JSONDecoder) -> [ReferenceRow] {
    let lines = data.split(separator: UInt8(ascii: "\n"))
    let rows = lines.compactMap { try? decoder.decode(ReferenceRow.self, from: $0) }
    unreadableLines += lines.count - rows.count
    return rows
  }

  /// A value of a table that does not spoil the table where it cannot be read.
  private struct Readable<Value: Decodable>: Decodable {
    var value: Value?

    init(from decoder: any Decoder) { value = try? Value(from: decoder) }
  }

  /// Finds a device by its name, else a variant of the same family, else one whose name it begins.
  private static func device(_ slug: String, in known: [String: ReferenceDevice]) -> SpeedDevice? {
    let names = known.keys.sorted()
    let name =
      known[slug] != nil
      ? slug : names.last { known[$0]?.family == slug } ?? names.last { $0.hasPrefix(slug + "-") }
    guard let name, let facts = known[name] else { return nil }
    let kind = DeviceClass(rawValue: facts.class) ?? .unknown
    let bandwidth = facts.bandwidth_gb_s * 1e9
    return SpeedDevice(
      slug: slug, family: facts.family, deviceClass: kind, bandwidth: bandwidth,
      peak: facts.fp16_tflops.map { $0 * 1e12 } ?? bandwidth * kind.usualIntensity,
      // A machine's memory holds what ran on it; a card's is about that of its kin.
      memory: facts.memory_gb.map { $0 * 1_073_741_824 } ?? (kind.isUnified ? 1e12 : bandwidth * 0.03))
  }
}
