import Synchronization

/// Who takes the next interrupt instead of the whole command: an answer that is being written, for one.
public enum InterruptClaim {
  /// Of the process, as its signals are.
  private static let handler = Mutex<(@Sendable () -> Void)?>(nil)

  /// Takes interrupts until it is released; the handler is called on another thread.
  public static func take(_ action: @escaping @Sendable () -> Void) { handler.withLock { $0 = action } }

  public static func release() { handler.withLock { $0 = nil } }

  /// Hands an interrupt to whoever took them; false where nobody did.
  public static func handle() -> Bool {
    guard let action = handler.withLock({ $0 }) else { return false }
    action()
    return true
  }
}
