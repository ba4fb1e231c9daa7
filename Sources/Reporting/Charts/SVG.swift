import Units

/// A drawing under construction: elements are appended, all text and attributes are escaped.
struct SVG {
  private(set) var body = ""

  /// Appends an element without content; attributes keep their order.
  mutating func add(_ name: String, _ attributes: [(String, String)]) {
    body += "<\(name)\(Self.text(of: attributes))/>"
  }

  /// Appends words at a place. `anchor` is `start`, `middle` or `end`.
  mutating func text(_ words: String, x: Double, y: Double, anchor: String = "start", style: String = "t") {
    let place = [("x", number(x)), ("y", number(y)), ("text-anchor", anchor), ("class", style)]
    body += "<text\(Self.text(of: place))>\(escaped(words))</text>"
  }

  mutating func line(_ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, style: String) {
    add("line", [("x1", number(x1)), ("y1", number(y1)), ("x2", number(x2)), ("y2", number(y2)), ("class", style)])
  }

  mutating func rectangle(x: Double, y: Double, width: Double, height: Double, _ attributes: [(String, String)]) {
    let place = [
      ("x", number(x)), ("y", number(y)), ("width", number(max(0, width))), ("height", number(height)),
    ]
    add("rect", place + attributes)
  }

  mutating func raw(_ markup: String) { body += markup }

  private static func text(of attributes: [(String, String)]) -> String {
    attributes.map { " \($0.0)=\"\(escaped($0.1))\"" }.joined()
  }
}

/// A coordinate with at most two decimals.
func number(_ value: Double) -> String {
  let text = value.formatted(decimals: 2)
  var digits = Substring(text)
  while digits.hasSuffix("0") { digits = digits.dropLast() }
  return String(digits.hasSuffix(".") ? digits.dropLast() : digits)
}

/// Returns text that is safe between tags and inside double quotes, in HTML and in SVG; control characters are dropped.
func escaped(_ text: String) -> String {
  var out = ""
  for scalar in text.unicodeScalars {
    switch scalar {
    case "&": out += "&amp;"
    case "<": out += "&lt;"
    case ">": out += "&gt;"
    case "\"": out += "&quot;"
    case "'": out += "&#39;"
    case "\n", "\t": out += " "
    default:
      // Marks that turn the direction of text could make a name read as another.
      if !scalar.isSteering { out.unicodeScalars.append(scalar) }
    }
  }
  return out
}
