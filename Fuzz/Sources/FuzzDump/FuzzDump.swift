import Hardware

/// Called by libFuzzer with bytes of its choice; whatever kind of dump they look like, the reader answers or throws.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let bytes = Array(UnsafeBufferPointer(start: start, count: count))
  _ = try? MachineDump().read(bytes, name: "fuzz")
  return 0
}
