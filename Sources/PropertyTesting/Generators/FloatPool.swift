import FloatFormats

/// Floats of a format at which implementations are apt to go wrong.
///
/// Zeros, the ends of the subnormal and normal ranges, one, the integers at which the spacing
/// becomes 1 and 2, powers of two, infinities and NaN; each number with its neighbours and with
/// both signs.
enum FloatPool {
  /// The permitted edges of a constraint: those of the caller, the bounds, those of the format.
  static func edges<F: BinaryFloat>(_ constraint: FloatConstraint, extra: [F]) -> [ChoiceValue] {
    var numbers: [F] = []
    func add(_ value: F) {
      for number in [value, value.nextUp, value.nextDown] { numbers += [number, -number] }
    }
    extra.forEach(add)
    add(F(orderedIndex: constraint.lowestPlace))
    add(F(orderedIndex: constraint.highestPlace))
    numbers += [F.zero, -F.zero, F.one, -F.one, F.infinity, -F.infinity, F.nan]
    let precision = F.format.precision
    [F.leastSubnormal, F.leastNormal, F.greatestFinite, F.one].forEach(add)
    for exponent in [-precision, 1 - precision, -1, 1, precision - 1, precision] {
      add(F.one.scaled(byPowerOfTwo: exponent))
    }
    let quarter = F.format.maximumExponent / 4
    for exponent in [-2 * quarter, -quarter, quarter, 2 * quarter] {
      add(F.one.scaled(byPowerOfTwo: exponent))
    }
    var seen: Set<UInt64> = []
    return numbers.map { UInt64($0.bitPattern) }
      .filter { constraint.permits($0) && seen.insert($0).inserted }
      .map { .float(F.format, bits: $0) }
  }
}
