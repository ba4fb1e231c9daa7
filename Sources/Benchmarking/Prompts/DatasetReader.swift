import Platform

/// Conversations read from a file.
struct FilePrompts: PromptSource {
  let conversations: [Conversation]
  let arrivals: [Double]?
  /// Rows of the file that hold no prompt.
  let skipped: SkippedRows?

  var count: Int? { conversations.count }

  func conversation(_ index: Int) -> Conversation { conversations[index % conversations.count] }
}

/// Rows of a data set that were passed over.
struct SkippedRows: Hashable, Sendable {
  private(set) var count = 0
  /// All rows of the file, those among them.
  var rows = 0
  /// The places of the first few: `line 4`, and what is wrong with the first.
  private var places: [String] = []
  private var cause = ""
  private static let mostPlaces = 5

  /// Notes a row by its place in the file.
  mutating func add(_ place: String, _ cause: String) {
    count += 1
    if places.isEmpty { self.cause = cause }
    if places.count < Self.mostPlaces { places.append(place) }
  }

  var sentence: String {
    let more = count > places.count ? " and \(count - places.count) more" : ""
    return "\(count) of \(rows) rows of the data set are skipped: \(places.joined(separator: ", "))\(more) "
      + "(the first is \(cause))"
  }
}

/// Reads data sets of prompts: JSON lines, ShareGPT, and traces of real traffic.
enum DatasetReader {
  /// The largest file that is read.
  static let limit = 4 << 30

  /// Reads the file that the settings name, or only so many conversations as `pool` says; lengths of answers that it does
  /// not give, or that are to be replaced, are drawn as the settings say.
  static func read(
    _ settings: DatasetSettings, seed: UInt64, calibration: TokenCalibration, pool: Int? = nil
  ) throws(BenchmarkError) -> FilePrompts {
    guard let path = settings.path else { throw .dataset(path: "-", cause: "no file is named") }
    let file: MappedFile
    do { file = try MappedFile(path) } catch { throw .dataset(path: path, cause: "\(error)") }
    guard file.size <= limit else { throw .dataset(path: path, cause: "it is over 4 GiB") }
    var skipped = SkippedRows()
    var entries = file.withBytes { span in
      span.withUnsafeBytes { read(withoutMark($0), settings, calibration, &skipped) }
    }
    var random = RandomSource(seed: seed, stream: 1 << 42)
    let isTimed = !entries.isEmpty && entries.allSatisfy { $0.arrival != nil }
    // Each request of a trace keeps its own moment.
    if isTimed { entries.sort { ($0.arrival ?? 0) < ($1.arrival ?? 0) } }
    if let pool { entries = Array(entries.prefix(pool)) }
    let conversations = entries.map { entry in
      Conversation(
        system: entry.system,
        turns: entry.turns.map { turn in
          let told = settings.replacesOutputLengths == true ? nil : turn.outputTokens
          return .init(text: turn.text, outputTokens: told ?? settings.outputLength.draw(from: &random))
        }, inputTokens: entry.inputTokens)
    }
    guard !conversations.isEmpty else {
      throw .dataset(
        path: path, cause: skipped.count > 0 ? "it holds no prompt; \(skipped.sentence)" : "it holds no prompt")
    }
    let times = entries.compactMap { $0.arrival }
    return FilePrompts(
      conversations: conversations, arrivals: isTimed ? times.map { $0 - (times.first ?? 0) } : nil,
      skipped: skipped.count > 0 ? skipped : nil)
  }

  /// Returns how many rows of a file's bytes hold a prompt.
  static func count(_ bytes: [UInt8], _ settings: DatasetSettings) -> Int {
    var skipped = SkippedRows()
    return bytes.withUnsafeBytes { read(withoutMark($0), settings, TokenCalibration(), &skipped).count }
  }

  /// Returns what follows a byte order mark, where there is one.
  private static func withoutMark(_ bytes: UnsafeRawBufferPointer) -> Slice<UnsafeRawBufferPointer> {
    bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes.dropFirst(3) : bytes[...]
  }

