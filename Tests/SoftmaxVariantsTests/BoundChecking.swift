import AuditedOperations
import FloatFormats
import MultiPrecision
import Oracle
import Testing

@testable import SoftmaxVariants

/// The outputs of a variant for a lane, in the format of the lane.
func outputs<F: BinaryFloat>(of variant: SoftmaxVariant, on lane: [F]) throws -> [F] {
  try variant.computingFormat(for: F.format).open(Evaluation(variant: variant, logits: lane))
}

/// The outputs of a variant with the name; a name that is unknown is an issue.
func outputs<F: BinaryFloat>(of name: String, on lane: [F]) throws -> [F] {
  try outputs(of: #require(SoftmaxVariant(named: name)), on: lane)
}

/// The bound of a variant on a lane; nil outside its domain.
func bound<F: BinaryFloat>(of variant: SoftmaxVariant, on lane: [F]) throws -> [Double]? {
  guard let profile = LaneProfile(lane) else { return nil }
  return try variant.computingFormat(for: F.format)
    .open(BoundEvaluation(variant: variant, profile: profile, output: F.format))
}

/// The variants of an algorithm, or of a combination, that are offered for a format.
func variants(of algorithm: String, for format: FloatFormat) -> [SoftmaxVariant] {
  (SoftmaxVariant.all + SoftmaxVariant.combinations).filter {
    $0.algorithmName == algorithm && $0.formats.contains(format)
  }
}

/// Expects every output of an algorithm on the test lanes to be within its bound of the exact
/// softmax.
func expectOutputsWithinBounds(_ algorithm: String) throws {
  for format in FloatFormat.allCases { try format.open(BoundCheck(algorithm: algorithm)) }
}

/// Expects the outputs of an algorithm on one lane to be within its bound of the exact softmax.
func expectWithinBound<F: BinaryFloat>(
  _ algorithm: String, on lane: [F], sourceLocation: SourceLocation = #_sourceLocation
) throws {
  let oracle = SoftmaxOracle()
  for variant in variants(of: algorithm, for: F.format) {
    let ratio = try #require(
      try largestRatio(of: variant, on: lane, oracle.softmax(of: lane, in: F.format), oracle),
      "outside the domain of \(variant.name)", sourceLocation: sourceLocation)
    #expect(
      ratio <= 1, "\(variant.name) in \(F.format.rawValue)", sourceLocation: sourceLocation)
  }
}

/// The largest |y - p| / bound of a variant on a lane; infinite for a mismatch, nil outside the
/// domain.
func largestRatio<F: BinaryFloat>(
  of variant: SoftmaxVariant, on lane: [F], _ reference: LaneReference, _ oracle: SoftmaxOracle
) throws -> Double? {
  guard let bound = try bound(of: variant, on: lane) else { return nil }
  return largestRatio(of: try outputs(of: variant, on: lane), within: bound, reference, oracle)
}

/// The largest |y - v| / bound of outputs; infinite for a mismatch, nil where MPFR leaves it open.
func largestRatio<F: BinaryFloat>(
  of outputs: [F], within bound: [Double], _ reference: LaneReference, _ oracle: SoftmaxOracle
) -> Double? {
  var largest = 0.0
  for (index, y) in outputs.enumerated() {
    let exact = reference.value(at: index)
    let isPossible = reference.operation == .softmax ? y >= F.zero : !exact.isInfinite
    if y.isInfinite, exact.isInfinite { continue }
    guard y.isFinite, isPossible, !exact.isZero || exact.isBalanced || y.isZero else {
      return .infinity
    }
    if exact.isZero, y.isZero { continue }
    let quantum = Int(exact.quantumExponent)
    let limit = bound[index].scaled(byPowerOfTwo: -quantum)
    var error = fixedPointError(of: y, exact)
    if isNextToTiedReciprocal(y, at: index, reference) {
      error = .leastNormalMagnitude
    } else if error.map({ $0 > limit }) ?? true {
      guard
        let distance = oracle.distance(
          from: y.exactDouble, slot: reference.slot(at: index), of: reference.inputs,
          relativeBits: 40)
      else {
        Issue.record("undecided")
        return nil
      }
      // Scaled before it is rounded: binary64 does not hold a part of its own least subnormal.
      var ulps = BigFloat(copying: distance.upper)
      ulps.formProduct(withPowerOfTwo: -quantum)
      error = ulps.double(.up)
    }
    if let error, error > 0 { largest = max(largest, error / limit) }
  }
  return largest
}

