public import Hardware
import Platform
import Profiles
import Units

extension Workspace {
  /// The machine that a text describes: a profile, or what one of the tools prints that `probe --from` reads. Nothing but the
  /// text is read, and archives are not unfolded.
  ///
  /// - Parameter name: what the text is called in messages; never opened.
  /// - Throws: `ProfileError` or `DumpError` where it describes none, `Failure` for what is no text.
  public func machine(describedBy text: String, name: String) throws -> Machine {
    let isText = text.unicodeScalars.allSatisfy { $0.value >= 32 || "\t\n\r\u{0C}\u{1B}".unicodeScalars.contains($0) }
    guard isText else {
      throw Failure(
        .refusedInput, .unsupportedDump, "\(name) is not a text",
        remedy: "for archives and folders: plimsoll probe --from PATH --save NAME")
    }
    let isProfile =
      [".yaml", ".yml"].contains { name.lowercased().hasSuffix($0) } || text.contains("plimsoll.machine/")
    if isProfile { return try catalogue().machine(text: text, name: name) }
    return completed(try MachineDump().read(Array(text.utf8), name: name), byNameAlone: true)
  }
}