  private static func read(
    _ bytes: Slice<UnsafeRawBufferPointer>, _ settings: DatasetSettings, _ calibration: TokenCalibration,
    _ skipped: inout SkippedRows
  ) -> [DatasetEntry] {
    let decoder = JSONDecoder()
    switch settings.kind {
    case .azure: return rows(bytes, &skipped) { try azure($0, row: $1, calibration) }
    case .mooncake:
      return rows(bytes, &skipped) { line, _ in
        guard let found = try? decoder.decode(MooncakeLine.self, from: Data(line)) else {
          throw RowFault(cause: "no request of a trace")
        }
        return try found.entry(calibration)
      }
    case .jsonl, .synthetic:
      return rows(bytes, &skipped) { line, _ in
        do { return try decoder.decode(PromptLine.self, from: Data(line)).entry } catch { throw RowFault(error) }
      }
    case .shareGPT:
      let isList = bytes.first { $0 > 32 } == UInt8(ascii: "[")
      if isList, let all = try? decoder.decode([LossyEntry].self, from: Data(bytes)) {
        skipped.rows = all.count
        return all.enumerated().compactMap { place, row in
          let entry = row.entry?.entry(turns: settings.turns)
          if entry == nil { skipped.add("entry \(place + 1)", "no conversation that begins with a question") }
          return entry
        }
      }
      return rows(bytes, &skipped) { line, _ in
        guard let entry = try? decoder.decode(ShareGPTEntry.self, from: Data(line)).entry(turns: settings.turns) else {
          throw RowFault(cause: "no conversation that begins with a question")
        }
        return entry
      }
    }
  }

  /// Why a row of a data set holds no prompt.
  private struct RowFault: Error {
    var cause: String

    init(cause: String) { self.cause = cause }

    init(_ error: any Error) {
      if case DecodingError.dataCorrupted(let context) = error, context.underlyingError == nil {
        cause = context.debugDescription
      } else {
        cause = "no prompt"
      }
    }
  }

  /// An entry of a list, of which one that is null or another kind of value does not spoil the rest.
  private struct LossyEntry: Decodable {
    var entry: ShareGPTEntry?

    init(from decoder: any Decoder) throws { entry = try? ShareGPTEntry(from: decoder) }
  }

  /// Reads a file line by line; lines without an entry are skipped and counted.
  private static func rows(
    _ bytes: Slice<UnsafeRawBufferPointer>, _ skipped: inout SkippedRows,
    _ entry: (Slice<UnsafeRawBufferPointer>, Int) throws -> DatasetEntry?
  ) -> [DatasetEntry] {
    var entries: [DatasetEntry] = []
    var number = 0
    var rest = bytes
    while !rest.isEmpty {
      let end = rest.firstIndex(of: 10) ?? rest.endIndex
      let line = rest[rest.startIndex..<end]
      rest = rest[min(end + 1, rest.endIndex)...]
      number += 1
      guard line.contains(where: { $0 > 32 }) else { continue }
      do {
        guard let found = try entry(line, number) else { continue }
        entries.append(found)
      } catch {
        skipped.add("line \(number)", (error as? RowFault)?.cause ?? "no prompt")
      }
      skipped.rows += 1
    }
    return entries
  }

  /// Azure's traces: `TIMESTAMP,ContextTokens,GeneratedTokens`; nil for that first line.
  private static func azure(
    _ line: Slice<UnsafeRawBufferPointer>, row: Int, _ calibration: TokenCalibration
  ) throws -> DatasetEntry? {
    let text = String(decoding: line, as: UTF8.self)
    let cells = text.split(separator: ",").map { cell in
      String(cell.drop { $0.isWhitespace || $0 == "\"" }.reversed().drop { $0.isWhitespace || $0 == "\"" }.reversed())
    }
    if row == 1, cells.first?.uppercased() == "TIMESTAMP" { return nil }
    guard cells.count >= 3, let time = TraceTime.seconds(cells[0]), let input = Int(cells[1]), input > 0,
      let output = Int(cells[2]), input <= 10_000_000
    else { throw RowFault(cause: "not time, input tokens, output tokens") }
    var random = RandomSource(seed: UInt64(row), stream: 1 << 43)
    let words = SyntheticPrompts.text(words: calibration.words(for: input), from: &random)
    return DatasetEntry(
      words, outputTokens: Swift.min(10_000_000, Swift.max(1, output)), inputTokens: input, arrival: time)
  }
}
