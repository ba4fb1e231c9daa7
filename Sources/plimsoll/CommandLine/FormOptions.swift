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

  /// The files that are loaded beside the model, with their sizes.
  ///
  /// llama.cpp is given the projector that was found with the model, unless another is named, or none.
  func companions(of model: Model) throws -> [Companion] {
    let own = mmproj == nil ? PlanWishes.ownProjector(of: model) : []
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
