/// The readers of bytes that a stranger or a crash may have left, alone: the state of a download.
///
/// For those who hold the readers against bytes of their own choice, as fuzzing does.
public enum HubDecoding {
  /// Takes up a download whose state stands beside the blob, and returns the bytes that it counts as done.
  ///
  /// - Throws: `HubError.file`.
  public static func resumedBytes(ofBlob blob: String, size: Int, blockSize: Int) throws(HubError) -> Int {
    let file = try PartialFile(blob: blob, size: size, blockSize: blockSize)
    return max(file.bytesDone, file.frontier)
  }
}
