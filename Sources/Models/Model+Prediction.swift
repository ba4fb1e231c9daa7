import Units

extension Model {
  /// Blocks that predict further tokens (MTP, NextN): among `layers`, or in a checkpoint of a family whose converter to GGUF drops
  /// them.
  public var predictionLayerCount: Int {
    if shape.nextTokenPredictionLayers > 0 { return shape.nextTokenPredictionLayers }
    guard format != .gguf, let stated = shape.extras[Self.droppedPredictionKey], (1...16).contains(stated) else {
      return 0
    }
    return Int(stated)
  }

  /// Where a configuration's count of such blocks is kept.
  static let droppedPredictionKey = "checkpoint.nextn_predict_layers"

  /// The blocks that predict further tokens, as a model of their own with the same vocabulary; nil where there are none.
  ///
  /// What they share with the model, its embeddings and its output, is not among the tensors. A block that the files do not
  /// describe is like the model's last, with the matrix that joins a token and a state before it.
  public var predictor: Model? {
    let count = predictionLayerCount
    guard count > 0, count <= layers.count, let last = layers.last else { return nil }
    let isListed = shape.nextTokenPredictionLayers > 0
    let first = isListed ? layers.count - count : layers.count
    var alone = self
    alone.shape.nextTokenPredictionLayers = 0
    alone.shape.extras["nextn_predict_layers"] = nil
    alone.layers = (isListed ? Array(layers.suffix(count)) : Array(repeating: last, count: count)).map { layer in
      var layer = layer
      layer.isNextTokenPrediction = false
      layer.sharesCacheOf = nil
      return layer
    }
    let own = tensors.filter(isOfPrediction)
    alone.tensors =
      own.isEmpty && !isListed ? (0..<count).flatMap { _ in likeTheLast } : own.map { $0.movedDown(by: first) }
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
    guard predictionLayerCount > 0 else { return false }
    let place = TensorPlace(tensor.name)
    guard !place.isEncoder else { return false }
    return place.isPrediction || place.layer.map { $0 >= layers.count - shape.nextTokenPredictionLayers } ?? false
  }

  /// The last block's tensors, and a matrix of twice the width by the width, of 16 bits.
  private var likeTheLast: [Tensor] {
    let width = shape.embeddingLength
    let block = tensors.filter { tensor in
      let place = TensorPlace(tensor.name)
      return place.layer == layers.count - 1 && !place.isPrediction
    }
    guard !block.isEmpty, (1...1 << 20).contains(width) else { return block }
    return block + [
      Tensor(name: "eh_proj.weight", dimensions: [2 * width, width], type: "BF16", bytes: ByteCount(4 * width * width))
    ]
  }
}

extension Tensor {
  /// The tensor of an earlier block, in GGUF's spelling; a checkpoint's keeps its name.
  fileprivate func movedDown(by blocks: Int) -> Tensor {
    guard let index = TensorNames.layer(of: name) else { return self }
    var moved = self
    moved.name = "blk.\(index - blocks)\(TensorNames.withoutLayer(name))"
    return moved
  }
}
