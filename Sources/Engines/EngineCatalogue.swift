/// Every engine that Plimsoll knows.
public enum EngineCatalogue {
  /// The engines of this version, in the order in which they are listed; one more is its folder and a word here.
  public static let shipped: [any Engine] = [LlamaCpp(), AmpereLlamaCpp(), MLX(), VLLM()]

  /// The engines in force: the shipped ones, unless a caller works with others.
  @TaskLocal public static var all: [any Engine] = shipped

  /// Returns the engine of that kind.
  public static func engine(_ kind: EngineKind) -> any Engine { kind.engine }
}
