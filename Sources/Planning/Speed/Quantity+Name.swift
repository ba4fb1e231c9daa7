extension Quantity {
  /// The name under which its constants are kept: stated, so that a case can be renamed and none of them is lost.
  package var name: String {
    switch self {
    case .weightBandwidth: "weightBandwidth"
    case .cacheBandwidth: "cacheBandwidth"
    case .smallBatchCompute: "smallBatchCompute"
    case .matrixCompute: "matrixCompute"
    case .decodeAttention: "decodeAttention"
    case .layerOverhead: "layerOverhead"
    case .stepOverhead: "stepOverhead"
    case .streamOverhead: "streamOverhead"
    case .allReduceLatency: "allReduceLatency"
    case .hostBandwidth: "hostBandwidth"
    case .threadWait: "threadWait"
    case .threadPeak: "threadPeak"
    case .threadBandwidth: "threadBandwidth"
    case .stepFactor: "stepFactor"
    case .prefillCompute: "prefillCompute"
    case .prefillAttention: "prefillAttention"
    case .prefillLayerOverhead: "prefillLayerOverhead"
    case .prefillStepOverhead: "prefillStepOverhead"
    case .expertTile: "expertTile"
    case .fillTokens: "fillTokens"
    case .prefillThreadScaling: "prefillThreadScaling"
    case .prefillThreadPeak: "prefillThreadPeak"
    case .stageOverlap: "stageOverlap"
    case .prefillFactor: "prefillFactor"
    case .prefillInflation: "prefillInflation"
    case .burst: "burst"
    case .requestOverhead: "requestOverhead"
    case .limitMargin: "limitMargin"
    case .randomWait: "randomWait"
    case .offlineFactor: "offlineFactor"
    case .admissionSteps: "admissionSteps"
    case .frontEnd: "frontEnd"
    }
  }
}
