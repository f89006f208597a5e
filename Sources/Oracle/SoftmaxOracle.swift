import AuditedOperations
import FloatFormats
import MultiPrecision
import RealModule

/// The oracle: certified softmax values in arbitrary precision.
///
/// **Method.** With m the maximum of the lane, d_j = m - x_j >= 0, w_j = e^(-d_j) and s = sum w_j,
/// the exact value is p_i = w_i / s. At working precision w, every MPFR operation being correctly
/// rounded (relative error at most e = 2^-w):
///
/// 1. t_j = fl(x_j - m) = -d_j (1 + a), |a| <= e. The subtraction of two binary64 numbers is one
///    rounding.
/// 2. fl(exp(t_j)) = w_j e^(-d_j a) (1 + b): relative error at most (d_j + 1) e to first order.
/// 3. Equal logits share one exponential, multiplied by their number: one more e.
/// 4. Terms with d_j > (w + log2 n + 2) ln 2 + 1 are left out of the sum. Each is below 2^-(w + 2)
///    / n, so together they are below e/4, and s >= 1.
/// 5. fl(sum) is correctly rounded (mpfr_sum): one e. With sum_j p_j d_j <= ln n (numerics: it is
///    the entropy of p minus ln s, and the entropy is at most ln n), the computed s is off by at
///    most (ln n + 3.25) e.
/// 6. fl(w_i / s): one e. In all, |computed p_i - p_i| <= (d_i + ln n + 5.25) e p_i to first order.
///    The products of errors are below 2^-40 of that while (d_i + ln n + 6) e < 2^-41; the code
///    uses (d_i + ln n + 6) e, and asks for that condition.
///
/// An element whose logit lies so far below the maximum that p < 2^-64 eta needs no exponential: it
/// lies strictly between 0 and one unit of the fixed-point enclosure.
///
/// **Termination** (Ziv 1991). Unless all finite logits are equal, p_i is transcendental (Lindemann
/// and Weierstrass: sum_j e^(x_j - x_i) = 1/p_i algebraic would be a relation between exponentials
/// of distinct algebraic numbers), so it is no float, midpoint or power of two, and doubling the
/// precision ends. Equal logits give exactly 1/n. Closeness that no precision resolves cheaply is
/// decided by sign: k tied maxima with any lower finite logit have p < 1/k. A cap on the precision
/// exists all the same; what reaches it is marked undecided.
///
/// An oracle keeps its buffers from lane to lane and belongs to one thread at a time.
public final class SoftmaxOracle {
  /// The precision beyond which an element is given up as undecided.
  public let precisionCap: Int
  private var workspace = Workspace()
  let evaluations = EvaluationCache()
  let scratch = ScratchBuffers()

  /// An oracle with empty buffers.
  public init(precisionCap: Int = 1 << 15) {
    self.precisionCap = precisionCap
  }

  /// The first working precision for an output format: 56 bits beyond its own, in steps of 16.
  ///
  /// It leaves an enclosure about 2^-49 ulp wide, so about one element in 2^48 needs a second look.
  public static func firstPrecision(for format: FloatFormat) -> Int {
    (format.precision + 56 + 15) / 16 * 16
  }

  /// The exact softmax of a lane, located in a format.
  ///
  /// - Parameters:
  ///   - lane: The logits. An empty lane gives an empty reference; -inf logits have probability 0.
  ///   - format: The output format in which probabilities are located.
  @inlinable
  public func softmax<F: BinaryFloat>(
    of lane: some Collection<F>, in format: FloatFormat
  ) -> LaneReference {
    softmax(of: DistinctLogits(of: lane), in: format)
  }

