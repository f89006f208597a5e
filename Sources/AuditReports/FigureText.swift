import Foundation

/// Figures as people read them: few digits, maxima rounded up, never a figure that looks better than it is.
enum FigureText {
  /// A maximum with three significant digits, two where it needs an exponent, rounded away from zero.
  static func maximum(_ value: Double?) -> String { text(value, awayFromZero: true) }

  /// A part of a bound, rounded up; above 1 with digits enough to tell it from 1: 1.00000006.
  static func ratio(_ value: Double?) -> String {
    guard let value, value > 1, value < 1.1 else { return maximum(value) }
    for digits in 2...16 {
      let text = String(format: "%.\(digits)f", value)
      guard let read = Double(text) else { break }
      let up = read < value ? String(format: "%.\(digits)f", read + pow(10, -Double(digits))) : text
      if let shown = Double(up), shown >= value, shown - 1 <= 1.25 * (value - 1) { return up }
    }
    return "\(value)"
  }

  /// A statistic with as many digits, rounded to nearest.
  static func statistic(_ value: Double?) -> String { text(value, awayFromZero: false) }

  /// A share in percent with two decimals, rounded down, so that 100.00 means all.
  static func share(_ value: Double?) -> String {
    guard let value else { return "-" }
    guard value.isFinite else { return text(value, awayFromZero: false) }
    var hundredths = (value * 10_000).rounded()
    // The quotient is the number that the decimal text denotes, correctly rounded.
    if hundredths / 10_000 > value { hundredths -= 1 }
    return String(format: "%.2f", hundredths / 100)
  }

  /// A round number as short as it can be, for the ticks of an axis.
  static func short(_ value: Double) -> String {
    guard value.isFinite else { return text(value, awayFromZero: false) }
    return String(format: "%.6g", value)
  }

  /// A count with what it counts, in the right number.
  static func counted(_ value: UInt64, _ one: String, _ many: String? = nil) -> String {
    "\(count(value)) \(value == 1 ? one : many ?? one + "s")"
  }

  /// A count in groups of three digits.
  static func count(_ value: UInt64) -> String {
    var groups: [String] = []
    var rest = value
    while rest >= 1000 {
      groups.append(String(format: "%03d", Int(rest % 1000)))
      rest /= 1000
    }
    groups.append("\(rest)")
    return groups.reversed().joined(separator: " ")
  }

  private static func text(_ value: Double?, awayFromZero: Bool) -> String {
    guard let value else { return "-" }
    if value.isNaN { return "nan" }
    if value.isInfinite { return value < 0 ? "-inf" : "inf" }
    if value == 0 { return "0" }
    let sign = value < 0 ? "-" : ""
    func rounded(_ digits: Int) -> DecimalText {
      DecimalText(value.magnitude, digits: digits, up: awayFromZero)
    }
    // Five digits show in which decade the rounded number lies; all before the point are kept.
    let decade = rounded(5).exponent
    guard decade > -4, decade < 5 else { return sign + rounded(2).scientific }
    return sign + rounded(max(3, decade + 1)).fixed
  }
}

/// A positive number rounded to a few decimal digits: digits times 10^(exponent - count + 1).
private struct DecimalText {
  private let digits: Int
  private let count: Int
  /// The exponent of the leading digit.
  let exponent: Int

  /// A finite positive number, rounded to nearest or up.
  ///
  /// Up means that the text, read back, is not below the number: 0.1 stays 0.1 although its binary64 number exceeds it.
  init(_ value: Double, digits count: Int, up: Bool) {
    let text = String(format: "%.\(count - 1)e", value)
    let parts = text.split(separator: "e")
    var digits = Int(parts[0].filter { $0 != "." }) ?? 0
    var exponent = Int(parts[1]) ?? 0
    if up, let read = Double(text), read < value { digits += 1 }
    if String(digits).count > count { (digits, exponent) = (digits / 10, exponent + 1) }
    (self.digits, self.count, self.exponent) = (digits, count, exponent)
  }

  var scientific: String {
    let text = String(digits)
    return "\(text.prefix(1)).\(text.dropFirst())e\(exponent)"
  }

  var fixed: String {
    let decimals = count - 1 - exponent
    guard decimals > 0 else { return String(digits) + String(repeating: "0", count: -decimals) }
    let text = String(repeating: "0", count: max(0, decimals + 1 - count)) + String(digits)
    return "\(text.dropLast(decimals)).\(text.suffix(decimals))"
  }
}
