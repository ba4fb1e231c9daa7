import ArgumentParser
import Foundation
import Reporting

/// Which quantizations `size` considers.
struct SizeFormOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Only these, comma-separated, such as FP8,AWQ; repeatable.", valueName: "list"))
  var quantizations: [String] = []
  @Option(help: .hidden) var quantization: [String] = []

  var names: [String] {
    (quantizations + quantization).flatMap {
      $0.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
    }
  }
}

/// How much room the load has to be left.
struct SizeMarginOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Factor by which the load is to grow, such as 1.5.", valueName: "factor"))
  var growth: Double = 1
  @Flag(help: "Keep the targets at the slow ends of the predictions' bands.") var pessimistic = false

  func validate() throws { try checkPositive("--growth", growth) }
}

/// The machines that `size` considers.
struct SizeMachineOptions: ParsableArguments {
  @Option(
    name: .customLong("on"),
    help: ArgumentHelp("Only this machine or accelerator; repeatable.", valueName: "machine"),
    completion: Completion.machines)
  var on: [String] = []
  @Option(help: ArgumentHelp("Accelerators in one box, such as 1,2,4 or 1-8.", valueName: "list"))
  var counts = AcceleratorCounts([1, 2, 4, 8])
  @OptionGroup var names: CatalogueOption
}

/// What machines and their power cost.
struct SizeCostOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Price of a box, such as \"8x h100=250000\", or of one accelerator; repeatable.", valueName: "machine=price"))
  var price: [String] = []
  @Option(help: ArgumentHelp("Price of a kilowatt-hour, such as 0.25 or 0.25/kWh.", valueName: "price"))
  var electricity: EnergyPrice?
  @Option(help: ArgumentHelp("Years over which a price is spread.", valueName: "n")) var years: Double = 3
  @Option(help: ArgumentHelp("Share of the time at the busiest load, from 0 to 1.", valueName: "share"))
  var utilization: Double = 1
  @Option(
    help: ArgumentHelp("A service's price for a million output tokens, to break even with.", valueName: "price"))
  var breakEven: Double?

  func validate() throws {
    try checkPositive("--years", years)
    try checkPositive("--break-even", breakEven ?? 1)
    guard utilization > 0, utilization <= 1 else { throw ValidationError("--utilization is above 0 and at most 1") }
    _ = try SizingPrices(price)
  }
}

/// How `size` prints what it found.
struct SizeOutputOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Lines of the table.", valueName: "n")) var limit = 6
  @Option(
    help: ArgumentHelp("Write a report with charts to this file (.html or .md).", valueName: "file"),
    completion: .file(extensions: ["html", "md"]))
  var report: String?
  @Flag(help: "Print JSON (plimsoll.sizing/1).") var json = false
  @Flag(help: "Print CSV.") var csv = false

  func validate() throws {
    if limit < 1 { throw ValidationError("--limit is 1 or more") }
    if let report, SizingRendering.Form(path: report) == nil {
      throw ValidationError("--report writes .html or .md, and \(report) ends in neither")
    }
  }
}

private func checkPositive(_ name: String, _ value: Double) throws {
  if !value.isFinite || value <= 0 { throw ValidationError("\(name) is a number above 0") }
}

/// A price for a kilowatt-hour, with or without its unit.
struct EnergyPrice: ExpressibleByArgument {
  var perKilowattHour: Double

  init?(argument: String) {
    let number = argument.lowercased().hasSuffix("/kwh") ? argument.dropLast(4) : Substring(argument)
    guard let value = Double(number), value.isFinite, value >= 0 else { return nil }
    perKilowattHour = value
  }
}
