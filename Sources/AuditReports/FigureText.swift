import Foundation

/// Figures as people read them: few digits, maxima rounded up, never a figure that looks better than it is.
enum FigureText {
  /// A maximum with three significant digits, rounded up.
  static func maximum(_ value: Double?) -> String { text(value, .up) }

  /// A signed maximum: its magnitude rounded up.
  static func signedMaximum(_ value: Double) -> String {
    value < 0 ? "-" + text(-value, .up) : text(value, .up)
  }

  /// A statistic with three significant digits, rounded to nearest.
  static func statistic(_ value: Double?) -> String { text(value, .toNearestOrEven) }

  /// A share in percent with two decimals, rounded down, so that 100.00 means all.
  static func share(_ value: Double?) -> String {
    guard let value else { return "-" }
    return String(format: "%.2f", (value * 10_000).rounded(.down) / 100)
  }

  /// A count with thin groups of three digits.
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

  private static func text(_ value: Double?, _ rounding: FloatingPointRoundingRule) -> String {
    guard let value else { return "-" }
    if value.isNaN { return "nan" }
    if value.isInfinite { return value < 0 ? "-inf" : "inf" }
    if value == 0 { return "0" }
    let magnitude = abs(value)
    let decade = Int(log10(magnitude).rounded(.down))
    guard decade > -4, decade < 5 else { return scientific(value, decade, rounding) }
    let decimals = max(0, 2 - decade)
    let scale = pow(10, Double(decimals))
    // Sixteen digits first, so that 0.5 * 10 is not rounded up to 6 by an error of its own.
    let scaled = (value * scale * 1e9).rounded() / 1e9
    return String(format: "%.\(decimals)f", scaled.rounded(rounding) / scale)
  }

  private static func scientific(
    _ value: Double, _ decade: Int, _ rounding: FloatingPointRoundingRule
  ) -> String {
    // Split the power: 10^-308 cannot be scaled in one step.
    var mantissa = value * pow(10, -Double(decade) / 2) * pow(10, -Double(decade) / 2)
    var exponent = decade
    if abs(mantissa) >= 10 { (mantissa, exponent) = (mantissa / 10, exponent + 1) }
    if abs(mantissa) < 1 { (mantissa, exponent) = (mantissa * 10, exponent - 1) }
    var rounded = ((mantissa * 1e11).rounded() / 1e10).rounded(rounding) / 10
    if abs(rounded) >= 10 { (rounded, exponent) = (rounded / 10, exponent + 1) }
    return String(format: "%.1fe%d", rounded, exponent)
  }
}
