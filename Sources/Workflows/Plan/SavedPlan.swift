import Foundation
import Hub
import Units

/// What a saved plan is for.
public struct SavedPlan: Hashable, Sendable {
  /// The model's path in the plan's command.
  let path: String

  public init(path: String) { self.path = path }

  /// Refuses a model that is not the plan's.
  public func requireModel(_ name: String) throws {
    guard !isOf(name) else { return }
    throw Failure(
      .usage, .otherModel, "the plan is for \(path), and not for \(name)",
      remedy: "leave the model out, or plan again: plimsoll plan \(name) --json")
  }

  private func isOf(_ name: String) -> Bool {
    if HubReference.isReference(name), let reference = try? HubReference(parsing: name) {
      return path.contains("models--\(reference.repository.replacingOccurrences(of: "/", with: "--"))/")
    }
    let whole = URL(fileURLWithPath: name).standardizedFileURL.resolvingSymlinksInPath().path
    let planned = URL(fileURLWithPath: path).standardizedFileURL.resolvingSymlinksInPath().path
    return planned == whole || planned.hasPrefix(whole + "/") || whole.hasPrefix(planned + "/")
  }
}
