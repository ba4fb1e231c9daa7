import Hub

/// Called by libFuzzer with bytes of its choice: the first says whether they are a listing, a description or a header.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let bytes = Array(UnsafeBufferPointer(start: start, count: count))
  guard let first = bytes.first else { return 0 }
  let rest = Array(bytes.dropFirst())
  switch first % 3 {
  case 0: _ = HubDecoding.files(ofListing: rest)
  case 1: _ = HubDecoding.repositories(of: rest)
  default: _ = HubDecoding.readings(of: String(decoding: rest, as: UTF8.self))
  }
  return 0
}
