import Engines
import Models
import Synchronization

/// The forms of the model that was asked about last: a table of contexts, or a catalogue of machines, asks for the same
/// ones again and again.
final class LastForms: Sendable {
  /// What they depend on.
  private struct Subject: Equatable {
    var model: Model
    var siblings: [Model]
    var quantizations: PlanRequest.Quantizations
    var hasImportanceMatrix: Bool
  }

  private let last = Mutex<(subject: Subject, forms: [ModelForm])?>(nil)

  func all(for request: PlanRequest) -> [ModelForm] {
    let subject = Subject(
      model: request.model, siblings: request.siblings, quantizations: request.quantizations,
      hasImportanceMatrix: request.hasImportanceMatrix)
    if let known = last.withLock({ $0?.subject == subject ? $0?.forms : nil }) { return known }
    let made = ModelForms.all(for: request)
    last.withLock { $0 = (subject, made) }
    return made
  }
}
