import Testing

@testable import Units

@Suite struct NearestNamesTests {
  /// Letters that changed places, a beginning, and a letter too few are what people write.
  @Test(arguments: [
    ("rtx-4900", ["rtx-4000-ada", "rtx-4500-ada", "rtx-4000-ada-laptop", "rtx-4090", "rtx-5090"], "rtx-4090"),
    ("quant", ["draft", "parallel", "quantizations", "on"], "quantizations"),
    ("kuberntes", ["process", "kubernetes", "kserve"], "kubernetes"),
    ("plna", ["fit", "plan", "run"], "plan"),
    ("--concurency", ["--concurrency", "--concurrency-ramp"], "--concurrency"),
    ("q4km", ["Q4_0", "Q4_K_S", "Q4_K_M", "Q5_K_M"], "Q4_K_M"),
  ])
  func theNameThatWasMeantComesFirst(_ written: String, _ names: [String], _ meant: String) {
    #expect(nearestNames(to: written, in: names).first == meant)
  }

  @Test func whatIsLikeNothingHasNoNearestName() {
    #expect(nearestNames(to: "port", in: ["goal", "model", "rate"]).isEmpty)
  }
}
