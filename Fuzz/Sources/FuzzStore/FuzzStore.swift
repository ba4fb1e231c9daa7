import Foundation
import Records

/// Called by libFuzzer with a database of its choice: what is stored can be listed and exported, or the reader throws.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let folder = FileManager.default.fileExists(atPath: "/dev/shm") ? "/dev/shm" : "/tmp"
  let path = "\(folder)/plimsoll-fuzz-\(getpid()).sqlite"
  _ = FileManager.default.createFile(
    atPath: path, contents: Data(UnsafeBufferPointer(start: start, count: count)),
    attributes: [.posixPermissions: 0o600])
  defer { for end in ["", "-wal", "-shm", "-journal"] { unlink(path + end) } }
  guard let store = try? RunStore(path: path, waitSeconds: 0) else { return 0 }
  for listing in (try? store.list()) ?? [] {
    guard let archive = try? store.archive(listing.id) else { continue }
    for form in RunExport.allCases { _ = try? form.files(archive) }
  }
  return 0
}
