public import Units

extension Model {
  /// True where blocks follow the model's own that predict further tokens (MTP, NextN).
  public var hasPredictionLayers: Bool { shape.nextTokenPredictionLayers > 0 }

  /// The blocks that predict further tokens, as a model of their own with the same vocabulary; nil where there are none.
  ///
  /// What they share with the model, its embeddings and its output, is not among the tensors.
  public var predictor: Model? {
    let count = shape.nextTokenPredictionLayers
    guard count > 0, count <= layers.count else { return nil }
    let first = layers.count - count
    var alone = self
    alone.shape.nextTokenPredictionLayers = 0
    alone.shape.extras["nextn_predict_layers"] = nil
    alone.layers = layers.suffix(count).map { layer in
      var layer = layer
      layer.isNextTokenPrediction = false
      layer.sharesCacheOf = nil
      return layer
    }
    alone.tensors = tensors.compactMap { tensor in
      guard isOfPrediction(tensor) else { return nil }
      var own = tensor
      if let index = TensorNames.layer(of: tensor.name) {
        own.name = "blk.\(index - first)\(TensorNames.withoutLayer(tensor.name))"
      }
      return own
    }
    alone.tensorBytes = tensorBytes.map { whole in
      Figure(alone.tensors.reduce(ByteCount.zero) { $0 + $1.bytes }, whole.source)
    }
    // Those of the whole model are not theirs.
    alone.parameters = nil
    alone.activeParameters = nil
    alone.companions = []
    return alone
  }

  /// True for a tensor of the blocks that predict further tokens, in GGUF's spelling or a checkpoint's.
  public func isOfPrediction(_ tensor: Tensor) -> Bool {
    guard hasPredictionLayers else { return false }
    let place = TensorPlace(tensor.name)
    guard !place.isEncoder else { return false }
    return place.isPrediction || place.layer.map { $0 >= layers.count - shape.nextTokenPredictionLayers } ?? false
  }
}
