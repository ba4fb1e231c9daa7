public import Deployment
public import Hub

/// Whoever started a piece of work: told what happens on the way, and asked where the work may not decide.
///
/// A terminal, a web page or a test; by default nobody, who hears nothing and agrees to nothing.
public struct Audience: Sendable {
  /// Takes a line on progress.
  public var note: @Sendable (String) -> Void
  /// Answers a question with yes or no; false where nobody can answer.
  public var confirm: @Sendable (String) -> Bool
  /// Takes a download's progress; nil when it has ended.
  public var pulling: @Sendable (PullProgress?) -> Void
  /// Takes what a loading server does.
  public var loading: @Sendable (LoadEvent) -> Void

  public init(
    note: @escaping @Sendable (String) -> Void = { _ in },
    confirm: @escaping @Sendable (String) -> Bool = { _ in false },
    pulling: @escaping @Sendable (PullProgress?) -> Void = { _ in },
    loading: @escaping @Sendable (LoadEvent) -> Void = { _ in }
  ) {
    self.note = note
    self.confirm = confirm
    self.pulling = pulling
    self.loading = loading
  }
}