/// A lane with its exact softmax.
struct ReferencedLane<F: BinaryFloat> {
  private let lane: [F]
  private let oracle = SoftmaxOracle()
  private let reference: LaneReference

  init(_ lane: [F]) {
    self.lane = lane
    reference = oracle.softmax(of: lane, in: F.format)
  }

  func largestRatio(of variant: SoftmaxVariant) throws -> Double? {
    try SoftmaxVariantsTests.largestRatio(of: variant, on: lane, reference, oracle)
  }
}

/// Whether y is 1/k for k tied maxima, and the other logits so far below that p differs by less
/// than 2^-1022 ulp.
private func isNextToTiedReciprocal<F: BinaryFloat>(
  _ y: F, at index: Int, _ reference: LaneReference
) -> Bool {
  let logits = reference.logits
  return reference.operation == .softmax && logits.slots[index] == 0 && logits.values.count > 1
    && logits.distance(1) > 2400
    && y.exactDouble * Double(logits.multiplicities[0]) == 1
    && logits.multiplicities[0].nonzeroBitCount == 1
}

/// An upper bound of |y - v| in ulps of v, as far as the fixed-point enclosure of p tells.
private func fixedPointError<F: BinaryFloat>(of y: F, _ exact: ExactValue) -> Double? {
  if y.isZero { return exact.upperBound }
  guard y.isNegative == exact.isNegative else { return nil }
  let (significand, exponent) = y.decomposed
  let shift = exponent + 64 - Int(exact.quantumExponent)
  guard shift >= 0, 64 - significand.leadingZeroBitCount + shift <= 126 else { return nil }
  let units = UInt128(significand) << UInt128(shift)
  let above = units > exact.lower ? units - exact.lower : 0
  let below = exact.upper > units ? exact.upper - units : 0
  return Double(max(above, below)) * 0x1p-64
}

private struct Evaluation<F: BinaryFloat>: FormatGenericWork {
  let variant: SoftmaxVariant
  let logits: [F]

  func run<C: BinaryFloat>(_ computing: C.Type) throws -> [F] {
    var lane = logits.map { C(rounding: $0) }
    lane.withUnsafeMutableBufferPointer { variant.evaluate($0) }
    return lane.prefix(variant.operation.outputCount(ofLength: lane.count))
      .map { F(rounding: $0) }
  }
}

private struct BoundEvaluation: FormatGenericWork {
  let variant: SoftmaxVariant
  let profile: LaneProfile
  let output: FloatFormat

  func run<C: BinaryFloat>(_ computing: C.Type) throws -> [Double]? {
    variant.bound(on: profile, computingIn: computing, output: output)
  }
}

private struct BoundCheck: FormatGenericWork {
  let algorithm: String

  func run<F: BinaryFloat>(_ format: F.Type) throws {
    let oracle = SoftmaxOracle()
    let lanes = testLanes(of: format) + [stagnatingLane(of: format)]
    let references = lanes.map { oracle.softmax(of: $0, in: F.format) }
    for variant in variants(of: algorithm, for: F.format) {
      var judged = 0
      for (lane, reference) in zip(lanes, references) {
        guard let ratio = try largestRatio(of: variant, on: lane, reference, oracle) else {
          continue
        }
        judged += 1
        #expect(
          ratio <= 1,
          "\(variant.name) in \(F.format.rawValue) on \(lane.prefix(8).map(\.hexText))")
      }
      // The domain of a bound that excuses most lanes would make the test empty.
      #expect(3 * judged > lanes.count, "\(variant.name) in \(F.format.rawValue)")
    }
  }
}
