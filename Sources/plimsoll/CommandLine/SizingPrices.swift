import ArgumentParser

/// Prices as `--price "8x h100=250000"` gives them.
struct SizingPrices {
  var byName: [String: Double] = [:]

  init(_ texts: [String]) throws {
    for text in texts {
      let parts = text.split(separator: "=", maxSplits: 1)
      guard parts.count == 2, let price = Double(parts[1]), price.isFinite, price >= 0 else {
        throw ValidationError("a price is written as \"8x h100=250000\", not \"\(text)\"")
      }
      byName[String(parts[0])] = price
    }
  }
}
