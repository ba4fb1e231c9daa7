import Platform
import Testing

@Suite struct HashTests {
  /// The standard's own examples.
  @Test(arguments: [
    (
      "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
      "da39a3ee5e6b4b0d3255bfef95601890afd80709"
    ),
    (
      "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
      "a9993e364706816aba3e25717850c26c9cd0d89d"
    ),
    (
      "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
      "84983e441c3bd26ebaae4aa1f95129e5e54670f1"
    ),
  ])
  func standardExamples(text: String, sha256: String, sha1: String) {
    #expect(SHA256.hex(of: Array(text.utf8)) == sha256)
    var portable = SHA256(usesInstructions: false)
    portable.update(Array(text.utf8))
    #expect(portable.hexDigest == sha256)
    var small = SHA1()
    small.update(Array(text.utf8))
    #expect(small.hexDigest == sha1)
  }

  @Test func piecesOfAnyLengthGiveOneHash() {
    let bytes = (0..<1000).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 / 7) }
    for length in 1...130 {
      var fast = SHA256()
      var portable = SHA256(usesInstructions: false)
      var small = SHA1()
      for start in stride(from: 0, to: bytes.count, by: length) {
        let piece = Array(bytes[start..<min(start + length, bytes.count)])
        fast.update(piece)
        portable.update(piece)
        small.update(piece)
      }
      #expect(fast.hexDigest == SHA256.hex(of: bytes))
      #expect(portable.hexDigest == fast.hexDigest)
      #expect(small.hexDigest == "e9f32ba533ec9fabc8ad0c5d50f6dcc49ae85fa9")
    }
  }

  @Test func gitNamesBlobs() {
    var hash = SHA1(gitBlobOf: 6)
    hash.update(Array("hello\n".utf8))
    #expect(hash.hexDigest == "ce013625030ba8dba906f756967f9e9ca394464a")
  }
}
