/// What a person may ask of a server and not every engine can do, by the words that ask for it.
public enum EngineOption: String, Hashable, Sendable, CaseIterable, Codable {
  case gpuLayers = "--gpu-layers"
  case cpuMoe = "--cpu-moe"
  case overrideTensor = "--override-tensor"
  case splitMode = "--split-mode"
  case tensorSplit = "--tensor-split"
  case withoutFlashAttention = "--flash-attention off"
  case sharedCache = "--kv-unified on"
  case wholeWindows = "--swa-full"
  case batch = "--batch"
  case ubatch = "--ubatch"
  case outputRows = "--output-rows"
  case projector = "--mmproj"
  case draft = "--draft"
  case predictionLayers = "--mtp"
  case memoryShare = "--gpu-memory-utilization"
  case cacheSize = "--kv-memory"
  case withoutGraphs = "--enforce-eager"
}

extension EngineSettings {
  /// The options without which these settings would be the usual ones.
  public var options: Set<EngineOption> {
    let usual = EngineSettings()
    let asked: [(EngineOption, Bool)] = [
      (.cpuMoe, cpuMoeLayers > 0), (.overrideTensor, !overrideTensor.isEmpty),
      (.withoutFlashAttention, !flashAttention),
      (.sharedCache, kvUnified), (.wholeWindows, swaFull), (.batch, isBatchStated == true),
      (.ubatch, isUbatchStated == true), (.outputRows, outputRows != nil), (.projector, projectorPath != nil),
      (.draft, draftPath != nil), (.predictionLayers, usesPredictionLayers),
      (.memoryShare, gpuMemoryUtilization != usual.gpuMemoryUtilization), (.cacheSize, kvMemory != nil),
      (.withoutGraphs, enforceEager),
    ]
    return Set(asked.filter(\.1).map(\.0))
  }
}

extension Placement {
  /// The options without which layers would be placed as usual; degrees of parallelism are no matter of these.
  public var options: Set<EngineOption> {
    var asked: Set<EngineOption> = []
    // No layer at all is the processor, which every engine knows.
    if gpuLayers.map({ $0 > 0 }) == true { asked.insert(.gpuLayers) }
    // Degrees cut tensors too, without a word of llama.cpp's.
    let isOfDegrees = splitMode == .tensor && tensorParallel * pipelineParallel > 1
    if splitMode != Placement().splitMode, !isOfDegrees { asked.insert(.splitMode) }
    if !tensorSplit.isEmpty { asked.insert(.tensorSplit) }
    return asked
  }
}
