import FloatFormats
import MultiPrecision

/// A modified logit that is a number, as sums of exponentials take it.
protocol LogitTerm {
  /// The number in binary64, good to some units in the last place of its larger part.
  var approximate: Double { get }
  /// The addend of its argument.
  var addend: Double { get }
  /// An enclosure of the number, exact where that is dyadic.
  func enclosure(precision: Int) -> Enclosure
  /// Whether both are one irrational argument, with an addend each.
  func hasArgument(of other: Self) -> Bool
}

/// The exponentials e^(z - r) of distinct numbers z at one working precision, r one of the largest
/// of them, and their sum s = k + tail, k the number of elements at r.
///
/// Every step is rounded outward. The end of an exponential below the range of MPFR is 0 or its
/// least number, as the rounding has it. r need not be the largest: where binary64 does not tell
/// which is, all are close, and nothing cancels in k + tail.
final class LogitExponentials<Term: LogitTerm> {
  private let logits: [Term]
  private let multiplicities: [UInt64]
  let precision: Int
  /// The place of r.
  let reference: Int
  private let numbers: [SharedEnclosure]
  private let terms: [SharedEnclosure?]
  private let tailSum: SharedEnclosure
  private let sum: SharedEnclosure

  /// - Parameters:
  ///   - logits: The numbers z, at least one.
  ///   - multiplicities: The number of times that each occurs.
  init(_ logits: [Term], multiplicities: [UInt64], precision: Int) {
    self.logits = logits
    self.multiplicities = multiplicities
    self.precision = precision
    let numbers = logits.map { SharedEnclosure($0.enclosure(precision: precision)) }
    self.numbers = numbers
    let sizes = logits.map(\.approximate)
    let reference = sizes.indices.max { sizes[$0] < sizes[$1] } ?? 0
    self.reference = reference
    var terms: [SharedEnclosure?] = Array(repeating: nil, count: numbers.count)
    var tail = Enclosure(zeroAt: precision)
    for place in numbers.indices where place != reference {
      let term = Self.exponential(
        of: Self.difference(place, reference, logits, numbers, precision), precision)
      let many = term.enclosure.times(
        BigFloat(integer: multiplicities[place]), precision: precision)
      tail.lower.formSum(many.lower, .down)
      tail.upper.formSum(many.upper, .up)
      terms[place] = term
    }
    terms[reference] = SharedEnclosure(Enclosure(1))
    self.terms = terms
    let tied = Enclosure(exactly: BigFloat(integer: multiplicities[reference]))
    sum = SharedEnclosure(tied.plus(tail, precision: precision))
    tailSum = SharedEnclosure(tail)
  }

  /// k.
  var tied: BigFloat { BigFloat(integer: multiplicities[reference]) }
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
      : Self.difference(slot, reference, logits, numbers, precision)
  }

  /// Whether z - r is y, both known without a rounding.
  func isDifference(_ y: Double, _ slot: Int) -> Bool {
    if slot == reference { return y == 0 }
    if logits[slot].hasArgument(of: logits[reference]) {
      return Self.difference(slot, reference, logits, numbers, precision).lower.compare(y) == 0
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
  /// Of those with one argument it is that of their addends, which no precision would find
  /// in the difference of their enclosures.
  private static func difference(
    _ one: Int, _ other: Int, _ logits: [Term], _ numbers: [SharedEnclosure], _ precision: Int
  ) -> Enclosure {
    guard logits[one].hasArgument(of: logits[other]) else {
      return numbers[one].enclosure.minus(numbers[other].enclosure, precision: precision)
    }
    // Bits of two binary64 numbers.
    var difference = BigFloat(precision: ExactSums.precision)
    difference.setDifference(
      BigFloat(logits[one].addend), BigFloat(logits[other].addend), .toNearestOrEven)
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

/// The exponentials of the logits of a lane with modifiers.
typealias ModifiedExponentials = LogitExponentials<ModifiedTerm>

extension LogitExponentials where Term == ModifiedTerm {
  /// - Parameter modified: A lane with a number.
  convenience init(_ modified: ModifiedLogits, precision: Int) {
    self.init(modified.terms, multiplicities: modified.multiplicities, precision: precision)
  }
}

/// r + ln s, one value for the lane, at one working precision.
final class LogitLogSumExp<Term: LogitTerm>: ExactEvaluation {
  private let exponentials: LogitExponentials<Term>
  private let logSum: SharedEnclosure
  var precision: Int { exponentials.precision }

  init(_ exponentials: LogitExponentials<Term>) {
    self.exponentials = exponentials
    logSum = SharedEnclosure(exponentials.logarithmOfSum())
  }

  func enclosure(of slot: Int) -> Enclosure {
    exponentials.maximum.enclosure.plus(logSum.enclosure, precision: precision)
  }

  /// max(1, |L|, ln s).
  func yardstick(of slot: Int) -> Enclosure {
    enclosure(of: slot).magnitude().maximum(Enclosure(1), precision: precision)
      .maximum(logSum.enclosure, precision: precision)
  }

  /// The distance; where y is r it is ln s, however small that is.
  func distance(from y: Double, slot: Int) -> Enclosure {
    let maximum = exponentials.maximum
    guard maximum.enclosure.isExact, maximum.enclosure.lower.compare(y) == 0 else {
      return enclosure(of: slot).distance(from: BigFloat(y), precision: precision)
    }
    return logSum.enclosure.magnitude()
  }
}
