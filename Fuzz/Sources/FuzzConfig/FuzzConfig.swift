import Models

/// Called by libFuzzer with bytes of its choice; whatever they are, the reader answers or throws.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let bytes = Array(UnsafeBufferPointer(start: start, count: count))
  _ = try? ModelReader.read(bytes, as: .config)
  return 0
}
