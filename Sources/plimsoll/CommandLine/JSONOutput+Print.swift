import Platform
import Reporting

extension JSONOutput {
  /// Prints a value as one indented document on standard output.
  static func print(_ value: some Encodable) throws {
    Terminal.document(try text(value))
  }
}
