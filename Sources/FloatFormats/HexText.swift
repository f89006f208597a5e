import MultiPrecision

extension BinaryFloat {
  /// The value in hexadecimal notation, exactly: `0x1.8p-4`, `-0x0p+0`, `inf`, `nan`.
  ///
  /// Subnormals are written with a leading 1 as well: the text names a number, not an encoding. All
  /// NaNs give `nan`.
  public var hexText: String {
    if isNaN { return "nan" }
    let sign = isNegative ? "-" : ""
    if isInfinite { return sign + "inf" }
    if isZero { return sign + "0x0p+0" }
    let (significand, exponent) = decomposed
    let leadingBit = 63 - significand.leadingZeroBitCount
    let fraction = significand ^ (1 << UInt64(leadingBit))
    // Left-align the fraction on a whole number of hexadecimal digits.
    let digitCount = (leadingBit + 3) / 4
    let aligned = fraction << UInt64(4 * digitCount - leadingBit)
    var digits = String(aligned, radix: 16)
    digits = String(repeating: "0", count: max(0, digitCount - digits.count)) + digits
    while digits.hasSuffix("0") { digits.removeLast() }
    if fraction == 0 { digits = "" }
    let binaryExponent = exponent + leadingBit
    return
      "\(sign)0x1\(digits.isEmpty ? "" : ".")\(digits)p\(binaryExponent < 0 ? "" : "+")\(binaryExponent)"
  }

  /// The value nearest to the number that a decimal or hexadecimal text denotes; nil for any other
  /// text.
  ///
  /// `1e-3`, `0x1.8p-4`, `-inf`, `nan` are understood, whatever the locale; an infinity is NaN in a
  /// format that has none. The text is read with 2048 bits before the one rounding to the format,
  /// so that only a text made to lie within 2^-1900 of a midpoint could round the wrong way.
  public init?(text: String) {
    switch text.lowercased() {
    case "nan", "+nan", "-nan": self = .nan
    case "inf", "+inf", "infinity", "+infinity": self = .infinity
    case "-inf", "-infinity": self = -.infinity
    default:
      guard let first = text.utf8.first, "+-.0123456789".utf8.contains(first),
        text.utf8.allSatisfy({ "+-.0123456789abcdefxpABCDEFXP".utf8.contains($0) })
      else { return nil }
      var exact = BigFloat(precision: 2048)
      guard exact.assign(parsing: text, .toNearestOrEven) != nil else { return nil }
      self.init(rounding: exact)
    }
  }

  /// The shortest decimal text that reads back as the same value.
  public var decimalText: String {
    if isNaN { return "nan" }
    if isInfinite { return isNegative ? "-inf" : "inf" }
    return switch Self.format {
    case .float16: "\(Float16(rounding: self))"
    case .float32: "\(Float(rounding: self))"
    case .float64: "\(exactDouble)"
    default: shortestDecimalText
    }
  }

  /// The decimal text with the fewest significant digits that rounds back to this value.
  private var shortestDecimalText: String {
    let exact = BigFloat(exactly: self)
    for digits in 1..<6 {
      let text = exact.decimalText(digits: digits)
      if Self(text: text) == self { return "\(Double(text) ?? exactDouble)" }
    }
    return "\(exactDouble)"
  }
}
