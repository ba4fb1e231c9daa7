import Platform

/// A package of Python's index, as an installation of it lies on the disk.
struct PythonPackage {
  private let name: String

  init(_ name: String) { self.name = name }

  /// Returns the version of the package whose program this is, from the metadata beside it; nil where there are none.
  ///
  /// A program at `PREFIX/bin` belongs to `PREFIX/lib/pythonX.Y/site-packages` (Debian: `dist-packages`).
  func version(beside program: String) -> String? {
    guard let real = realpath(program, nil) else { return nil }
    defer { free(real) }
    let parts = String(cString: real).split(separator: "/")
    guard parts.count > 2, parts[parts.count - 2] == "bin" else { return nil }
    let library = "/" + parts.dropLast(2).joined(separator: "/") + "/lib"
    let tree = DiskTree()
    for python in tree.list(library) where python.hasPrefix("python3") {
      for packages in ["site-packages", "dist-packages"] {
        let found = tree.list("\(library)/\(python)/\(packages)").first {
          $0.hasPrefix("\(name)-") && $0.hasSuffix(".dist-info")
        }
        if let found { return String(found.dropFirst(name.utf8.count + 1).dropLast(10)) }
      }
    }
    return nil
  }
}
