import Engines

/// Called by libFuzzer with bytes of its choice, as an engine's log and as the output of its benchmark.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let text = String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
  _ = EngineDecoding.figures(ofLog: text)
  _ = EngineDecoding.results(of: text)
  return 0
}
