import Models

/// How much wider vLLM's kernels lay out experts of 4-bit floats than the checkpoint has them (`Mxfp4MoEMethod`).
enum VLLMExpertPadding {
  /// Returns the bytes as laid out for each byte stored; 1 for other forms.
  ///
  /// Marlin's kernels, before Blackwell, want an inner width of whole 128s and a stream of whole 256s; Hopper's keep the
  /// inner width; those of Blackwell's servers and AMD's want whole 256s of both.
  static func factor(_ question: Question, _ device: VLLMDevice) -> Double {
    guard question.form.name.uppercased().hasPrefix("MXFP4"),
      let experts = question.model.layers.lazy.compactMap(\.experts).first
    else { return 1 }
    let placement = question.placement
    let isCut = placement.expertParallel <= 1
    let inner = max(1, experts.feedForwardLength / (isCut ? max(1, placement.tensorParallel) : 1))
    let width = max(1, question.model.shape.expertInputLength)
    let grain =
      switch device.computeCapability {
      case _ where device.isAMD: 256
      case let capability? where capability >= 10 && capability < 11: 256
      case let capability? where capability >= 9 && capability < 10: 1
      default: 128
      }
    return Double(padded(inner, grain)) / Double(inner) * Double(padded(width, 256)) / Double(width)
  }

  private static func padded(_ length: Int, _ grain: Int) -> Int { (length + grain - 1) / grain * grain }
}
