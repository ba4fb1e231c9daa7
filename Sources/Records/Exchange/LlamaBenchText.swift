import Benchmarking

/// Rows of llama-bench in the forms that are no JSON: comma-separated values, and SQL as `-o sql` and our export write it.
enum LlamaBenchText {
  /// Reads the rows of a table whose first line names the columns; nil where that is no table of llama-bench.
  static func csv(_ text: String) -> [LlamaBenchRow]? {
    var lines = CSVCells(text)
    guard let titles = lines.next(), titles.contains("avg_ns") || titles.contains("avg_ts") else { return nil }
    var rows: [LlamaBenchRow] = []
    while let cells = lines.next() {
      guard cells.count == titles.count else { continue }
      rows.append(LlamaBenchRow(Dictionary(zip(titles, cells)) { first, _ in first }))
    }
    return rows.isEmpty ? nil : rows
  }

  /// Reads the rows of statements that insert into `llama_bench` or `test`; nil where there are none.
  static func sql(_ text: String) -> [LlamaBenchRow]? {
    guard text.utf8.prefix(4096).starts(with: "CREATE TABLE".utf8) || text.hasPrefix("INSERT INTO") else { return nil }
    var rows: [LlamaBenchRow] = []
    var rest = text.utf8[...]
    while let start = rest.firstRange(of: "INSERT INTO ".utf8) {
      rest = rest[start.upperBound...]
      guard let names = list(&rest), let values = list(&rest), names.count == values.count else { break }
      rows.append(LlamaBenchRow(Dictionary(zip(names, values)) { first, _ in first }))
    }
    return rows.isEmpty ? nil : rows
  }

  /// Reads the next list in parentheses: words, numbers and quoted texts in which two quotes stand for one.
  private static func list(_ rest: inout Substring.UTF8View.SubSequence) -> [String]? {
    guard let open = rest.firstIndex(of: UInt8(ascii: "(")) else { return nil }
    var place = rest.index(after: open)
    var found: [String] = []
    var word: [UInt8] = []
    while place < rest.endIndex {
      let byte = rest[place]
      place = rest.index(after: place)
      switch byte {
      case UInt8(ascii: "'"):
        while place < rest.endIndex {
          let inside = rest[place]
          place = rest.index(after: place)
          guard inside == UInt8(ascii: "'") else {
            word.append(inside)
            continue
          }
          guard place < rest.endIndex, rest[place] == UInt8(ascii: "'") else { break }
          word.append(inside)
          place = rest.index(after: place)
        }
      case UInt8(ascii: ","), UInt8(ascii: ")"):
        let text = String(decoding: word, as: UTF8.self)
        found.append(text == "NULL" ? "" : text)
        word = []
        if byte == UInt8(ascii: ")") {
          rest = rest[place...]
          return found
        }
      case UInt8(ascii: " "), 10, 13: break
      default: word.append(byte)
      }
    }
    return nil
  }
}

extension LlamaBenchRow {
  /// Makes a row of named cells; empty ones are unknown.
  init(_ cells: [String: String]) {
    self.init()
    func text(_ name: String) -> String? { cells[name].flatMap { $0.isEmpty ? nil : $0 } }
    func count(_ name: String) -> Int? { text(name).flatMap { Int($0) } }
    func number(_ name: String) -> Double? { text(name).flatMap { Double($0) } }
    build_commit = text("build_commit")
    build_number = count("build_number")
    cpu_info = text("cpu_info")
    gpu_info = text("gpu_info")
    backends = text("backends")
    model_filename = text("model_filename")
    model_type = text("model_type")
    model_size = count("model_size")
    model_n_params = count("model_n_params")
    n_threads = count("n_threads")
    n_prompt = count("n_prompt")
    n_gen = count("n_gen")
    n_depth = count("n_depth")
    test_time = text("test_time")
    avg_ns = number("avg_ns")
    stddev_ns = number("stddev_ns")
    avg_ts = number("avg_ts")
    stddev_ts = number("stddev_ts")
  }
}
