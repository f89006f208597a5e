import CMPFR

extension BigFloat {
  /// The number in decimal scientific notation with the given count of correct significant digits.
  ///
  /// The digits are the correct rounding (ties to even on the binary value) of the stored number:
  /// `1.2345e-7`, `-3e0`, `nan`, `inf`, `-inf`, `0`, `-0`.
  public func decimalText(digits: Int, _ rounding: Rounding = .toNearestOrEven) -> String {
    if isNaN { return "nan" }
    let sign = isNegative ? "-" : ""
    if isInfinite { return sign + "inf" }
    if isZero { return sign + "0" }
    var exponent: mpfr_exp_t = 0
    let text = withPointer { number -> String? in
      guard let start = mpfr_get_str(nil, &exponent, 10, digits, number, rounding.mpfr) else {
        return nil
      }
      defer { mpfr_free_str(start) }
      return String(cString: start)
    }
    guard let text else { return "nan" }
    let digitsOnly = text.drop { $0 == "-" }
    let fraction = digitsOnly.dropFirst()
    let point = fraction.isEmpty ? "" : "."
    return "\(sign)\(digitsOnly.prefix(1))\(point)\(fraction)e\(exponent - 1)"
  }

  /// The number exactly, in hexadecimal floating-point notation with a leading digit of 1:
  /// `0x1.8p-4`.
  public var hexText: String {
    if isNaN { return "nan" }
    let sign = isNegative ? "-" : ""
    if isInfinite { return sign + "inf" }
    if isZero { return sign + "0x0p+0" }
    // One bit before the point, so that the first hexadecimal digit is 1 whatever the precision.
    var normalized = BigFloat(copying: self)
    normalized.formAbsoluteValue()
    let exponent = normalized.exponent
    normalized.formProduct(withPowerOfTwo: -exponent)
    var digits = ""
    var fraction = BigFloat(precision: precision)
    fraction.setDifference(normalized, BigFloat(1), .toNearestOrEven)
    let sixteen = BigFloat(16)
    while !fraction.isZero {
      fraction.formProduct(sixteen, .toNearestOrEven)
      let digit = UInt64(fraction.double(.towardZero))
      digits.append(String(digit, radix: 16))
      fraction.formDifference(BigFloat(Double(digit)), .toNearestOrEven)
    }
    let point = digits.isEmpty ? "" : "."
    return "\(sign)0x1\(point)\(digits)p\(exponent < 0 ? "" : "+")\(exponent)"
  }
}