  /// The exact softmax of a sorted lane, located in a format.
  public func softmax(of logits: DistinctLogits, in format: FloatFormat) -> LaneReference {
    let special = SoftmaxFunction.special(OperationLane(.softmax, logits))
    guard special == nil, logits.count > 0 else {
      return LaneReference(
        softmaxOf: logits, format: format, special: special, values: [], refinements: 0)
    }
    if logits.values.count == 1 {
      return LaneReference(
        softmaxOf: logits, format: format, special: nil,
        values: [Self.reciprocal(of: logits.multiplicities[0], in: format)], refinements: 0)
    }

    var located = [ExactValue](repeating: .undecided, count: logits.values.count)
    var precision = Self.firstPrecision(for: format)
    workspace.locate(&located, of: logits, in: format, precision: precision)
    var open = located.indices.filter { located[$0].isUndecided }
    let refinements = open.count
    while !open.isEmpty, 2 * precision <= precisionCap {
      precision *= 2
      workspace.locate(&located, of: logits, in: format, precision: precision)
      open = open.filter { located[$0].isUndecided }
    }
    return LaneReference(
      softmaxOf: logits, format: format, special: nil, values: located, refinements: refinements)
  }

  /// The enclosure of p given a computed value and a bound on its relative error, if it decides.
  ///
  /// - Parameters:
  ///   - errorFactor: The relative error in units of 2^-w, w being the precision of the computed
  ///     value.
  ///   - bound: An exponent b with p < 2^b known otherwise.
  static func locate(
    _ computed: borrowing BigFloat, relativeError errorFactor: Double,
    strictlyBelowPowerOfTwo bound: Int?, in format: FloatFormat
  ) -> ExactValue? {
    // Beyond 1000 bits 2^-1000 stands for the unit, which binary64 might not hold: larger, so that
    // it is safe.
    let unit = Double(sign: .plus, exponent: -min(computed.precision, 1000), significand: 1)
    let relativeError = errorFactor * unit
    guard relativeError < 0x1p-41 else { return nil }
    var exponent = computed.exponent
    if let bound { exponent = min(exponent, bound - 1) }
    let isNormal = exponent >= format.minimumExponent
    let quantum = max(exponent, format.minimumExponent) - (format.precision - 1)
    let binadeTop = UInt128(1) &<< UInt128(format.precision + 64)
    let binadeBottom = binadeTop &>> 1
    // The bound in units; where it takes more than 128 bits it is far above p. Not the top of the
    // binade: below the normal range all binades share one unit.
    let boundPlace = bound.map { $0 - quantum + 64 }
    let boundUnits = boundPlace.flatMap { $0 < 128 ? UInt128(1) &<< UInt128($0) : nil } ?? .max
    func decided(_ lower: UInt128, _ upper: UInt128) -> ExactValue? {
      let upper = min(upper, boundUnits)
      if isNormal {
        guard lower >= binadeBottom, upper <= binadeTop else { return nil }
      } else {
        guard upper <= binadeBottom else { return nil }
      }
      // Neither a float nor a midpoint may lie strictly inside: multiples of 2^63 units.
      guard lower &>> 63 == (upper - 1) &>> 63, upper - lower <= UInt128(UInt64.max) else {
        return nil
      }
      return ExactValue(
        lower: lower, width: UInt64(truncatingIfNeeded: upper - lower),
        upperBound: computed.double(.up).scaled(byPowerOfTwo: -quantum) * (1 + 0x1p-41),
        quantumExponent: quantum, isNormal: isNormal)
    }

    let units = computed.magnitudeFloor(inUnitsOfPowerOfTwo: quantum - 64)
    // The product is taken of the units rounded up to a multiple of 2^64, which costs less to
    // convert. Two more: one for the rounding of the product, one for the part cut off by the
    // floor.
    let bounded = Double(UInt64(truncatingIfNeeded: units &>> 64) + 1) * 0x1p64 * relativeError
    guard bounded < 0x1p62 else { return nil }
    let slack = UInt128(UInt64(bounded.rounded(.up)) + 2)
    if let result = decided(units > slack ? units - slack : 0, units + slack) { return result }

    // The slack never falls below two units, so that a p nearer than that to a float, such as the
    // 1/2 + 2^-200 of two logits that differ by 2^-198, is not decided above at any precision. Its
    // enclosure at the working precision is: p is no float, so it lies strictly above the floor of
    // the lower end.
    var width = BigFloat(precision: 64)
    width.setProduct(computed, BigFloat(errorFactor), .up)
    width.formProduct(withPowerOfTwo: -computed.precision)
    var end = BigFloat(precision: computed.precision)
    end.setDifference(computed, width, .down)
    let lower = end.magnitudeFloor(inUnitsOfPowerOfTwo: quantum - 64)
    end.setSum(computed, width, .up)
    return decided(lower, end.magnitudeFloor(inUnitsOfPowerOfTwo: quantum - 64) + 1)
  }

