public import Units

/// The bytes of one file of a model, wherever it lies: on disk, on the Hub, behind an address.
///
/// Readers of headers take bytes in growing blocks from the start and never assume that the whole file is near.
public protocol ByteSource: Sendable {
  /// The path or address for messages, without secrets.
  var name: String { get }
  /// The whole file's size; nil where a server does not say.
  var size: ByteCount? { get }
  /// Returns the bytes of a range, fewer only where the file ends inside it.
  ///
  /// Bytes read before are kept, so that asking for a longer prefix costs only what is new.
  func read(_ range: Range<Int>) async throws -> [UInt8]
}

/// The files of one model side by side: a local folder, or one revision of a repository.
public protocol ModelFolder: Sendable {
  /// The path or address for messages, without secrets.
  var name: String { get }
  /// Returns every file with its size, by path relative to the folder, sorted by path.
  func files() async throws -> [ModelFile]
  /// Opens one of them.
  func open(_ path: String) async throws -> any ByteSource
}
