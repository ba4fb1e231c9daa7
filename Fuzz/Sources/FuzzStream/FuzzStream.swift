import Benchmarking

/// Called by libFuzzer with bytes of its choice; the first says in which pieces a server sends the rest, as an event
/// stream or as a refusal. However they are cut, the same content comes out.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let bytes = Array(UnsafeBufferPointer(start: start, count: count))
  guard let first = bytes.first else { return 0 }
  let rest = Array(bytes.dropFirst())
  let whole = StreamDecoding.contentChunks(of: rest, inPiecesOf: max(1, rest.count))
  precondition(StreamDecoding.contentChunks(of: rest, inPiecesOf: Int(first) + 1) == whole)
  precondition(StreamDecoding.contentChunksWithoutTemplate(of: rest) == whole)
  _ = StreamDecoding.refusal(rest)
  _ = StreamDecoding.models(of: rest)
  return 0
}
