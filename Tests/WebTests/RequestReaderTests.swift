import Testing

@testable import Web

@Suite struct RequestReaderTests {
  private func read(_ text: String, bodyLimit: Int = 64) throws -> WebRequest? {
    var reader = RequestReader { _ in bodyLimit }
    reader.append(Array(text.utf8))
    return try reader.next()
  }

  private func status(of text: String, bodyLimit: Int = 64) -> Int? {
    do { return try read(text, bodyLimit: bodyLimit) == nil ? nil : 200 } catch { return (error as? WebFault)?.status }
  }

  @Test func aRequestIsReadWhole() throws {
    let text =
      "POST /api/v1/machines/2x%20rtx?text=a+b%26c&n=1 HTTP/1.1\r\nHost: x:1\r\nContent-Length: 3\r\nX-A:  b \r\n\r\n{}\n"
    let request = try #require(try read(text))
    #expect(request.method == "POST")
    #expect(request.path == ["api", "v1", "machines", "2x rtx"])
    #expect(request.query == ["text": "a b&c", "n": "1"])
    #expect(request.headers["x-a"] == "b")
    #expect(request.body == Array("{}\n".utf8))
  }

  @Test func bytesMayComeOneByOneAndTwoRequestsTogether() throws {
    let text = "GET /a HTTP/1.1\r\nHost: x\r\n\r\nGET /b HTTP/1.1\r\nHost: x\r\n\r\n"
    var reader = RequestReader { _ in 0 }
    var paths: [[String]] = []
    for byte in text.utf8 {
      reader.append([byte])
      if let request = try reader.next() { paths.append(request.path) }
    }
    #expect(paths == [["a"], ["b"]])
    reader.append(text.utf8)
    #expect(try reader.next()?.path == ["a"])
    #expect(try reader.next()?.path == ["b"])
    #expect(try reader.next() == nil)
    #expect(reader.isEmpty)
  }

  @Test(arguments: [
    ("GET /a HTTP/1.1\r\nHost: x\r\nX: \(String(repeating: "a", count: 20_000))", 431),
    ("GET /a HTTP/1.1\r\nHost: x\r\nX: \(String(repeating: "a", count: 20_000))\r\n\r\n", 431),
    ("GET /\(String(repeating: "a", count: 4096)) HTTP/1.1\r\nHost: x\r\n\r\n", 400),
    ("GET /a HTTP/1.1\r\nHost: x\r\n\(String(repeating: "A: b\r\n", count: 101))\r\n", 431),
    ("POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 65\r\n\r\n", 413),
    ("POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\n", 400),
    ("POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n", 400),
    ("POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab", 400),
    ("POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 501),
    ("GET /a HTTP/1.0\r\nHost: x\r\n\r\n", 505), ("GET /a HTTP/1.1\r\n\r\n", 400),
    ("GET /a HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n", 400), ("GET /../a HTTP/1.1\r\nHost: x\r\n\r\n", 400),
    ("GET /%2e%2e/a HTTP/1.1\r\nHost: x\r\n\r\n", 400), ("GET /a%00 HTTP/1.1\r\nHost: x\r\n\r\n", 400),
    ("GET /%ff HTTP/1.1\r\nHost: x\r\n\r\n", 400), ("GET http://x/a HTTP/1.1\r\nHost: x\r\n\r\n", 400),
    ("GET /a?b=1&b=2 HTTP/1.1\r\nHost: x\r\n\r\n", 400), ("GET /a HTTP/1.1\r\nHost : x\r\n\r\n", 400),
    ("GET /a HTTP/1.1\r\nHost: x\r\n folded\r\n\r\n", 400), ("GET  /a HTTP/1.1\r\nHost: x\r\n\r\n", 400),
    ("GET /a HTTP/1.1\r\nHost: x\r\nA: b\nC: d\r\n\r\n", 400), ("\u{16}\u{3}\r\n\r\n", 400),
  ])
  func whatIsTooLongOrMeansTwoThingsIsRefused(_ text: String, _ expected: Int) {
    #expect(status(of: text) == expected)
  }

  @Test func aBodyIsLimitedByItsRequest() throws {
    var reader = RequestReader { $0.path == ["large"] ? 1000 : 10 }
    reader.append("POST /large HTTP/1.1\r\nHost: x\r\nContent-Length: 500\r\n\r\n".utf8)
    #expect(try reader.next() == nil)
    #expect(status(of: "POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 500\r\n\r\n", bodyLimit: 10) == 413)
  }
}
