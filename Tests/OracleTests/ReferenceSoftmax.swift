import AuditedOperations
import FloatFormats
import MultiPrecision
import Oracle

/// The softmax by the definition, p_i = 1 / sum_j e^(x_j - x_i), at a precision so high that its
/// rounding errors do not matter: no maximum, no sorting, no left-out terms, none of the oracle's
/// code.
///
/// A difference of binary64 numbers is exact at 2200 bits. Beyond a difference of 2^29 the
/// exponential leaves the range of MPFR; such lanes are checked by other means.
func referenceProbability(_ lane: [Double], _ index: Int, precision: Int = 2600) -> BigFloat {
  var result = referenceInverse(lane, index, precision: precision)
  result.setQuotient(BigFloat(1), BigFloat(copying: result), .toNearestOrEven)
  return result
}

/// log p_i = -log sum_j e^(x_j - x_i); the sum without its own term goes through log1p.
func referenceLogProbability(_ lane: [Double], _ index: Int, precision: Int = 2600) -> BigFloat {
  var others = lane
  others.remove(at: index)
  let rest = referenceSum(others, minus: lane[index], precision: precision)
  var result = BigFloat(precision: precision)
  result.setLogarithmOnePlus(rest, .toNearestOrEven)
  result.formNegation()
  return result
}

private func referenceInverse(_ lane: [Double], _ index: Int, precision: Int) -> BigFloat {
  referenceSum(lane, minus: lane[index], precision: precision)
}

private func referenceSum(_ lane: [Double], minus shift: Double, precision: Int) -> BigFloat {
  var sum = BigFloat(precision: precision)
  sum.assign(0, .toNearestOrEven)
  var term = BigFloat(precision: precision)
  for logit in lane where logit > -.infinity {
    term.setDifference(BigFloat(logit), BigFloat(shift), .toNearestOrEven)
    term.setExponential(BigFloat(copying: term), .toNearestOrEven)
    sum.formSum(term, .toNearestOrEven)
  }
  return sum
}

/// A fixed-point end of an ``ExactValue`` as a number.
func end(_ units: UInt128, of probability: ExactValue) -> BigFloat {
  var result = BigFloat(precision: 128)
  let exponent = Int(probability.quantumExponent) - 64
  var low = BigFloat(precision: 64)
  result.assign(UInt64(units >> 64), timesPowerOfTwo: exponent + 64, .toNearestOrEven)
  low.assign(UInt64(truncatingIfNeeded: units), timesPowerOfTwo: exponent, .toNearestOrEven)
  result.formSum(low, .toNearestOrEven)
  return result
}

extension ExactValue {
  /// Whether an inexactly known number lies inside, the upper end included: a reference can be
  /// rounded up onto it.
  func holds(_ number: borrowing BigFloat) -> Bool {
    width == 0
      ? end(lower, of: self).compare(number) == 0
      : end(lower, of: self).compare(number) < 0 && end(upper, of: self).compare(number) >= 0
  }

  /// The correct rounding in a format known at run time, as binary64.
  func rounded(in format: FloatFormat) -> Double {
    rounded(in: format.type)
  }

  private func rounded<F: BinaryFloat>(in type: F.Type) -> Double {
    correctlyRounded(type).exactDouble
  }
}

extension Enclosure {
  /// Whether a number lies between the ends.
  func holds(_ number: borrowing BigFloat) -> Bool {
    lower.compare(number) <= 0 && upper.compare(number) >= 0
  }
}

/// The float nearest to a number in a format known at run time, as binary64.
func rounded(_ number: borrowing BigFloat, in format: FloatFormat) -> Double {
  format.type.init(rounding: number).exactDouble
}

/// The correct rounding that the oracle's enclosures give, in a format known at run time, as
/// binary64.
func rounded(
  _ operation: AuditedOperation, slot: Int, logits: DistinctLogits, in format: FloatFormat,
  by oracle: SoftmaxOracle
) -> Double? {
  func rounded<F: BinaryFloat>(_ type: F.Type) -> Double? {
    oracle.rounded(operation, slot: slot, logits: logits, as: type)?.exactDouble
  }
  return rounded(format.type)
}
