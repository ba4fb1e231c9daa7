import Platform

/// The readers of bytes from strangers, alone: what a server streams, how it refuses, and what a data set holds.
///
/// For those who hold the readers against bytes of their own choice, as fuzzing does.
public enum StreamDecoding {
  /// Returns how many content chunks a stream has that comes in pieces of a size.
  public static func contentChunks(of bytes: [UInt8], inPiecesOf size: Int) -> Int {
    var stream = EventStream()
    var chunks = 0
    for start in stride(from: 0, to: bytes.count, by: max(1, size)) {
      bytes[start..<min(start + size, bytes.count)].withUnsafeBufferPointer { piece in
        stream.consume(piece) { fields, _ in chunks += fields.hasContent ? 1 : 0 }
      }
    }
    stream.finish { fields, _ in chunks += fields.hasContent ? 1 : 0 }
    return chunks
  }

  /// The same with each event scanned by itself.
  public static func contentChunksWithoutTemplate(of bytes: [UInt8]) -> Int {
    var stream = EventStream()
    var chunks = 0
    func count(_ fields: EventFields, _ event: UnsafeBufferPointer<UInt8>) {
      // An event of an error may hold content too; what the scanner says of its bytes is what counts.
      chunks += EventScanner.scan(event).hasContent ? 1 : 0
    }
    bytes.withUnsafeBufferPointer { stream.consume($0, count) }
    stream.finish(count)
    return chunks
  }

  /// Returns the words of a refusal's body; nil where it says nothing.
  public static func refusal(_ body: [UInt8]) -> String? { ErrorText.message(of: body, isRefusal: true) }

  /// Returns how many models a server's list names.
  public static func models(of body: [UInt8]) -> Int { ServerListing.names(in: body).count }

  /// Returns how many rows of a data set hold a prompt.
  public static func rows(of bytes: [UInt8], as kind: DatasetSettings.Kind) -> Int {
    DatasetReader.count(bytes, DatasetSettings(kind: kind))
  }
}
