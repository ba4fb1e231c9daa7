import Platform

/// Conversations read from a file.
struct FilePrompts: PromptSource {
  let conversations: [Conversation]
  let arrivals: [Double]?

  var count: Int? { conversations.count }

  func conversation(_ index: Int) -> Conversation { conversations[index % conversations.count] }
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
    let bytes: [UInt8]
    do {
      let file = try MappedFile(path)
      guard file.size <= limit else { throw BenchmarkError.dataset(path: path, cause: "it is over 4 GiB") }
      bytes = file.withBytes { span in span.withUnsafeBytes { Array($0) } }
    } catch {
      throw .dataset(path: path, cause: "\(error)")
    }
    var random = RandomSource(seed: seed, stream: 1 << 42)
    var entries: [DatasetEntry]
    switch settings.kind {
    case .shareGPT: entries = try shareGPT(bytes, path, turns: settings.turns)
    case .azure: entries = try azure(bytes, path, calibration)
    case .jsonl, .mooncake, .synthetic: entries = try lines(bytes, path, settings.kind, calibration)
    }
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
    guard !conversations.isEmpty else { throw .dataset(path: path, cause: "it holds no prompt") }
    let times = entries.compactMap { $0.arrival }
    return FilePrompts(
      conversations: conversations, arrivals: isTimed ? times.map { $0 - (times.first ?? 0) } : nil)
  }

  private static func lines(
    _ bytes: [UInt8], _ path: String, _ kind: DatasetSettings.Kind, _ calibration: TokenCalibration
  ) throws(BenchmarkError) -> [DatasetEntry] {
    var entries: [DatasetEntry] = []
    var number = 0
    let decoder = JSONDecoder()
    for line in bytes.split(separator: 10, omittingEmptySubsequences: false) {
      number += 1
      guard line.contains(where: { $0 > 32 }) else { continue }
      do {
        let data = Data(line)
        if kind == .mooncake {
          entries.append(try decoder.decode(MooncakeLine.self, from: data).entry(calibration))
        } else {
          entries.append(try decoder.decode(PromptLine.self, from: data).entry)
        }
      } catch {
        throw .dataset(path: path, cause: "line \(number) is no \(kind == .mooncake ? "request of a trace" : "prompt")")
      }
    }
    return entries
  }

  private static func shareGPT(_ bytes: [UInt8], _ path: String, turns: Int) throws(BenchmarkError) -> [DatasetEntry] {
    let all: [ShareGPTEntry]
    do {
      all = try JSONDecoder().decode([ShareGPTEntry].self, from: Data(bytes))
    } catch {
      throw .dataset(path: path, cause: "it is no list of conversations")
    }
    return all.compactMap { $0.entry(turns: turns) }
  }

  /// Azure's traces: `TIMESTAMP,ContextTokens,GeneratedTokens`.
  private static func azure(
    _ bytes: [UInt8], _ path: String, _ calibration: TokenCalibration
  ) throws(BenchmarkError) -> [DatasetEntry] {
    var entries: [DatasetEntry] = []
    var number = 0
    for line in bytes.split(whereSeparator: { $0 == 10 || $0 == 13 }) {
      number += 1
      let cells = String(decoding: line, as: UTF8.self).split(separator: ",").map { String($0) }
      if number == 1, cells.first == "TIMESTAMP" { continue }
      guard cells.count >= 3, let time = TraceTime.seconds(cells[0]), let input = Int(cells[1]), input > 0,
        let output = Int(cells[2]), input <= 10_000_000
      else { throw .dataset(path: path, cause: "line \(number) is not time, input tokens, output tokens") }
      var random = RandomSource(seed: UInt64(number), stream: 1 << 43)
      let text = SyntheticPrompts.text(words: calibration.words(for: input), from: &random)
      entries.append(
        DatasetEntry(text, outputTokens: Swift.max(1, output), inputTokens: input, arrival: time))
    }
    return entries
  }
}
