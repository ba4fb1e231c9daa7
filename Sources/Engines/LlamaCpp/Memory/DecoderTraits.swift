/// What distinguishes one family of decoders from another in llama.cpp's graph of it, where tensors do not show it.
///
/// Norms, biases, gates, experts and fused weights are taken from the file's tensors and have no entry here.
struct DecoderTraits: Sendable {
  /// Which layers' queries and keys get a rotary embedding.
  enum Rotary: Sendable {
    case all, none, slidingOnly
    /// None on each `step`-th layer.
    case allButEach(step: Int)
  }

  /// Where queries and keys are normalized.
  enum QueryKeyNorm: Sendable { case heads, headsAfterRotary, flat }

  /// How attention and feed-forward block join the residual stream.
  enum Residual: Sendable {
    case sequential
    /// The feed-forward block reads the attention's normalized input; sums in the order feed-forward, attention, stream.
    case parallelAttentionFirst
    /// As above, sums in the order attention, feed-forward, stream.
    case parallelFeedForwardSecond
    /// As above, sums in the order feed-forward, stream, attention.
    case parallelStreamFirst
    /// Two norms of the stream, one for each block; sums in the order feed-forward, stream, attention.
    case parallelOwnNorm
  }

  /// When the rows to be output are picked.
  enum RowSelection: Sendable { case lastLayer, beforeNorm, afterNorm }

  /// The layer norm's bias belongs to the first family of norms only.
  var norm = LlamaGraph.NormKind.rootMeanSquare
  var queryKeyNorm = QueryKeyNorm.heads
  var queryKeyNormKind = LlamaGraph.NormKind.rootMeanSquare
  var rotary = Rotary.all
  var scalesQuery = false
  /// Queries and keys are normalized without a weight after rotation.
  var plainQueryKeyNorm = false
  /// Queries of layers without rotary embedding are scaled by position.
  var scalesByPosition = false
  var embeddingScale = EmbeddingScale.none
  var residual = Residual.sequential
  /// A norm of the attention's result, before it joins the stream.
  var attentionResultNorm: String? = "post_attention_norm"
  /// The norm before the feed-forward block; nil where there is none.
  var feedForwardNorm: String? = "ffn_norm"
  var feedForwardResultNorm: String? = "post_ffw_norm"
  /// The norm before attention; nil where attention reads the stream itself.
  var attentionNorm: String? = "attn_norm"
  /// A layer without the attention's norm reads the stream itself.
  var skipsMissingNorm = false
  var outputNorm = "output_norm"
  /// Experts are chosen by what the block got, before attention.
  var routesByStream = false
  var activation = LlamaGraph.Activation.gated
  var routing = LlamaGraph.Routing()
  var rowSelection = RowSelection.lastLayer
  /// The shared expert's result is weighted by a gate of its own.
  var sharedGate = SharedGate.none
  /// The shared expert comes before the routed ones.
  var sharedFirst = false
  /// Attention is among the batch's tokens alone.
  var isCached = true
  var hasLogits = true
  /// Elementwise operations on the logits.
  var logitOperations = 0
  /// Tokens that may not come out: their logits are written over in a copy.
  var suppressedTokens = 0
  /// A factor on each block's result before it joins the stream.
  var scalesResiduals = false
  /// The query projection carries a gate for the attention's result.
  var gatesQueries = false
  var reshapesGatedQueries = false
  /// Blocks have a feed-forward part; where not, each block is a mixer alone or a feed-forward part alone.
  var hasFeedForward = true
  /// The order of the two sums decides whose memory the result takes.
  var joinsStreamFirst = false
  var addsStreamFirst = false

  enum EmbeddingScale: Sendable { case none, whole, rows }
  enum SharedGate: Sendable { case none, sigmoid, silu }
}
