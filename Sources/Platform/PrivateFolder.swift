import Foundation

/// A folder for files that a command needs for a moment: this user's alone, under a name that nobody can foresee.
public enum PrivateFolder {
  /// Makes one in the system's folder for such files; whoever asks removes it.
  ///
  /// - Throws: `FileError.unwritable`, also where something of that name already exists.
  public static func make() throws(FileError) -> String {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("plimsoll-\(UUID().uuidString)").path
    do {
      // Without its parents: what already exists is an error, so that no prepared folder or link is taken.
      try FileManager.default.createDirectory(
        atPath: path, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
    } catch {
      throw .unwritable(path: path, cause: "the folder cannot be made")
    }
    return path
  }
}
