import Testing

@testable import Platform

@Suite struct WebOriginTests {
  @Test(arguments: [
    ("https://huggingface.co/a/b", "https://huggingface.co"),
    ("HTTP://Example.org:80", "http://example.org"),
    ("http://127.0.0.1:8080/x?y", "http://127.0.0.1:8080"),
    ("http://[::1]:9/", "http://[::1]:9"),
  ])
  func readsOrigins(url: String, expected: String) {
    #expect(WebOrigin(url)?.description == expected)
  }

  @Test(arguments: [
    "", "ftp://a/b", "file:///etc/passwd", "https://", "https://user@evil.example/", "http://a:0/", "http://a:99999/",
    "http://good.example\\@evil.example/", "http://a:b/",
  ])
  func refusesOthers(url: String) {
    #expect(WebOrigin(url) == nil)
  }

  @Test func knowsThisMachine() {
    #expect(WebOrigin("http://127.0.0.1:1/")?.isLoopback == true)
    #expect(WebOrigin("http://localhost/")?.isLoopback == true)
    #expect(WebOrigin("http://127.0.0.1.evil.example/")?.isLoopback == false)
    #expect(WebOrigin("http://127.evil.1.2/")?.isLoopback == false)
  }
}
