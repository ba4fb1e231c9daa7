import ArgumentParser
import Models
import Planning
import Platform
import Units
import Workflows

/// Which forms of the model are considered, and what is loaded beside it.
struct FormOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Q4_K_M,Q8_0, or as-is, files, usual, all.", valueName: "list"))
  var quantizations = "usual"
  @Flag(
    help: ArgumentHelp(
      "An importance matrix is at hand for the quantizations that need one.", visibility: .hidden))
  var imatrix = false
  @Option(
    help: ArgumentHelp(
      "Projector of a vision model, or none.", valueName: "file"),
    completion: .file())
  var mmproj: String?
  @OptionGroup var speculation: SpeculationOptions
  @Option(
    help: ArgumentHelp("LoRA adapter: a GGUF file, or a folder (vLLM, MLX).", valueName: "path"),
    completion: .file())
  var lora: [String] = []

  /// What is named where nothing is near.
  private static let usualNames = ["Q8_0", "Q6_K", "Q5_K_M", "Q4_K_M", "FP8", "AWQ 4-bit", "MLX 4-bit"]

  /// The quantizations that are planned, of those that the files have or that can be made.
  func chosen(among files: [Model]) throws -> PlanRequest.Quantizations {
    switch quantizations {
    case "as-is": return .asIs
    case "files": return .files
    case "usual": return .usual
    case "all": return .all
    default: break
    }
    let names = quantizations.split(separator: ",").map { String($0.filter { $0 != " " }) }
    let unknown = PlanRequest.Quantizations.unknown(among: names, files: files)
    guard unknown.isEmpty, !names.isEmpty else {
      let near = unknown.flatMap { nearestNames(to: $0, in: PlanRequest.Quantizations.names, count: 8) }
      throw ValidationError(
        "no quantization is called \(printable(unknown.joined(separator: ", "))); there are "
          + "\((near.isEmpty ? Self.usualNames : near).joined(separator: ", ")), or as-is, files, usual, all")
    }
    return .named(names)
  }

  /// The files that are loaded beside the model, with their sizes.
  ///
  /// llama.cpp is given the projector that was found with the model, unless another is named, or none.
  func companions(of model: Model) throws -> [Companion] {
    let own = model.format == .gguf && mmproj == nil ? model.companions.filter { $0.role == .projector }.prefix(1) : []
    let projector = mmproj.flatMap { $0 == "none" ? nil : $0 }
    var named: [Companion] = []
    if let projector {
      named.append(
        Companion(
          role: .projector, file: ModelFile(path: projector, bytes: ByteCount(try Self.size(projector))),
          projector: ModelReader.projector(at: projector)))
    }
    named += try lora.map { path in
      _ = try Self.size(path)
      return try AdapterReader.read(path: path)
    }
    for companion in named {
      guard let foreign = ModelReader.foreign(companion, for: model) else { continue }
      let remedy =
        companion.role == .projector ? "--mmproj none leaves it out" : "leave --lora out, or name its own model"
      throw Failure(.refusedInput, foreign.code, foreign.message, remedy: remedy)
    }
    return own + named
  }

  private static func size(_ path: String) throws -> Int {
    guard let size = fileSize(path) else {
      throw Failure(
        .refusedInput, .noSuchFile, "there is no file \(printable(path))",
        remedy: "name a file or folder of this machine, such as /models/adapter.gguf")
    }
    return size
  }
}
