import MultiPrecision

/// A decimal as it was printed: a number, and the unit of its last digit.
package struct PrintedDecimal: Sendable, Equatable {
  /// The text without the spaces around it: `0.7`, `1.`, `4.89907947e-04`.
  package let text: String
  /// The exponent of ten of the last digit shown.
  package let unitExponent: Int

  /// The decimal that a text shows; nil where it shows none.
  package init?(_ text: String) {
    let trimmed = String(text.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    let parts = trimmed.lowercased().split(separator: "e", omittingEmptySubsequences: false)
    guard (1...2).contains(parts.count) else { return nil }
    let exponent = parts.count == 2 ? Int(parts[1]) : 0
    guard let exponent, (-100_000...100_000).contains(exponent) else { return nil }
    let digits = parts[0].drop { $0 == "-" || $0 == "+" }
    let halves = digits.split(separator: ".", omittingEmptySubsequences: false)
    guard trimmed.count <= 1000, (1...2).contains(halves.count), digits.contains(where: \.isNumber),
      digits.utf8.allSatisfy({ $0 == 0x2E || (0x30...0x39).contains($0) }),
      parts[0].count - digits.count <= 1
    else { return nil }
    self.text = trimmed
    unitExponent = exponent - (halves.count == 2 ? halves[1].count : 0)
  }

  /// The unit of the last digit.
  package var unit: Double { Double("1e\(unitExponent)") ?? 0 }
  /// The number, nearly.
  package var value: Double { Double(text) ?? .nan }

  /// Whether the number is not 0, and no number of binary64 but 0 is near it.
  var isBelowFormats: Bool {
    value == 0 && text.prefix { $0 != "e" && $0 != "E" }.contains { ("1"..."9").contains($0) }
  }

  /// The distance of the decimal from a number, in units of its last digit: (printed - number) /
  /// unit.
  func distance(from number: borrowing BigFloat) -> BigFloat {
    // Every printed digit and as many of the difference; what is rounded is far below a unit.
    let precision = 4 * text.count + 192
    var printed = BigFloat(precision: precision)
    _ = printed.assign(parsing: text, .toNearestOrEven)
    printed.formDifference(number, .toNearestOrEven)
    var unit = BigFloat(precision: precision)
    _ = unit.assign(parsing: "1e\(unitExponent)", .toNearestOrEven)
    printed.formQuotient(unit, .toNearestOrEven)
    return printed
  }
}
