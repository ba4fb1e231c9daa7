import Platform

/// The readers of bytes that a stranger or a crash may have left, alone: the state of a download, and what a Hub answers.
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

  /// Returns how many files of a listing can be fetched as they are described; they are sorted into choices too.
  public static func files(ofListing bytes: [UInt8]) -> Int {
    guard let records = try? JSONDecoder().decode([TreeRecord].self, from: Data(bytes)) else { return 0 }
    let files = records.compactMap { record -> HubFile? in
      guard HubName.isSafePath(record.path), case .known(let file) = record.content else { return nil }
      return file
    }
    let selection = FileSelection(repository: "org/name", files: files)
    for variant in selection.variants { _ = try? selection.choose(variant.label) }
    _ = try? selection.choose(nil)
    return files.count
  }

  /// Returns how many repositories a search's answer, or a description, names.
  public static func repositories(of bytes: [UInt8]) -> Int {
    let data = Data(bytes)
    let records = try? JSONDecoder().decode([RepositoryRecord].self, from: data)
    let one = try? JSONDecoder().decode(RepositoryRecord.self, from: data)
    return ((records ?? []) + [one].compactMap { $0 }).compactMap(\.repository).count
  }

  /// Reads a text as each of the headers and names that come from a Hub or a person; returns how many understood it.
  public static func readings(of text: String) -> Int {
    let endpoint = HubEndpoint(environment: ["HOME": "/nowhere"], files: MemoryTree(files: [:]))
    return [
      ContentRange(text) != nil, nextPage(text) != nil, resolveRedirect(text, from: "https://hub.example/a/b") != nil,
      HubName.isEtag(HubName.etag(text)), HubName.decoded(text[...]) != nil,
      (try? HubReference(parsing: text)) != nil, HubReference(address: text, endpoint: endpoint) != nil,
    ].count { $0 }
  }
}
