import Engines
import Foundation
public import Models
public import Planning
import Platform
import Units

extension PlanWishes {
  /// The files that are loaded beside a model, with their sizes.
  ///
  /// llama.cpp is given the projector that was found with the model, unless another is named, or `none`.
  ///
  /// - Throws: `Failure` for a path with nothing at it, or another model's file; `ModelError` for what is no adapter.
  public static func companions(
    of model: Model, projector stated: String? = nil, adapters: [String] = []
  ) throws -> [Companion] {
    var named: [Companion] = []
    if let projector = stated.flatMap({ $0 == "none" ? nil : $0 }) {
      named.append(
        Companion(
          role: .projector, file: ModelFile(path: projector, bytes: ByteCount(try size(projector))),
          projector: ModelReader.projector(at: projector)))
    }
    named += try adapters.map { path in
      _ = try size(path)
      return try AdapterReader.read(path: path)
    }
    for companion in named {
      guard let foreign = ModelReader.foreign(companion, for: model) else { continue }
      let remedy =
        companion.role == .projector ? "--mmproj none leaves it out" : "leave --lora out, or name its own model"
      throw Failure(.refusedInput, foreign.code, foreign.message, remedy: remedy)
    }
    return (stated == nil ? ownProjector(of: model) : []) + named
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

extension PlanRequest {
  /// Takes files that are loaded beside the model, and tells the engine of them.
  public mutating func load(beside companions: [Companion]) {
    self.companions = companions
    let adapters = companions.filter { $0.role == .adapter }
    settings.loraPaths = adapters.map(\.file.path)
    settings.loraRank = adapters.compactMap(\.adapter?.rank).max()
    settings.projectorPath = companions.first { $0.role == .projector }?.file.path
  }
}

extension Workspace {
  /// A draft model that guesses tokens. One that is not on this machine has no files: it is planned, and not started.
  public func guessing(byDraft draft: String) async throws -> Guessing {
    var model = try await ModelSource(draft, in: self).read().model
    let isThere = { (path: String) in FileManager.default.fileExists(atPath: path) }
    guard let path = model.files.first?.path, isThere(path) else {
      model.files = []
      return .draft(model, name: draft)
    }
    return .draft(model, name: isThere(draft) ? draft : path)
  }

  /// - Throws: `Failure` for a draft that is not on this machine.
  public func requireFiles(ofDraft draft: String) async throws {
    guard case .draft(let model, let name) = try await guessing(byDraft: draft), model.files.isEmpty else { return }
    throw Failure(
      .refusedInput, .notHere, "the draft \(printable(name)) has no file on this machine",
      remedy: "name its file or folder, such as --draft /models/draft.gguf")
  }
}
