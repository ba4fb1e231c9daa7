import Foundation
import Hub
import Platform
import Units

/// The models that a request over the network may name: those of the catalogue and the Hub, and files in the folders where
/// models are kept. No other file is opened for it, and no other address is asked.
public struct ModelBounds: Sendable {
  private let workspace: Workspace

  public init(in workspace: Workspace) { self.workspace = workspace }

  /// Returns the model as `ModelSource` takes it.
  ///
  /// - Throws: `Failure` for a path outside the folders, an address, or what is no name.
  public func name(_ asked: String) throws -> String {
    guard !asked.isEmpty, asked.utf8.count <= 512, asked.unicodeScalars.allSatisfy({ $0.value >= 32 }) else {
      throw refusal(asked, remedy: nil)
    }
    if LocalApp.reference(asked) != nil { return asked }
    guard !asked.contains("://") else {
      throw refusal(asked, remedy: "name a model of the catalogue or the Hub: hf:org/name")
    }
    if HubReference.isReference(asked) { return asked }
    let installed = "\(workspace.folders.models)/\(asked)"
    if !asked.contains("/"), asked.hasSuffix(".gguf"), FileManager.default.fileExists(atPath: installed) {
      return try kept(installed)
    }
    if asked.hasPrefix("/") { return try kept(asked) }
    // A file of that name in the folder where the server was started would be read instead of the catalogue.
    guard !asked.hasPrefix("."), !asked.hasPrefix("~"), !FileManager.default.fileExists(atPath: asked) else {
      throw refusal(asked, remedy: "name a model of the catalogue, of the Hub, or one that is listed as here")
    }
    return asked
  }

  /// Returns the path of a file or folder beside a model, such as an adapter, where it is in the folders of models.
  ///
  /// - Throws: `Failure` for a path outside of them.
  public func path(_ asked: String) throws -> String {
    guard asked.hasPrefix("/"), asked.utf8.count <= 512, asked.unicodeScalars.allSatisfy({ $0.value >= 32 }) else {
      throw refusal(asked, remedy: "name the whole path of a file in \(workspace.folders.models)")
    }
    return try kept(asked)
  }

  /// A path that, with all links followed, is below a folder where models are kept.
  private func kept(_ path: String) throws -> String {
    let whole = Self.resolved(path)
    let folders = [workspace.folders.models, workspace.hub.cache].map(Self.resolved)
    let isInside = folders.contains { whole.hasPrefix($0 + "/") }
    // Other applications keep theirs where they like: what they list is theirs as it is written.
    let isListed = LocalApp.allCases.contains { app in
      app.models(workspace.environment).contains { $0.path == path }
    }
    guard isInside || isListed else {
      let place = Self.resolved(URL(fileURLWithPath: path).deletingLastPathComponent().path)
      let isLink = folders.contains { place == $0 || place.hasPrefix($0 + "/") }
      throw refusal(
        path, isLink ? "is a link that leads out of the folders of models" : Self.outside,
        remedy: "put the file itself into \(workspace.folders.models)")
    }
    return path
  }

  private static func resolved(_ path: String) -> String {
    URL(fileURLWithPath: path).standardizedFileURL.resolvingSymlinksInPath().path
  }

  private static let outside = "is not in the folders of models"

  private func refusal(_ asked: String, _ words: String = outside, remedy: String?) -> Failure {
    Failure(.refusedInput, .requestRefused, "\(printable(String(asked.suffix(80)))) \(words)", remedy: remedy)
  }
}
