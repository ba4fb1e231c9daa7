import ArgumentParser

/// A number of tokens as people write it: 8192, 8k, 128K, 1m; k is 1024, m 1024 times that.
struct TokenCount: ExpressibleByArgument, Hashable, Sendable {
  var tokens: Int

  init?(argument: String) {
    let text = argument.lowercased()
    let (digits, factor) =
      text.hasSuffix("k")
      ? (text.dropLast(), 1 << 10) : text.hasSuffix("m") ? (text.dropLast(), 1 << 20) : (text[...], 1)
    guard let number = Int(digits), number >= 0 else { return nil }
    let (product, overflow) = number.multipliedReportingOverflow(by: factor)
    guard !overflow, product <= 1 << 40 else { return nil }
    tokens = product
  }
}
