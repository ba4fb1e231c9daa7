import Testing

@testable import Workflows

/// What is shown to strangers holds no key, no password, no name of a user or machine.
@Suite struct RedactionTests {
  private let hide = Redaction(
    environment: ["HOME": "/home/ada", "HF_TOKEN": "abcdef123456", "PLIMSOLL_API_KEY": "s3cret-value"],
    machine: "adas-box")

  @Test(arguments: [
    ("cannot read /home/ada/models/a.gguf", "cannot read ~/models/a.gguf"),
    ("the token abcdef123456 is refused", "the token [hidden] is refused"),
    ("https://ada:pw@host/v1?key=1 answered 401", "https://[hidden]@host/v1?[hidden] answered 401"),
    ("Authorization: Bearer abc.def", "Authorization: Bearer [hidden]"),
    ("hf_AbCdEfGhIjKl was sent", "[hidden] was sent"), ("adas-box has no GPU", "this-machine has no GPU"),
    ("Qwen3-8B needs 5 GiB", "Qwen3-8B needs 5 GiB"),
  ])
  func secretsAreHidden(_ text: String, _ shown: String) { #expect(hide(text) == shown) }

  @Test func valuesOfPrivateOptionsAreHidden() {
    let words = ["bench", "http://h:1", "--header", "X-Key: 1", "--extra-body={\"a\":1}", "--requests", "4"]
    #expect(
      hide(words: words) == ["bench", "http://h:1", "--header", "[hidden]", "--extra-body=[hidden]", "--requests", "4"])
  }
}
