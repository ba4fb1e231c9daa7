import Fixtures
import Foundation
import Testing

/// `size` on the catalogue that ships.
@Suite(.enabled(if: Program.isBuilt, "the program is not built: swift build"))
struct SizeTests {
  private func run(_ arguments: String...) throws -> Program.Outcome {
    let program = try Program()
    defer { program.remove() }
    return try program.run(["size"] + arguments)
  }

  private func document(_ outcome: Program.Outcome) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any])
  }

  private func options(_ outcome: Program.Outcome) throws -> [[String: Any]] {
    try #require(try document(outcome)["options"] as? [[String: Any]])
  }

  @Test(arguments: ["70b", "405b", "30b-a3b"]) func aSizeAloneIsHeldBySomething(model: String) throws {
    let outcome = try run(model, "--csv")
    #expect(outcome.exitCode == 0)
    #expect(try column("tensor_parallel", of: outcome).contains { Int($0) ?? 1 > 1 })
  }

  /// The values of a column of the CSV.
  private func column(_ title: Substring, of outcome: Program.Outcome) throws -> [Substring] {
    let rows = outcome.output.split(whereSeparator: \.isNewline).map {
      $0.split(separator: ",", omittingEmptySubsequences: false)
    }
    let index = try #require(rows.first?.firstIndex(of: title))
    return rows.dropFirst().map { $0[index] }
  }

  @Test func aBoxWithACountIsNamedOnce() throws {
    let outcome = try run("70b", "--on", "8x h100-sxm5-80gb")
    #expect(outcome.exitCode == 0)
    let headline = outcome.output.prefix { $0 != "\n" }
    #expect(headline.contains("8x h100-sxm5-80gb") && headline.contains("on vllm"))
    #expect(!outcome.output.contains("8x 8x"))
  }

  @Test func theMissesOfAShortlistAreTold() throws {
    let outcome = try run("llama-3.1-70b", "--on", "rtx-4090, rtx-3060-12gb", "--quantization", "Q4_K_M")
    #expect(outcome.exitCode == 3)
    #expect(outcome.output.contains("which has 11.6 GiB usable [insufficient-memory]"))
    #expect(outcome.errors.contains("nothing-holds-the-load"))
  }

  @Test func pricesNameWholeWords() throws {
    let outcome = try run("8b", "--json", "--price", "l4=2500", "--price", "h2000=1000")
    let found = try document(outcome)
    let priced = try options(outcome).filter { ($0["priceSource"] as? String)?.contains("given") == true }
    #expect(Set(priced.compactMap { $0["machine"] as? String }) == ["l4"])
    #expect((found["notices"] as? [[String: Any]])?.first?["code"] as? String == "unused-price")
  }

  @Test func oneLoadIsStatedOnce() throws {
    for arguments in [["--rate", "1", "--users", "2"], ["--rate", "1", "--concurrency", "2"], ["--think-time", "3"]] {
      let program = try Program()
      defer { program.remove() }
      #expect(try program.run(["size", "8b"] + arguments).exitCode == 2)
    }
    let outcome = try run("8b", "--users", "200", "--on", "rtx-4090", "--json")
    let demand = try #require(try document(outcome)["demand"] as? [String: Any])
    #expect(demand["kind"] as? String == "users")
    #expect(demand["thinkTimeSeconds"] as? Double == 30)
  }

  @Test func aFileOfTheCurrentFolderIsRead() throws {
    let program = try Program()
    defer { program.remove() }
    let config = """
      {"architectures": ["Qwen2ForCausalLM"], "model_type": "qwen2", "hidden_size": 3584, "intermediate_size": 18944,
      "num_attention_heads": 28, "num_key_value_heads": 4, "num_hidden_layers": 28, "vocab_size": 152064,
      "max_position_embeddings": 32768, "torch_dtype": "bfloat16"}
      """
    try Data(config.utf8).write(to: URL(filePath: "\(program.home)/q7.json"))
    let outcome = try program.run(["size", "q7.json", "--on", "rtx-4090", "--input", "200000", "--json"])
    // As a plan refuses it: beyond what a model was trained for, nothing is sold.
    #expect(outcome.exitCode == 3)
    #expect(outcome.output.contains("beyond-trained-context"))
    // What a size alone was trained for, nobody knows.
    let sized = try run("8b", "--on", "h100-sxm5-80gb", "--input", "200000", "--json")
    #expect(!sized.output.contains("beyond-trained"))
  }

  /// A list makes tiers, each the answer to its question alone; documents keep their schemas.
  @Test func listsMakeTiers() throws {
    let words = ["8b", "--on", "l40s", "--ttft", "2s", "--tpot", "50ms", "--json"]
    let program = try Program()
    defer { program.remove() }
    let outcome = try program.run(["size"] + words + ["--users", "50,500"])
    #expect(try Schemas.named("sizing-tiers").violations(in: outcome.output) == [])
    let tiers = try #require(try document(outcome)["tiers"] as? [[String: Any]])
    #expect(tiers.count == 2)
    let alone = try document(try program.run(["size"] + words + ["--users", "500"]))
    let second = try #require(tiers[1]["sizing"] as? [String: Any])
    #expect(NSDictionary(dictionary: second) == NSDictionary(dictionary: alone))
  }

  /// Tiers have a report too, and the answer to one question its study.
  @Test func tiersHaveAReport() throws {
    let program = try Program()
    defer { program.remove() }
    let words = ["size", "8b", "--on", "l40s", "--ttft", "2s", "--tpot", "50ms", "--users", "50,500"]
    let outcome = try program.run(words + ["--report", "tiers.md"])
    #expect(outcome.exitCode == 0, "\(outcome.errors)")
    let report = try String(contentsOfFile: "\(program.home)/tiers.md", encoding: .utf8)
    for text in ["What each tier takes", "50 users", "500 users", "Recommendation and alternatives", "Assumptions"] {
      #expect(report.contains(text), "\(text)")
    }
    #expect(try program.run(words + ["--report", "tiers.html"]).exitCode == 0)
    let rows = try program.run(words + ["--csv"]).output.split(whereSeparator: \.isNewline).map {
      $0.split(separator: ",", omittingEmptySubsequences: false)
    }
    #expect(rows.count == 3 && rows.allSatisfy { $0.count == rows[0].count } && rows[0].last == "price_basis")
  }

  /// It asks the question a dozen times again, so it is there for whoever asks for it.
  @Test func theStudyIsLeftOutUnlessAskedFor() throws {
    let plain = try document(run("8b", "--on", "l40s", "--json"))
    #expect(plain["options"] != nil && plain["study"] == nil)
    let alone = try run("8b", "--on", "l40s", "--study")
    #expect(alone.exitCode == 2)
  }

  /// A batch has a price of its own, and no sentence has the years' alone.
  @Test func aBatchIsPricedByTheBatch() throws {
    let words = ["8b", "--documents", "1M", "--within", "8h", "--input-tokens", "1000", "--output-tokens", "200"]
    let program = try Program()
    defer { program.remove() }
    let outcome = try program.run(["size"] + words + ["--on", "h100-sxm5-80gb"])
    let text = outcome.output.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    #expect(text.contains("one batch rented: ") && text.contains("USD a batch if one runs each day: "), "\(text)")
  }

  /// A box is priced the same by its count and by its part.
  @Test func aCountedBoxHasAPrice() throws {
    func total(_ words: [String]) throws -> Double? {
      let program = try Program()
      defer { program.remove() }
      let found = try document(try program.run(["size", "8b", "--users", "100", "--json"] + words))
      let options = try #require(found["options"] as? [[String: Any]])
      let costs = options.first { $0["acceleratorsPerBox"] as? Int == 8 }?["costs"] as? [String: Any]
      return (costs?["lines"] as? [[String: Any]])?.first?["total"] as? Double
    }
    let alone = try total(["--on", "8x h100-sxm5-80gb"])
    let listed = try total(["--on", "h100-sxm5-80gb", "--counts", "8"])
    #expect(alone != nil && alone == listed)
  }

  @Test func theStudyIsInTheDocument() throws {
    let outcome = try run("8b", "--on", "l40s", "--on", "h100-sxm5-80gb", "--users", "300", "--json", "--study")
    let study = try #require(try document(outcome)["study"] as? [String: Any])
    #expect((study["sensitivity"] as? [[String: Any]])?.count == 6)
    #expect((study["assumptions"] as? [[String: Any]])?.isEmpty == false)
    let costs = (study["byConfidence"] as? [[String: Any]] ?? []).compactMap { point in
      ((point["option"] as? [String: Any])?["costs"] as? [String: Any]).flatMap {
        ($0["lines"] as? [[String: Any]])?.first?["total"] as? Double
      }
    }
    #expect(costs.count > 1 && costs == costs.sorted())
  }

  /// All prices in euros, with the lists' dollars converted at a stated rate or left out.
  @Test func aStudyIsInEuros() throws {
    let words = ["8b", "--on", "l40s", "--on", "h100-sxm5-80gb", "--counts", "1", "--price", "l40s=€9k"]
    let program = try Program()
    defer { program.remove() }
    let alone = try program.run(["size"] + words)
    #expect(alone.output.contains("EUR over") || alone.output.contains("EUR to buy"))
    #expect(alone.output.contains("--exchange EUR=1.08"))
    let outcome = try program.run(["size"] + words + ["--exchange", "EUR=1.08", "--csv"])
    let currencies = try column("currency", of: outcome)
    #expect(currencies.count > 1 && currencies.allSatisfy { $0 == "EUR" })
    #expect(try column("price_basis", of: outcome).contains { $0.contains("1.080 USD for 1 EUR (stated)") })
  }

  /// What means two things is asked about, with both of them.
  @Test(
    arguments: [
      (["--price", "h100=2.500"], "write 2500 or 2.5"), (["--price", "h100=3.50"], "h100=3.50/h"),
      (["--tpot", "50"], "50ms"), (["--ttft", "2000"], "2000ms"),
      (["--users", "9", "--think-time", "2000"], "2000ms"),
      (["--documents", "10M"], "--within"), (["--documents", "10M", "--within", "12"], "12h"),
      (["--price", "h100=€30k", "--electricity", "$1"], "--exchange EUR=1.08"),
      (["--price", "h100=£30k", "--exchange", "EUR=1.08"], "no rate for GBP"), (["--exchange", "USD=1"], "EUR=1.08"),
      (["--tpot", "50ms", "--tpot-p95", "60ms"], "give one"), (["--draft", "qwen3-0.6b", "--mtp"], "cannot both"),
      (["--confidence", "100%"], "99.5%"),
      (["--price", "a100=10k", "--on", "a100-sxm4-40gb", "--on", "a100-sxm4-80gb"], "ambiguous-price"),
    ])
  func whatMeansTwoThingsIsAskedAbout(words: [String], answer: String) throws {
    let program = try Program()
    defer { program.remove() }
    let outcome = try program.run(["size", "8b"] + words)
    #expect(outcome.exitCode == 2)
    #expect(outcome.errors.contains(answer))
  }

  /// A layout's words are those of `plan`, which says the same of it.
  @Test(
    arguments: [
      ["llama-3.1-8b", "--concurrency", "40", "--on", "h100-sxm5-80gb"],
      ["qwen3-235b-a22b", "--quantizations", "FP8", "--concurrency", "50", "--on", "h200-sxm-141gb"],
      ["deepseek-r1", "--quantizations", "FP8", "--nodes", "2", "--counts", "8", "--on", "h100-sxm5-80gb"],
      ["deepseek-v3", "--quantizations", "FP8", "--mtp", "--concurrency", "16", "--on", "h200-sxm-141gb"],
      [
        "qwen3-32b", "--quantizations", "FP8", "--draft", "qwen3-0.6b", "--draft-acceptance", "0.7", "--concurrency",
        "8", "--prefix-hit", "0.6", "--on", "h100-sxm5-80gb",
      ],
    ])
  func planTakesTheWordsOfALayout(words: [String]) throws {
    let program = try Program()
    defer { program.remove() }
    let targets = ["--ttft", "20s", "--tpot", "200ms", "--json"]
    let option = try #require(try options(try program.run(["size"] + words + targets)).first)
    let plan = try #require(option["plan"] as? [String])
    let planned = try document(try program.run(["plan", words[0]] + plan + ["--json"]))
    let chosen = try #require(planned["chosen"] as? Int)
    let found = try #require(planned["options"] as? [[String: Any]])[chosen]
    #expect(["fits", "tight"].contains(found["verdict"] as? String))
    func expected(_ of: [String: Any]?) -> Double? {
      ((of?["timePerOutputToken"] as? [String: Any])?["expected"] as? NSNumber)?.doubleValue
    }
    // The plan counts whole requests in flight.
    let (own, other) = (try #require(expected(option)), try #require(expected(found["speed"] as? [String: Any])))
    #expect(abs(own / other - 1) < 0.03)
  }

  /// One screen of 80 columns and 24 lines keeps what decides.
  @Test func theAnswerIsOneScreen() throws {
    let report = try run("llama-3.1-8b", "--users", "100", "--on", "l40s", "--on", "rtx-4090", "--on", "h100-sxm5-80gb")
    #expect(report.exitCode == 0)
    let first = report.output.prefix { $0 != "\n" }
    #expect(first.contains("on vllm") && first.contains("cheapest"))
    for title in ["GPUs", "sure", "TTFT", "TPOT", "price", "3 years"] { #expect(report.output.contains(title)) }
  }

  @Test func aReportOfNoKnownFormIsRefused() throws {
    let outcome = try run("8b", "--on", "rtx-4090", "--report", "r.txt")
    #expect(outcome.exitCode == 2)
    #expect(outcome.errors.contains(".html or .md"))
  }

  @Test func anUnknownQuantizationIsRefused() throws {
    let outcome = try run("8b", "--quantization", "FP99")
    #expect(outcome.exitCode == 2)
    #expect(outcome.errors.contains("NVFP4"))
  }

  @Test func gptOSSIsHeldInMXFP4() throws {
    let forms = try column("quantization", of: run("gpt-oss-120b", "--csv"))
    #expect(!forms.isEmpty && forms.allSatisfy { $0.hasPrefix("MXFP4") })
  }

  @Test func superchipsDrawTheirPowerEach() throws {
    let options = try options(try run("8b", "--on", "gh200-144gb", "--counts", "1,2,4,8", "--json"))
    let watts = Set(options.compactMap { $0["watts"] as? Double })
    #expect(watts == [900, 1800, 3600, 7200])
  }

  @Test func csvHasTheBands() throws {
    let outcome = try run("8b", "--on", "rtx-4090", "--csv")
    let lines = outcome.output.split(whereSeparator: \.isNewline).map {
      $0.split(separator: ",", omittingEmptySubsequences: false)
    }
    let first = try #require(lines.first)
    for title in ["ttft_low_s", "ttft_high_s", "tpot_high_s", "output_tokens_per_s_low", "holds"] {
      #expect(first.contains(Substring(title)))
    }
    #expect(lines.dropFirst().allSatisfy { $0.count == first.count })
  }
}
