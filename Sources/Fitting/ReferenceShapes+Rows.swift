import Planning

extension ReferenceShapes {
  /// Returns the traits of the model that a row names, from the table, else from the sizes in the row or in the name.
  func traits(of row: ReferenceRow) -> ModelTraits {
    let name = "\(row.model) \(row.model_file ?? "")".lowercased().replacingAll("_", with: "-")
    let known = entries.first { entry in entry.names.contains { name.contains($0) } }
    guard let known else { return ordinary(row, name: name) }
    var traits = known.traits
    if let total = row.params_b, let active = row.active_b, active < total * 0.9 {
      traits.activeParameters = active * 1e9
    }
    if let total = row.params_b, abs(naturalLog(total * 1e9 / traits.parameters)) > 0.3 {
      traits.activeParameters *= total * 1e9 / traits.parameters
      traits.parameters = total * 1e9
    }
    return traits
  }

  private func ordinary(_ row: ReferenceRow, name: String) -> ModelTraits {
    let sizes = ReferenceShapes.sizes(in: name)
    let total = row.params_b ?? sizes.total ?? 7
    var active = row.active_b ?? sizes.active ?? total
    if let stated = sizes.active, active > total * 0.99 { active = stated }
    return ModelTraits(ordinaryWith: total * 1e9, active: min(active, total) * 1e9)
  }
}
