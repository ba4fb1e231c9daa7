import Models

/// Called by libFuzzer with bytes of its choice; whatever they are, the reader answers or throws.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let bytes = Array(UnsafeBufferPointer(start: start, count: count))
  let model = try? ModelReader.read(bytes, as: .gguf)
  // What a header claims must not harm what is computed from it either.
  if let model, let mix = QuantizationMix(model) {
    for type in GGUFFileType.allCases { _ = mix.outcome(type, importanceMatrix: true).tensorBytes }
  }
  return 0
}
