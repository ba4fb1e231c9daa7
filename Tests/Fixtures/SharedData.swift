import Platform

/// The reference data that tests hold the code against, where it is present.
public enum SharedData {
  /// The folder named by `PLIMSOLL_SHARED`, else `../shared` beside the checkout; nil where there is none.
  public static let root: String? = {
    let environment = ProcessInfo.processInfo.environment
    if let named = environment["PLIMSOLL_SHARED"], FileManager.default.fileExists(atPath: named) { return named }
    let checkout = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
    let beside = "/\(checkout)/../shared"
    return FileManager.default.fileExists(atPath: beside) ? beside : nil
  }()

  /// True where the folder or file of that name is there.
  public static func has(_ path: String) -> Bool {
    root.map { FileManager.default.fileExists(atPath: "\($0)/\(path)") } ?? false
  }
}
