import Planning

/// One published measurement, of either kind of file; a field that its source does not give is nil.
struct ReferenceRow: Decodable {
  var id: String?
  var table: String?
  var device: String
  var n_devices: Int?
  var model: String
  var model_file: String?
  var model_path: String?
  var params_b: Double?
  var active_b: Double?
  var engine: String?
  var suspect: Bool?
  /// Where it was published; of the collection of threads it is the thread.
  var source: String?

  // One stream on one machine.
  var test: String?
  var date: String?
  var quant: String?
  var size_gib: Double?
  var backend: String?
  var threads: Double?
  var n_proc: Double?
  var n_ubatch: Double?
  var fa: Int?
  var kv_cache: String?
  var n_prompt: Double?
  var n_gen: Double?
  var depth: Double?
  var batch: Double?
  var tok_s: Double?
  var host_limited: Bool?
  var partial_offload: Bool?
  /// `layer`, or `tensor` where devices share each layer.
  var split: String?
  var n_cpu_moe: Double?
  /// The processors beside a card, and in how many sockets.
  var host_cpu: String?
  var host_sockets: Double?

  // Many requests at once.
  var precision: String?
  var gemm: String?
  var tp: Int?
  var pp: Int?
  var attn_dp: Int?
  var moe_ep: Int?
  var replicas: Int?
  var isl: Double?
  var osl: Double?
  var isl_mean: Double?
  var osl_mean: Double?
  var concurrency: Double?
  var scenario: String?
  var benchmark: String?
  var ttft_ms: Double?
  var tpot_ms: Double?
  var out_tok_s: Double?
  var request_rate: Double?
  var n_requests: Double?
  /// What a client got rid of, where that is not what it was told.
  var achieved_rate: Double?
  var peak_concurrency: Double?
  var prefix_caching: Bool?
  var dataset: String?
  var max_num_seqs: Double?
  var speculative: Bool?
  /// Tokens that one check of guesses yields.
  var accept_length: Double?
  /// `4xTP2 prefill, 2xTP4 decode`.
  var disaggregated: String?
}

/// What is stated of one device in the reference data.
struct ReferenceDevice: Decodable {
  var bandwidth_gb_s: Double
  var `class`: String
  var family: String
  /// Left out where a source does not give it.
  var fp16_tflops: Double?
  /// Left out where a source does not give it.
  var memory_gb: Double?
}
