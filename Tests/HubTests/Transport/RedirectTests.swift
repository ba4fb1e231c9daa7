import Testing

@testable import Hub

@Suite struct RedirectTests {
  @Test(arguments: [
    ("/x?y=1", "https://h.example/a/b?c", "https://h.example/x?y=1"),
    ("z", "https://h.example/a/b?c=/d", "https://h.example/a/z"),
    ("z", "https://h.example", "https://h.example/z"),
    ("https://cdn.example/f", "https://h.example/a", "https://cdn.example/f"),
    ("//cdn.example/f", "https://h.example/a", "https://cdn.example/f"),
  ])
  func resolvesRedirects(location: String, url: String, expected: String) {
    #expect(resolveRedirect(location, from: url) == expected)
  }

  @Test(arguments: ["http://cdn.example/f", "", "file:///etc/passwd", "/a b", "https://me@cdn.example/"])
  func refusesUnsafeRedirects(location: String) {
    #expect(resolveRedirect(location, from: "https://h.example/a") == nil)
  }
}
