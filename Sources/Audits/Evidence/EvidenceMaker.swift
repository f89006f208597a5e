import AuditRecords
import AuditedOperations
import Basics
import ErrorMeasurement
import FloatFormats
import MultiPrecision
import Oracle

/// Makes the evidence of largest errors.
///
/// The output stands in the results; the lane is made again where they have only its beginning; the
/// exact value is enclosed by MPFR with directed rounding. No implementation is called.
package struct EvidenceMaker {
  /// Makes the logits of a lane again; `nil` where nobody can.
  package typealias LaneSource = (ClaimedMaximum) throws -> [String]?

  private let source: LaneSource
  private let oracle = SoftmaxOracle()
  private var document: EvidenceDocument
  private var places: [EvidenceLane: Int] = [:]
  private var references: [ReferenceKey: LaneReference] = [:]

  /// The lane of a reference, and what is asked about it.
  private struct ReferenceKey: Hashable {
    let lane: Int
    let operation: AuditedOperation
    let output: FloatFormat
  }

  /// The reason why there is no evidence of a maximum, as a clause.
  private struct Missing: Error {
    let reason: String
    init(_ reason: String) { self.reason = reason }
  }

  private init(_ document: EvidenceDocument, _ source: @escaping LaneSource) {
    self.document = document
    self.source = source
  }

  /// The document with the evidence of maxima.
  ///
  /// - Parameters:
  ///   - maxima: What is claimed.
  ///   - document: One without maxima.
  ///   - source: Makes lanes again.
  /// - Throws: ``UserError`` of kind `malformedInput` where MPFR measures another error than the
  ///   one claimed.
  package static func evidence(
    of maxima: [ClaimedMaximum], in document: EvidenceDocument, lanes source: @escaping LaneSource
  ) throws -> EvidenceDocument {
    var maker = EvidenceMaker(document, source)
    for maximum in maxima {
      do {
        try maker.add(maximum)
      } catch let missing as Missing {
        maker.document.withoutEvidence.append(.init(maximum, because: missing.reason))
      }
    }
    return maker.document
  }

  private mutating func add(_ maximum: ClaimedMaximum) throws {
    let operation = maximum.scope.operation
    guard operation.inputs == [.logits], operation.output.extent != .matrix else {
      throw Missing("no evidence is made of \(operation)")
    }
    guard maximum.scope.parameters == nil, !maximum.hasAccompanying else {
      throw Missing("no evidence is made of logits with modifiers")
    }
    let lane = EvidenceLane(try logits(of: maximum))
    let place = places[lane] ?? document.lanes.count
    let key = ReferenceKey(lane: place, operation: operation, output: maximum.scope.output)
    let reference = try references[key] ?? self.reference(of: lane, key)
    var evidenced = EvidencedMaximum(
      maximum, lane: place, exact: try exactValue(of: maximum, reference),
      comparison: try comparison(of: maximum))
    if maximum.figure == .maxUlp, !reference.value(at: maximum.index).isNormal {
      evidenced.figure = .maxUlpSubnormal
    }
    // What has no evidence leaves no lane behind.
    if place == document.lanes.count {
      document.lanes.append(lane)
      places[lane] = place
    }
    references[key] = reference
    document.maxima.append(evidenced)
  }

  private func logits(of maximum: ClaimedMaximum) throws -> [String] {
    if maximum.elided == 0 { return maximum.logits }
    guard let made = try source(maximum) else {
      throw Missing("its lane is not at hand, of which the results have the beginning")
    }
    guard made.count == maximum.length, made.starts(with: maximum.logits) else {
      throw Missing("the lane that is made again is another one than the results have")
    }
    return made
  }

  private func reference(of lane: EvidenceLane, _ key: ReferenceKey) throws -> LaneReference {
    let logits = try lane.logits.map { text in
      guard let logit = Double(text: text) else { throw Missing("\(text) is no number") }
      return logit
    }
    return oracle.reference(of: OperationLane(key.operation, exactly: logits), in: key.output)
  }

  /// The integers that enclose the exact value, in units of 2^-64 ulp.
  ///
  /// The enclosure is at most 2^-80 ulp wide, so that its ends rounded outwards are one or two
  /// units apart. At most 2^24 units, 2^-40 ulp, is what a check accepts.
  private func exactValue(
    of maximum: ClaimedMaximum, _ reference: LaneReference
  ) throws -> (lower: String, upper: String, exponent: Int) {
    guard reference.special == nil, (0..<reference.count).contains(maximum.index),
      let output = Double(text: maximum.output), output.isFinite, maximum.ulp.isFinite
    else { throw Missing("its output, its exact value or its error is no finite number") }
    let (exact, slot) = (reference.value(at: maximum.index), reference.slot(at: maximum.index))
    guard slot >= 0, !exact.isUndecided, !exact.isInfinite else {
      throw Missing("its exact value is undecided, infinite, or 0 by a mask")
    }
    try check(maximum, output, slot, exact, reference.inputs)
    let unit = Int(exact.quantumExponent) - 64
    guard !exact.isZero else { return ("0", "0", unit) }
    let bits = maximum.scope.output.precision + 80
    var (least, most) = (exact.lower, exact.lower + UInt128(exact.width))
    // Of what is far below a unit the fixed point tells as much.
    if let enclosure = oracle.enclosure(slot: slot, of: reference.inputs, relativeBits: bits) {
      let (lower, upper) = (
        enclosure.lower.magnitudeFloor(inUnitsOfPowerOfTwo: unit),
        enclosure.upper.magnitudeFloor(inUnitsOfPowerOfTwo: unit)
      )
      (least, most) = (min(lower, upper), max(lower, upper) + 1)
    }
    guard most - least <= 1 << 24 else {
      throw Missing("the precision limit of the oracle was reached")
    }
    guard exact.isNegative else { return ("\(least)", "\(most)", unit) }
    return ("-\(most)", least == 0 ? "0" : "-\(least)", unit)
  }

  /// Makes sure that MPFR measures the error that is claimed.
  private func check(
    _ maximum: ClaimedMaximum, _ output: Double, _ slot: Int, _ exact: ExactValue,
    _ lane: OperationLane
  ) throws {
    let figure = CertifiedUlp.figure(
      of: output, slot: slot, of: lane, quantumExponent: Int(exact.quantumExponent),
      oracle: oracle)
    guard let figure else { throw Missing("the precision limit of the oracle was reached") }
    guard figure == abs(maximum.ulp) else {
      throw UserError(
        .malformedInput,
        "the witness of \(maximum.scope.subject) on \(maximum.origin), length \(maximum.length), is \(maximum.ulp) ulp off by the results, and \(figure) ulp by MPFR: they are not what softmax-audit wrote"
      )
    }
  }

  private func comparison(of maximum: ClaimedMaximum) throws -> EvidencedMaximum.Comparison? {
    guard let bound = maximum.bound else {
      guard maximum.figure != .maxRatio else { throw Missing("its bound is not known") }
      return nil
    }
    guard bound.ulps >= Double.leastNormalMagnitude, bound.ulps < .infinity,
      abs(maximum.ulp) / bound.ulps < .infinity
    else { throw Missing("its part of the bound is beyond binary64") }
    // As measurements have it.
    let part = maximum.ulp == 0 ? 0 : CertifiedUlp.roundedUp((abs(maximum.ulp) / bound.ulps).nextUp)
    guard maximum.figure != .maxRatio || maximum.value == part else {
      throw Missing("its part of the bound is not that of its error: a zero that may be flushed")
    }
    return .init(model: bound.model, bound: bound.ulps, ratio: part)
  }
}
