import Foundation
public import Hardware
import Platform
public import Profiles

extension Workspace {
  /// The catalogue of a stated folder, else of the environment's, else the one that came with the program; with the
  /// user's own profiles.
  public func catalogue() -> Profiles {
    Profiles(root: profiles ?? environment["PLIMSOLL_PROFILES"], personal: folders.profiles)
  }

  /// The machine that a name, a file or a line of parts describes: the same for every command.
  ///
  /// A path says that it is one, by its ending or its beginning. Any other text is a name before it is a file, so that
  /// nothing in the folder where a command happens to run changes what a name means; a folder is never a machine.
  ///
  /// - Throws: `ProfileError`, with the nearest names where there is no such machine.
  public func machine(_ expression: String) throws -> Machine {
    let catalogue = catalogue()
    let isNamedAsProfile = [".yaml", ".yml", ".json"].contains { expression.hasSuffix($0) }
    let isPath = isNamedAsProfile || ["/", "./", "../"].contains { expression.hasPrefix($0) }
    if isPath || (catalogue.entry(ofSameName: expression) == nil && Self.isFile(expression)) {
      do {
        return try catalogue.machine(file: expression)
      } catch ProfileError.invalid where !isNamedAsProfile {
        throw ProfileError.notProfile(path: expression)
      }
    }
    return try machine(named: expression)
  }

  /// The machine that a name or a line of parts describes: no file is opened for it, whatever the text looks like.
  ///
  /// - Throws: `ProfileError`, with the nearest names where there is no such machine.
  public func machine(named expression: String) throws -> Machine {
    let catalogue = catalogue()
    let line = try MachineExpression(expression)
    for part in line.parts {
      guard let hidden = catalogue.entry(hiddenBy: part.name) else { continue }
      audience.note("\(part.name) is your own profile, not the catalogue's entry of that name (\(hidden.path))")
    }
    return try catalogue.machine(composedOf: line)
  }

  private static func isFile(_ path: String) -> Bool {
    var isFolder: ObjCBool = false
    return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && !isFolder.boolValue
  }
}
