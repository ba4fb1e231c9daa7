import Foundation
import Testing

/// A mistake on the command line gets what the option takes, the name that was meant, or the command's own help.
@Suite(.enabled(if: Program.isBuilt, "the program is not built: swift build"))
struct UsageTests {
  private func run(_ words: [String]) throws -> Program.Outcome {
    let program = try Program()
    defer { program.remove() }
    return try program.run(words)
  }

  private func expect(_ line: String, _ exit: Int32, says words: [String]) throws {
    let outcome = try run(line.split(separator: " ").map(String.init))
    #expect(outcome.exitCode == exit, "\(line): \(outcome.errors)")
    let said = outcome.errors.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    for words in words { #expect(said.contains(words), "\(line): \(outcome.errors)") }
  }

  @Test(arguments: [
    ("plan m --context 8GB", "--context takes a number of tokens such as 8192, 32k or 1m, not \"8GB\""),
    ("plan m --concurrency two", "--concurrency takes a whole number, not \"two\""),
    ("size m --users two", "--users takes a number above 0 such as 200, 1.5 or 10k"),
    ("size m --confidence 150%", "--confidence takes a share from 0 to 1 or a percentage: 0.8 or 80%"),
    ("size m --within soon", "--within takes a time with its unit such as 90s, 12h or 2d"),
    ("size m --ttft fast", "--ttft takes a time such as 500ms or 2s"),
    ("size m --counts many", "--counts takes numbers from 1 to 64 such as 1,2,4 or 1-8"),
    ("plan m --headroom 4", "--headroom takes an amount with its unit such as 1GiB or 512MiB, or 0, not \"4\""),
    ("plan m --kv-memory 4", "--kv-memory takes an amount with its unit"),
    ("bench http://127.0.0.1:1 --duration long", "--duration takes a number"),
    ("run m --context 64", "use --context 176, or fewer --input-tokens"),
  ])
  func aValueOfTheWrongFormIsToldTheForms(_ line: String, _ form: String) throws {
    let command = line.split(separator: " ")[0]
    try expect(line, 2, says: [form, "plimsoll \(command) --help"])
  }

  @Test(arguments: [
    ("deploy m --target kuberntes", "did you mean --target kubernetes?"),
    ("plan m --engine lamacpp", "did you mean --engine llama.cpp?"),
    ("plan m --quant Q4_K_M", "did you mean --quantizations? plimsoll plan --help"),
    ("bench m --concurency 4", "did you mean --concurrency? plimsoll bench --help"),
    ("plan qwen3-8b --on rtx-4900", "nearest: rtx-4090"),
    ("machines check mine.yaml", "there is no command plimsoll machines check"),
    ("runs lst now", "plimsoll runs list"),
  ])
  func aMisspeltNameIsToldTheOneThatWasMeant(_ line: String, _ meant: String) throws {
    try expect(line, 2, says: [meant])
  }

  @Test(arguments: [
    ("plan", ["the model is missing", "such as plimsoll plan qwen3-8b", "plimsoll plan --help"]),
    ("machines show", ["the name is missing", "such as plimsoll machines show h100-sxm"]),
    ("plan qwen3-8b --on rtx-4090,-1GiB", ["-1GiB is less than nothing"]),
    ("deploy qwen3-8b --on rtx-4090", ["add --print for the command to run there"]),
    ("plan qwen3-8b --workload rag", ["chat, code-completion, retrieval", "plimsoll plan --help"]),
    ("plan qwen3-8b --quantizations Q4 --on rtx-4090", ["nearest: ", "Q4_0", "The usual ones are Q8_0, Q6_K"]),
    ("bench http://127.0.0.1:1 --output-tokens 0", ["write 256", "plimsoll bench --help"]),
    ("bench http://127.0.0.1:1 --concurrency 2 --rate 5", ["--concurrency and --rate are different loads"]),
    ("machines list --port 1", ["there is no option --port", "plimsoll machines list --help"]),
  ])
  func whatACommandFindsWrongNamesItsOwnHelp(_ line: String, _ words: [String]) throws {
    try expect(line, 2, says: words)
  }

  /// Whatever is refused as input says in a second line how to name what is wanted.
  @Test(arguments: [
    ("plan missing.gguf", "hf:ORG/NAME"), ("inspect missing.gguf", "hf:ORG/NAME"), ("plan /etc/passwd", "a GGUF file"),
    ("probe --from nothere.xml", "plimsoll probe --help"), ("deploy --plan nothere.json", "plimsoll plan MODEL --json"),
    ("plan qwen3-8b --lora nothere --on rtx-4090", "name a file"),
    ("machines validate nothere.yaml", "plimsoll machines"),
    ("runs import nothere.json", "plimsoll runs import --help"),
  ])
  func aMissingFileSaysHowToNameOne(_ line: String, _ remedy: String) throws {
    let outcome = try run(line.split(separator: " ").map(String.init))
    #expect(outcome.exitCode == 4, "\(line): \(outcome.errors)")
    #expect(outcome.errors.split(whereSeparator: \.isWhitespace).joined(separator: " ").contains(remedy), "\(outcome)")
  }

  /// The memory that is advised is enough.
  @Test(arguments: ["llama-3.1-405b", "llama-3.3-70b", "qwen3-235b-a22b"])
  func theAdviceOfMoreMemoryHolds(_ model: String) throws {
    let refused = try run(["fit", model, "--on", "rtx-4090"])
    guard refused.exitCode == 3 else { return }
    let said = refused.errors.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    let machine = try #require(said.firstMatch(of: /--on "([^"]*)"/).map { String($0.1) }, "\(said)")
    #expect(try run(["fit", model, "--on", machine]).exitCode == 0, "\(machine)")
  }

  @Test func anEngineThatCannotSaysWhyNot() throws {
    let mlx = try run(["plan", "qwen3-8b", "--engine", "mlx", "--on", "rtx-4090"]).output
      .split(whereSeparator: \.isWhitespace).joined(separator: " ")
    #expect(mlx.contains("MLX without an Apple GPU is only for tests"), "\(mlx)")
    let choice = try run(["choose", "qwen3-8b", "--on", "apple-m3-24gb"]).output
    #expect(!choice.contains("ampere"), "\(choice)")
  }

  @Test func aCardWithoutAKindOfUnitsHasNone() throws {
    let rows = try run(["machines", "compare", "rtx-4090", "rtx-5090"]).output.split(separator: "\n")
    let row = try #require(rows.first { $0.hasPrefix("dense FP4") })
    #expect(row.contains("none") && !row.contains("unknown"), "\(row)")
  }
}
