/// Returns a field as CSV takes it: quoted where it needs it (RFC 4180).
///
/// A field that a spreadsheet would run as a formula is made text by an apostrophe: it may come from a server or a file.
public func csvQuoted(_ field: String) -> String {
  let safe = isFormula(field) ? "'" + field : field
  guard safe.unicodeScalars.contains(where: { ",\"\r\n".unicodeScalars.contains($0) }) else { return safe }
  return "\"" + safe.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
}

/// Tells whether a spreadsheet would run a field as a formula.
public func isFormula(_ field: String) -> Bool {
  field.first.map { "=+-@\t\r".contains($0) } ?? false && Double(field) == nil
}

/// Returns one line of CSV with its end (RFC 4180: a carriage return and a line feed); text in it is printable.
public func csvLine(_ fields: some Sequence<String>) -> String {
  fields.map { csvQuoted(printableLines($0)) }.joined(separator: ",") + "\r\n"
}

/// Returns CSV of many lines, the titles first.
public func csvText(_ lines: some Sequence<[String]>) -> String { lines.map { csvLine($0) }.joined() }
