import Foundation
import Records

/// Called by libFuzzer with bytes of its choice; what is imported can be written in every form.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let data = Data(UnsafeBufferPointer(start: start, count: count))
  let found = try? RunImport.archives(from: data, file: "f", startedAt: 5) { "r\($0)" }
  for archive in found ?? [] {
    for form in RunExport.allCases { _ = try? form.files(archive) }
  }
  return 0
}
