extension LaunchRequest {
  /// The environment that says how long OpenMP's threads spin at a barrier before they sleep.
  ///
  /// A server that computes on every core meets other programs there, its client first: threads that spin for milliseconds
  /// keep them off, and threads that sleep at once wake too late for the next of a token's hundreds of barriers. 300 turns
  /// (some 10 microseconds) do well at both: llama.cpp on 2 cores made 137 tokens a second, 142 to 152 with longer spins and 49
  /// with none; beside a busy process 57, 9 to 37 and 72.
  ///
  /// Where threads are so many that cores were left to others, the library's own wait stays, with which published speeds
  /// were measured.
  var barrierWait: [String: String] {
    if let threads, threads >= ThreadChoice.coresForOneSpare { return [:] }
    return ["GOMP_SPINCOUNT": "300"]
  }
}
