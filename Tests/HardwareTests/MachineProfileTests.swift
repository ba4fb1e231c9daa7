import Testing
import Units

@testable import Hardware

@Suite struct MachineProfileTests {
  private func cause(_ text: String) -> String? {
    do {
      _ = try MachineProfile.read(text, name: "my.yaml")
      return nil
    } catch {
      guard case .invalid(_, let cause) = error else { return "\(error)" }
      return cause
    }
  }

  @Test(
    "says what is wrong in the words of the file",
    arguments: [
      ("name: x\nmemry: {totalBytes: 68719476736}", "unknown key memry (memory?)"),
      (
        "name: x\naccelerators:\n- vendor: NVIDIA\n  bandwith: 1008000000000",
        "unknown key accelerators[0].bandwith (bandwidth?)"
      ),
      (
        "name: x\nmemory: {totalBytes: {bytes: 1, sorce: {kind: user}}}",
        "unknown key memory.totalBytes.sorce (source?)"
      ),
      ("", "it is empty"), ("# nothing", "it is empty"),
      (
        "name: x\naccelerators:\n- vendor: NVIDIA\n  memoryBytes: 24 GiB",
        "accelerators[0].memoryBytes must be a whole number"
      ),
      ("name: x\naccelerators: {vendor: NVIDIA}", "accelerators must be a list"),
      ("name: x\nmemory: 5", "memory must be a mapping"),
      ("name: x\naccelerators:\n- model: T4", "accelerators[0].vendor is missing"),
      (
        "name: x\ncpu: {cores: {value: 4, source: {kind: guess, detail: z}}}",
        "cpu.cores.source.kind: \"guess\" is none of header, probed, measured, datasheet, computed, user, assumed"
      ),
    ])
  func explains(text: String, expected: String) {
    #expect(cause(text) == expected)
  }

  @Test(
    "what no machine has is refused",
    arguments: ["teraOperationsPerSecond: {bf61: 756}", "teraOperationsPerSecond: {bf16: 756000000000000}"])
  func impossible(line: String) {
    #expect(cause("name: x\naccelerators:\n- vendor: a\n  \(line)") != nil)
    #expect(cause("name: x\ncpu: {cores: 0}") != nil)
  }

  @Test func takesWhatIsKnown() {
    #expect(cause("name: x\nnumaNodes: []\nwatts:\nmemory: {totalBytes: {value: 68719476736}}") == nil)
    #expect(cause("name: x\naccelerators:\n- vendor: a\n  teraOperationsPerSecond: {fp16: 3}") == nil)
  }

  @Test func aliasesUnderAnUnknownKeyAreNotFollowed() {
    let levels = (1...40).map { level in
      let nine = Array(repeating: "*l\(level - 1)", count: 9).joined(separator: ", ")
      return "- &l\(level) [\(nine)]"
    }
    let text = "name: x\nlaughs:\n- &l0 [a]\n" + levels.joined(separator: "\n")
    #expect(cause(text)?.hasPrefix("unknown key laughs") == true)
  }
}
