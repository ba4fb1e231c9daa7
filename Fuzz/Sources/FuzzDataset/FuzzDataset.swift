import Benchmarking

/// Called by libFuzzer with bytes of its choice; the first chooses the kind of data set that the rest is read as.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let bytes = Array(UnsafeBufferPointer(start: start, count: count))
  guard let first = bytes.first else { return 0 }
  let kinds = DatasetSettings.Kind.allCases
  _ = StreamDecoding.rows(of: Array(bytes.dropFirst()), as: kinds[Int(first) % kinds.count])
  return 0
}
