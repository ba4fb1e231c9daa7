import Foundation
import Models
import Units

/// Files that an engine would fail on.
public enum ModelDamage {
  private static let codes: Set<ReasonCode> = [.incompleteFile, .missingParts]

  /// Refuses a model that is not there, or is known to be cut short, before an engine is started on it.
  public static func refuse(_ path: String) throws {
    guard FileManager.default.fileExists(atPath: path) else {
      throw Failure(
        .refusedInput, .noSuchFile, "there is no file \(path)",
        remedy: "name a GGUF file, a folder with safetensors, or hf:ORG/NAME")
    }
    guard let found = try ModelReader.read(path: path).warnings.first(where: { codes.contains($0.code) }) else {
      return
    }
    throw Failure(.refusedInput, found.code, found.message, remedy: found.remedy)
  }
}
