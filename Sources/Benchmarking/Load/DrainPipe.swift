import Platform

/// Empties the pipe that woke a loop.
func drainPipe(_ descriptor: Int32) {
  withUnsafeTemporaryAllocation(byteCount: 256, alignment: 1) { bytes in
    while read(descriptor, bytes.baseAddress, bytes.count) == bytes.count {}
  }
}
