extension FloatFormat {
  /// A number of binary64 rounded to the format, in binary64.
  ///
  /// Numbers beyond the largest finite one become infinities as IEEE 754 has it, or NaN where there
  /// are none; a NaN stays one.
  public func rounded(_ value: Double) -> Double {
    switch self {
    case .float16: Float16(rounding: value).exactDouble
    case .bfloat16: BFloat16(rounding: value).exactDouble
    case .float32: Float(rounding: value).exactDouble
    case .float64: value
    default: type.init(rounding: value).exactDouble
    }
  }

  /// Whether a number of binary64 is one of the format; a NaN never is.
  public func holds(_ value: Double) -> Bool { rounded(value) == value }

  /// A number rounded to the format; the largest finite one where that would be infinite.
  public func finite(_ value: Double) -> Double {
    let rounded = rounded(value)
    guard rounded.isInfinite || rounded.isNaN, !value.isNaN else { return rounded }
    return value < 0 ? -greatestFinite : greatestFinite
  }

  /// A number rounded to the format; where there are no infinities, the largest finite number in
  /// the place of one.
  public func nearest(_ value: Double) -> Double { hasInfinities ? rounded(value) : finite(value) }

  /// The largest number of the format up to a positive limit.
  public func largestNumber(upTo limit: Double) -> Double {
    let spacing = Double(
      sign: .plus, exponent: Int(limit.exponent) - (precision - 1), significand: 1)
    return min((limit / spacing).rounded(.down) * spacing, greatestFinite)
  }

  /// The encoding of a number of binary64 rounded to the format, in the lowest bits.
  public func bits(of value: Double) -> UInt64 {
    switch self {
    case .float16: UInt64(Float16(rounding: value).bitPattern)
    case .bfloat16: UInt64(BFloat16(rounding: value).bitPattern)
    case .float32: UInt64(Float(value).bitPattern)
    case .float64: value.bitPattern
    default: type.bits(of: value)
    }
  }

  /// The number with an encoding, in binary64; bits that the format does not have are left out.
  public func value(ofBits bits: UInt64) -> Double {
    switch self {
    case .float16: Float16(bitPattern: UInt16(truncatingIfNeeded: bits)).exactDouble
    case .bfloat16: BFloat16(bitPattern: UInt16(truncatingIfNeeded: bits)).exactDouble
    case .float32: Float(bitPattern: UInt32(truncatingIfNeeded: bits)).exactDouble
    case .float64: Double(bitPattern: bits)
    default: type.value(ofBits: bits)
    }
  }

  /// The place of a number of binary64, rounded to the format, in the order of the format's
  /// numbers.
  ///
  /// Neighbouring numbers have neighbouring places; that of 0 is 0.
  public func orderedIndex(of value: Double) -> Int64 {
    switch self {
    case .float16: Float16(rounding: value).orderedIndex
    case .bfloat16: BFloat16(rounding: value).orderedIndex
    case .float32: Float(rounding: value).orderedIndex
    case .float64: value.orderedIndex
    default: type.init(rounding: value).orderedIndex
    }
  }
}

extension BinaryFloat {
  /// The encoding of a number of binary64 rounded to the format of the type.
  fileprivate static func bits(of value: Double) -> UInt64 {
    UInt64(Self(rounding: value).bitPattern)
  }

  /// The number with an encoding, in binary64.
  fileprivate static func value(ofBits bits: UInt64) -> Double {
    Self(bitPattern: BitPattern(truncatingIfNeeded: bits)).exactDouble
  }
}
