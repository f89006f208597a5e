import MultiPrecision

extension BinaryFloat {
  /// The value of this format to which a multiple-precision number rounds.
  ///
  /// Overflow gives infinity (NaN where there is none) or the largest finite number as the
  /// direction asks; a result below half of the least subnormal gives a zero with the sign of the
  /// number. One rounding: the magnitude is divided by the unit in the last place of its own
  /// binade, exactly, and rounded to an integer.
  public init(rounding value: borrowing BigFloat, _ direction: BigFloat.Rounding = .toNearestOrEven)
  {
    let negative = value.isNegative
    func signed(_ magnitude: Self) -> Self { negative ? -magnitude : magnitude }
    if value.isNaN {
      self = .nan
      return
    }
    if value.isInfinite || value.isZero {
      self = signed(value.isZero ? .zero : .infinity)
      return
    }
    let format = Self.format
    // The rounding of the magnitude that corresponds to the rounding of the number.
    let magnitudeDirection: BigFloat.Rounding =
      switch direction {
      case .down: negative ? .awayFromZero : .towardZero
      case .up: negative ? .towardZero : .awayFromZero
      case .toNearestOrEven, .towardZero, .awayFromZero: direction
      }
    let exponent = value.exponent
    if exponent > format.maximumExponent {
      self = signed(magnitudeDirection == .towardZero ? .greatestFinite : .infinity)
      return
    }
    let quantum = max(exponent, format.minimumExponent) - (format.precision - 1)
    let units = value.magnitude(inUnitsOfPowerOfTwo: quantum, magnitudeDirection)
    // At most 2^P units: exact in binary64 at every exponent of the format, except that 2^P units
    // of the largest binade are 2^(e_max + 1), which is infinite there or rounds to it.
    let rounded = Double(sign: .plus, exponent: quantum, significand: Double(units))
    if rounded > format.greatestFinite {
      self = signed(magnitudeDirection == .towardZero ? .greatestFinite : .infinity)
      return
    }
    self = signed(Self(rounding: rounded))
  }
}

extension BigFloat {
  /// A value of any audited format, exactly.
  public init<F: BinaryFloat>(exactly value: F) { self.init(value.exactDouble) }
}
