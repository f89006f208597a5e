import Foundation

/// Figures as people read them: few digits, maxima rounded up, never a figure that looks better
/// than it is.
enum FigureText {
  /// A maximum with three significant digits, two where it needs an exponent, rounded away from
  /// zero.
  static func maximum(_ value: Double?) -> String { text(value, awayFromZero: true) }

  /// A part of a bound, as a maximum, but never on the other side of 1 than it is, nor farther from
  /// 1 than it looks.
  ///
  /// Within 0.005 of 1 the distance from 1 has one digit: 1.003, and 1+6e-8 where four decimals do
  /// not show it. The number is rounded up, as maxima are, unless it would reach 1.
  static func ratio(_ value: Double?) -> String {
    guard let value, value != 1, abs(value - 1) < 0.005 else { return maximum(value) }
    let excess = DecimalText(abs(value - 1), digits: 1, rounding: value > 1 ? .up : .down)
    guard excess.exponent < -4 else {
      let decimals = -excess.exponent
      return String(format: "%.\(decimals)f", value > 1 ? 1 + excess.value : 1 - excess.value)
    }
    return "1\(value > 1 ? "+" : "-")\(excess.scientific)"
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
      DecimalText(
        value.magnitude, digits: digits, rounding: awayFromZero ? .up : .toNearestOrEven)
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

  /// A finite positive number, rounded to nearest, up or down.
  ///
  /// Up means that the text, read back, is not below the number, and down that it is not above: 0.1
  /// stays 0.1 although its binary64 number exceeds it.
  init(_ value: Double, digits count: Int, rounding: FloatingPointRoundingRule) {
    let text = String(format: "%.\(count - 1)e", value)
    let parts = text.split(separator: "e")
    var digits = Int(parts[0].filter { $0 != "." }) ?? 0
    var exponent = Int(parts[1]) ?? 0
    let read = Double(text) ?? value
    if rounding == .up, read < value { digits += 1 }
    if rounding == .down, read > value {
      digits -= 1
      // 1.0 becomes 0.99: the digit that is lost in front comes back behind.
      if String(digits).count < count || digits == 0 {
        (digits, exponent) = (digits * 10 + 9, exponent - 1)
      }
    }
    if String(digits).count > count { (digits, exponent) = (digits / 10, exponent + 1) }
    (self.digits, self.count, self.exponent) = (digits, count, exponent)
  }

  /// The rounded number, in binary64.
  var value: Double { Double(scientific) ?? .nan }

  var scientific: String {
    let text = String(digits)
    let decimals = text.dropFirst()
    return "\(text.prefix(1))\(decimals.isEmpty ? "" : ".")\(decimals)e\(exponent)"
  }

  var fixed: String {
    let decimals = count - 1 - exponent
    guard decimals > 0 else { return String(digits) + String(repeating: "0", count: -decimals) }
    let text = String(repeating: "0", count: max(0, decimals + 1 - count)) + String(digits)
    return "\(text.dropLast(decimals)).\(text.suffix(decimals))"
  }
}
