import Testing
import Units

/// Prices are read as people write them, and what means two amounts is refused.
@Suite struct MoneyAmountTests {
  @Test(
    arguments: [
      ("250000", 250_000.0, nil as String?, nil as MoneyAmount.Period?), ("30k", 30_000, nil, nil),
      ("€30k", 30_000, "EUR", nil), ("30k€", 30_000, "EUR", nil), ("€ 1.2M", 1_200_000, "EUR", nil),
      ("$3.50/h", 3.5, "USD", .hour), ("3.50/h", 3.5, nil, .hour), ("3,50 EUR/h", 3.5, "EUR", .hour),
      ("4500/y", 4500, nil, .year), ("0.25/kWh", 0.25, nil, .kilowattHour), ("180/month", 180, nil, .month),
      ("1,234,567", 1_234_567, nil, nil), ("1.234.567", 1_234_567, nil, nil), ("30.000,50", 30_000.5, nil, nil),
      ("30,000.50", 30_000.5, nil, nil), ("0.125", 0.125, nil, nil), ("2.5", 2.5, nil, nil), ("2.125k", 2125, nil, nil),
      ("250000 USD", 250_000, "USD", nil),
    ])
  func isRead(text: String, amount: Double, currency: String?, per: MoneyAmount.Period?) throws {
    let money = try MoneyAmount(parsing: text)
    #expect(abs(money.amount - amount) < 1e-9 * max(1, amount))
    #expect(money.currency == currency)
    #expect(money.per == per)
  }

  /// 2.500 is two and a half here and two thousand five hundred there.
  @Test(arguments: ["2.500", "2,500", "30.000", "$250.000", "3.500/h"]) func ambiguousAmountsAreRefused(text: String) {
    do {
      _ = try MoneyAmount(parsing: text)
      Issue.record("\(text) was read")
    } catch {
      guard case .ambiguous(let whole, let decimal) = error else {
        Issue.record("\(text): \(error)")
        return
      }
      #expect(!whole.contains(".") && decimal.contains("."))
    }
  }

  @Test(arguments: ["", "k", "-5", "1e5", "five", "3/week", "1.2.3", "12,34,567", "nan", "inf", "€", "1..5"])
  func othersAreNoAmounts(text: String) {
    #expect(throws: MoneyAmount.Problem.notAnAmount) { _ = try MoneyAmount(parsing: text) }
  }
}
