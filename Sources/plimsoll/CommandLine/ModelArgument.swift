import ArgumentParser
import Foundation
import Models
import Units

/// The model that a command is about: a file, or a folder of files.
struct ModelArgument: ParsableArguments {
  @Argument(help: "A GGUF file, a folder of safetensors or GGUF files, or a config.json.")
  var model: String

  /// The model, and other quantizations of it in the same folder where a folder was given.
  func read() throws -> (model: Model, siblings: [Model]) {
    let files = ggufFiles()
    guard files.count > 1 else { return (try ModelReader.read(path: model), []) }
    let models = try files.map { try ModelReader.read(path: $0) }
      .sorted { ($0.tensorBytes?.value.bytes ?? 0) > ($1.tensorBytes?.value.bytes ?? 0) }
    guard let largest = models.first else { return (try ModelReader.read(path: model), []) }
    return (largest, models.dropFirst().filter { $0.architecture == largest.architecture })
  }

  /// The whole GGUF files of a folder, one for each split model; none for a file.
  private func ggufFiles() -> [String] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: model)) ?? []
    return names.filter { name in
      name.hasSuffix(".gguf") && !name.lowercased().contains("mmproj")
        && (name.range(of: #"-\d{5}-of-\d{5}"#, options: .regularExpression) == nil || name.contains("-00001-of-"))
    }.sorted().map { "\(model)/\($0)" }
  }
}
