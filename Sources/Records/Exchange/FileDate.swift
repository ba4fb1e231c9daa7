/// Moments as the files of benchmarks write them.
enum FileDate {
  /// Reads `2025-11-22T21:03:59Z`, the same with a fraction or an offset, `2025-11-22 21:03:59` (UTC), vLLM's
  /// `20251122-210359`, or seconds since 1970; returns seconds since 1970, or nil for anything else.
  static func seconds(_ text: String?) -> Double? {
    guard let text, text.utf8.count < 64 else { return nil }
    if let number = Double(text), number > 1e8, number < 1e11, !text.contains("-") { return number }
    let digits = text.split { !$0.isNumber }.map { String($0) }
    if digits.count == 2, digits[0].count == 8, digits[1].count == 6 {
      return moment(cut(digits[0], [4, 2, 2]) + cut(digits[1], [2, 2, 2]))
    }
    guard digits.count >= 6, digits[0].count == 4, let whole = moment(digits.prefix(6).compactMap { Int($0) }) else {
      return nil
    }
    var rest = text.drop { $0 != ":" }.dropFirst().drop { $0 != ":" }.dropFirst(3)
    var seconds = whole
    if rest.first == "." {
      let fraction = rest.dropFirst().prefix { $0.isNumber }
      seconds += Double("0.\(fraction)") ?? 0
      rest = rest.dropFirst(fraction.count + 1)
    }
    guard let sign = rest.first, sign == "+" || sign == "-" else { return seconds }
    let offset = rest.dropFirst().filter { $0.isNumber }
    guard offset.count == 4, let hours = Double(offset.prefix(2)), let minutes = Double(offset.suffix(2)) else {
      return seconds
    }
    return seconds - (sign == "+" ? 1 : -1) * (hours * 3600 + minutes * 60)
  }

  private static func cut(_ digits: String, _ lengths: [Int]) -> [Int] {
    var rest = Substring(digits)
    return lengths.compactMap { length in
      defer { rest = rest.dropFirst(length) }
      return Int(rest.prefix(length))
    }
  }

  /// Year, month, day, hour, minute and second of UTC.
  private static func moment(_ parts: [Int]) -> Double? {
    guard parts.count == 6, (1970...9999).contains(parts[0]), (1...12).contains(parts[1]), (1...31).contains(parts[2]),
      (0...23).contains(parts[3]), (0...59).contains(parts[4]), (0...60).contains(parts[5])
    else { return nil }
    // Days from the civil calendar, months counted from March so that the leap day is the last of its year.
    let year = parts[1] <= 2 ? parts[0] - 1 : parts[0]
    let month = (parts[1] + 9) % 12
    let days = 365 * year + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + parts[2] - 1 - 719_468
    return Double(days) * 86400 + Double(parts[3] * 3600 + parts[4] * 60 + parts[5])
  }
}
