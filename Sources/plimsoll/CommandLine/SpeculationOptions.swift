import ArgumentParser
import Foundation
import Models
import Planning
import Units
import Workflows

/// What guesses tokens for the model to check.
struct SpeculationOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp("Draft model for speculative decoding.", valueName: "model"), completion: Completion.models)
  var draft: String?
  @Flag(help: ArgumentHelp("The model's own prediction layers guess tokens.", visibility: .hidden))
  var mtp = false
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Share of draft tokens that the model accepts, 0 to 1; 0.6 if unset.", valueName: "share",
      visibility: .hidden))
  var draftAcceptance: Double?

  func validate() throws {
    if mtp, draft != nil { throw ValidationError("--mtp and --draft cannot both guess; leave one of them out") }
    guard let draftAcceptance else { return }
    guard draft != nil || mtp else { throw ValidationError("--draft-acceptance needs --draft or --mtp") }
    guard (0...1).contains(draftAcceptance) else { throw ValidationError("--draft-acceptance is from 0 to 1") }
  }

  /// What guesses; nil where nothing was asked to.
  func guessing(in workspace: Workspace) async throws -> Guessing? {
    if mtp { return .predictionLayers }
    guard let draft else { return nil }
    return try await workspace.guessing(byDraft: draft)
  }

  /// - Throws: `Failure` for a draft that is not on this machine.
  func requireFiles(in workspace: Workspace) async throws {
    if let draft { try await workspace.requireFiles(ofDraft: draft) }
  }
}
