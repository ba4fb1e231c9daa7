/// Every engine that Plimsoll knows, in the order in which they are listed.
public enum EngineCatalogue {
  public static let all: [any Engine] = [LlamaCpp(), AmpereLlamaCpp(), MLX(), VLLM()]

  /// Returns the engine of that kind.
  public static func engine(_ kind: EngineKind) -> any Engine {
    switch kind {
    case .llamaCpp: LlamaCpp()
    case .ampereLlamaCpp: AmpereLlamaCpp()
    case .mlx: MLX()
    case .vllm: VLLM()
    }
  }
}
