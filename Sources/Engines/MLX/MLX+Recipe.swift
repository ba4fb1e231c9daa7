extension MLX {
  static let textRecipe = EngineRecipe(
    name: "mlx", version: "mlx-lm 0.32.2, mlx 0.32.4", program: "mlx_lm.server", entry: "-m mlx_lm.server")

  /// For vision models: mlx-lm's server drops that part of them.
  static let visionRecipe = EngineRecipe(
    name: "mlx-vlm", version: "mlx-vlm 0.7.10, mlx 0.32.4", program: "mlx_vlm.server", entry: "-m mlx_vlm.server")
}
