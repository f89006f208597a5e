import FloatFormats
import MultiPrecision

/// The exponentials e^(z - r) of modified logits at one working precision, r one of the largest of
/// them, and their sum s = k + tail, k the number of elements at r.
///
/// Every step is rounded outward. The end of an exponential below the range of MPFR is 0 or its
/// least number, as the rounding has it. r need not be the largest: where binary64 does not tell
/// which is, all are close, and nothing cancels in k + tail.
final class ModifiedExponentials {
  let modified: ModifiedLogits
  let precision: Int
  /// The place of r.
  let reference: Int
  private let numbers: [SharedEnclosure]
  private let terms: [SharedEnclosure?]
  private let tailSum: SharedEnclosure
  private let sum: SharedEnclosure

  /// - Parameter modified: A lane with a number.
  init(_ modified: ModifiedLogits, precision: Int) {
    self.modified = modified
    self.precision = precision
    let numbers = modified.terms.map { SharedEnclosure($0.enclosure(precision: precision)) }
    self.numbers = numbers
    let sizes = modified.terms.map(\.approximate)
    let reference = sizes.indices.max { sizes[$0] < sizes[$1] } ?? 0
    self.reference = reference
    var terms: [SharedEnclosure?] = Array(repeating: nil, count: numbers.count)
    var tail = Enclosure(zeroAt: precision)
    for place in numbers.indices where place != reference {
      let term = Self.exponential(
        of: Self.difference(place, reference, modified.terms, numbers, precision), precision)
      let many = term.enclosure.times(
        BigFloat(integer: modified.multiplicities[place]), precision: precision)
      tail.lower.formSum(many.lower, .down)
      tail.upper.formSum(many.upper, .up)
      terms[place] = term
    }
    terms[reference] = SharedEnclosure(Enclosure(1))
    self.terms = terms
    let tied = Enclosure(exactly: BigFloat(integer: modified.multiplicities[reference]))
    sum = SharedEnclosure(tied.plus(tail, precision: precision))
    tailSum = SharedEnclosure(tail)
  }

  /// k.
  var tied: BigFloat { BigFloat(integer: modified.multiplicities[reference]) }
  /// The sum of all exponentials but those at r.
  var tail: SharedEnclosure { tailSum }
  /// s.
  var total: SharedEnclosure { sum }
  /// r.
  var maximum: SharedEnclosure { numbers[reference] }

  /// e^(z - r).
  func term(_ slot: Int) -> SharedEnclosure { terms[slot] ?? sum }

  /// z - r.
  func difference(_ slot: Int) -> Enclosure {
    slot == reference
      ? Enclosure(0)
      : Self.difference(slot, reference, modified.terms, numbers, precision)
  }

  /// Whether z - r is y, both known without a rounding.
  func isDifference(_ y: Double, _ slot: Int) -> Bool {
    if slot == reference { return y == 0 }
    let terms = modified.terms
    if terms[slot].hasArgument(of: terms[reference]) {
      return Self.difference(slot, reference, terms, numbers, precision).lower.compare(y) == 0
    }
    let (one, other) = (numbers[slot], numbers[reference])
    guard one.enclosure.isExact, other.enclosure.isExact else { return false }
    // Bits for exponents from -2148 to 2048.
    let difference = one.enclosure.minus(other.enclosure, precision: 4352)
    return difference.lower.compare(y) == 0
  }

  /// ln s.
  func logarithmOfSum() -> Enclosure {
    ExponentialSums.logOfSum(tied: tied, tail: tailSum.enclosure, precision: precision)
  }

  /// The difference of two numbers.
  ///
  /// Of those with one capped argument it is that of their addends, which no precision would find
  /// in the difference of their enclosures.
  private static func difference(
    _ one: Int, _ other: Int, _ terms: [ModifiedTerm], _ numbers: [SharedEnclosure],
    _ precision: Int
  ) -> Enclosure {
    guard terms[one].hasArgument(of: terms[other]) else {
      return numbers[one].enclosure.minus(numbers[other].enclosure, precision: precision)
    }
    // Bits of two binary64 numbers.
    var difference = BigFloat(precision: ExactSums.precision)
    difference.setDifference(
      BigFloat(terms[one].addend), BigFloat(terms[other].addend), .toNearestOrEven)
    return Enclosure(exactly: difference)
  }

  private static func exponential(
    of exponent: borrowing Enclosure, _ precision: Int
  ) -> SharedEnclosure {
    var result = Enclosure(precision: precision)
    result.lower.setExponential(exponent.lower, .down)
    result.upper.setExponential(exponent.upper, .up)
    return SharedEnclosure(result)
  }
}