  /// 1/n, exactly where it is a float and otherwise to one unit.
  public static func reciprocal(of count: UInt64, in format: FloatFormat) -> ExactValue {
    var quotient = BigFloat(precision: 256)
    let isExact =
      quotient.setQuotient(BigFloat(1), BigFloat(integer: count), .towardZero) == 0
    let exponent = quotient.exponent
    let quantum = max(exponent, format.minimumExponent) - (format.precision - 1)
    let units = quotient.magnitudeFloor(inUnitsOfPowerOfTwo: quantum - 64)
    return ExactValue(
      lower: units, width: isExact ? 0 : 1,
      upperBound: quotient.double(.up).scaled(byPowerOfTwo: -quantum) * (1 + 0x1p-41),
      quantumExponent: quantum, isNormal: exponent >= format.minimumExponent)
  }
}

/// The multiple-precision numbers of one evaluation, kept from lane to lane.
///
/// One value, so that an evaluation is one access to the oracle's state and not three for every
/// element.
private struct Workspace: ~Copyable {
  private var terms = BigFloatArray(count: 0, precision: 64)
  private var sum = BigFloat(precision: 64)
  private var quotient = BigFloat(precision: 64)

  /// Locates what is not located yet at one working precision.
  mutating func locate(
    _ located: inout [ExactValue], of logits: DistinctLogits, in format: FloatFormat,
    precision: Int
  ) {
    let count = logits.values.count
    let logCount = Double.logUpperBound(UInt64(logits.finiteCount))
    let sumHorizon = (Double(precision) + 2) * Double.ln2Upper + logCount + 1
    let horizon = max(sumHorizon, ExactValue.vanishingDistance(in: format))

    if terms.count < count || terms.precision != precision {
      terms = BigFloatArray(count: max(count, terms.count), precision: precision)
    }
    if sum.precision != precision {
      sum = BigFloat(precision: precision)
      quotient = BigFloat(precision: precision)
    }
    let maximum = BigFloat(logits.values[0])
    var evaluated = 0
    var summed = 0
    while evaluated < count, logits.distance(evaluated) <= horizon {
      terms.setExponentialOfDifference(at: evaluated, logits.values[evaluated], maximum)
      if logits.distance(evaluated) <= sumHorizon { summed = evaluated + 1 }
      evaluated += 1
    }
    // The sum takes each term with its multiplicity; the terms themselves are needed once more.
    sum.setSum(of: terms, 0..<summed, multiplicities: logits.multiplicities)

    let tiedMaxima = logits.multiplicities[0]
    for slot in 0..<count where located[slot].isUndecided {
      guard slot < evaluated else {
        located[slot] = .vanishing(distance: logits.distance(slot), in: format)
        continue
      }
      quotient.setQuotient(terms, at: slot, by: sum, .toNearestOrEven)
      let strictlyBelow =
        slot == 0 && tiedMaxima.nonzeroBitCount == 1 ? -tiedMaxima.trailingZeroBitCount : nil
      if let decided = SoftmaxOracle.locate(
        quotient, relativeError: logits.distance(slot) + logCount + 6,
        strictlyBelowPowerOfTwo: strictlyBelow, in: format)
      {
        located[slot] = decided
      }
    }
  }
}

extension Double {
  /// Just above ln 2.
  static let ln2Upper = 0x1.62e42fefa39f0p-1

  /// An upper bound of ln n, good to a few units in the last place, for n >= 1.
  static func logUpperBound(_ count: UInt64) -> Double {
    var value = BigFloat(precision: 64)
    value.setLogarithm(BigFloat(integer: max(count, 1)), .up)
    return value.double(.up)
  }
}
