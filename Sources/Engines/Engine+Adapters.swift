public import Models
public import Units

extension Engine {
  public func refusal(of companions: [Companion]) -> Reason? { foreignAdapter(companions) }

  /// Why it cannot load an adapter: it is in another engine's form.
  func foreignAdapter(_ companions: [Companion]) -> Reason? {
    let own = planning.adapterForm
    guard let other = companions.compactMap(\.adapter).first(where: { $0.form != own }) else { return nil }
    let engine = EngineKind.allCases.first { $0.planning.adapterForm == other.form }?.rawValue
    return Reason(
      .foreignAdapter,
      "\(kind.rawValue) loads \(own?.rawValue ?? "no") adapters, and this one is \(other.form.rawValue)'s",
      remedy: "convert it (llama.cpp's convert_lora_to_gguf.py makes GGUF of PEFT)"
        + (engine.map { ", or use \($0)" } ?? ""))
  }
}

extension MLX {
  /// mlx_lm's server has one adapter (`--adapter-path`).
  public func refusal(of companions: [Companion]) -> Reason? {
    if let foreign = foreignAdapter(companions) { return foreign }
    let adapters = companions.count { $0.role == .adapter }
    guard adapters > 1 else { return nil }
    return Reason(
      .foreignAdapter, "\(kind.rawValue) loads one adapter, and \(adapters) are named", remedy: "merge them into one")
  }
}

extension VLLM {
  /// vLLM takes NAME=PATH, reads what has a comma as JSON, and knows ranks up to 512.
  public func refusal(of companions: [Companion]) -> Reason? {
    if let foreign = foreignAdapter(companions) { return foreign }
    let adapters = companions.filter { $0.role == .adapter }
    if let odd = adapters.map(\.file.path).first(where: { $0.contains("=") || $0.contains(",") }) {
      return Reason(
        .foreignAdapter, "\(kind.rawValue) cannot be given \(odd): its path has a comma or an equals sign",
        remedy: "move it to another folder")
    }
    if let most = VLLMAdapters.ranks.last, let high = adapters.compactMap(\.adapter?.rank).max(), high > most {
      return Reason(
        .foreignAdapter, "\(kind.rawValue) loads adapters of rank \(most) at most, and this one has \(high)",
        remedy: "merge it into the model")
    }
    return nil
  }
}
