public import Units

extension Model {
  /// Why no engine loads these files as a model, whatever the machine; nil where nothing speaks against it.
  ///
  /// An adapter, an incomplete set, a header without what every loader demands.
  public var defect: Reason? {
    if let found = warnings.first(where: { Self.defects.contains($0.code) }) { return found }
    if layers.contains(where: { $0.kind == .unknown }) {
      return Reason(
        .missingKey, "the attention heads of \(name) are not known, so its memory cannot be planned",
        remedy: "state num_attention_heads in its config.json, or take another publisher's files")
    }
    guard layers.isEmpty, !shape.isEncoderOnly else { return nil }
    return Reason(.unknownArchitecture, "the layers of \(name) are not known, so its memory cannot be planned")
  }

  private static let defects: Set<ReasonCode> = [.notAWholeModel, .missingParts, .missingKey]
}
