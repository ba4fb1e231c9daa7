import Foundation
import Units
import Workflows

/// The data that lie beside the program: the catalogue, the models' defaults, the schemas.
enum ShippedData {
  private static let folders = ["plimsoll_Profiles", "plimsoll_Models", "plimsoll_plimsoll"]

  /// The JSON schemas of the commands' output, by name.
  static var schemas: [String: String] {
    let folder = (Bundle.module.resourcePath ?? "") + "/Schemas"
    let names = ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).filter { $0.hasSuffix(".json") }
    let texts = names.compactMap { name in
      (try? String(contentsOfFile: "\(folder)/\(name)", encoding: .utf8)).map { (String(name.dropLast(5)), $0) }
    }
    return Dictionary(texts) { first, _ in first }
  }

  /// Says what is missing where the program was copied without its data, before anything looks for them.
  ///
  /// - Throws: `Failure` naming the folder.
  static func require() throws {
    let places = [Bundle.main.bundleURL, Bundle.main.resourceURL].compactMap { $0 }
    func isThere(_ folder: String) -> Bool {
      ["resources", "bundle"].contains { suffix in
        places.contains { FileManager.default.fileExists(atPath: $0.appending(path: "\(folder).\(suffix)").path) }
      }
    }
    guard let missing = folders.first(where: { !isThere($0) }) else { return }
    throw Failure(
      .failed, .dataMissing, "the folder \(missing).resources is not beside the program",
      remedy: "copy it together with the program, or install a package of Plimsoll")
  }
}
