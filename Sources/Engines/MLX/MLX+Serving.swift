import Units

extension MLX {
  public var nativeProgram: (any NativeProgram)? { MLXBenchmark() }

  public var serving: ServingFacts {
    var facts = ServingFacts(
      .none(
        Reason(
          .noContainer, "MLX runs as a native process: containers on macOS do not reach the GPU",
          remedy: "use --target process or --target launchd")))
    facts.quantizer = "mlx_lm.convert"
    // mlx-lm's server drops the part of a model that sees; mlx-vlm's is a package of its own.
    facts.recipes = [Self.textRecipe, Self.visionRecipe]
    return facts
  }
}
