import FloatFormats
import MultiPrecision
import TestSupport

@testable import AuditRecords
@testable import ErrorMeasurement

/// The counts and maxima of lanes that are not special, straight from the definitions.
///
/// Every element is looked at and every maximum computed in full, by interval arithmetic.
struct NaiveStatistics: Equatable {
  struct Maximum: Equatable, CustomStringConvertible {
    var figure: Double?
    var lane: Int?
    var index: Int?

    /// The first place wins, whatever the order in which places are looked at.
    mutating func take(_ candidate: Double, _ place: Int, _ index: Int) {
      if let figure, let lane, let first = self.index {
        if candidate < figure { return }
        if candidate == figure, (lane, first) <= (place, index) { return }
      }
      self = Maximum(figure: candidate, lane: place, index: index)
    }

    var description: String {
      "\(figure?.hexText ?? "none") at \(lane ?? -1), \(index ?? -1)"
    }
  }

  var lanes: UInt64 = 0
  var elements: UInt64 = 0
  var finitePairs: UInt64 = 0
  var correctlyRounded: UInt64 = 0
  var faithful: UInt64 = 0
  var mismatches: UInt64 = 0
  var mismatchedLanes: UInt64 = 0
  var mismatchKinds = MismatchKinds()
  var negativeZeros: UInt64 = 0
  var zeros: UInt64 = 0
  var normalCount: UInt64 = 0
  var maxUlp = Maximum()
  var maxUlpSubnormal = Maximum()
  var maxUlpFlushToZero = Maximum()
  var maxNormUlp = Maximum()
  var maxSumError = Maximum()
  var maxScaled = Maximum()
  var maxScaledOfNormal = Maximum()
  var maxTotalVariation: Double?

  init() {}

  /// The same figures of what the code under test has measured.
  init(_ statistics: AccuracyStatistics) {
    func maximum(_ certified: CertifiedMaximum) -> Maximum {
      Maximum(
        figure: certified.figure, lane: certified.location?.lane, index: certified.location?.index)
    }
    lanes = statistics.lanes
    elements = statistics.elements
    finitePairs = statistics.finitePairs
    correctlyRounded = statistics.correctlyRounded
    faithful = statistics.faithful
    mismatches = statistics.mismatches
    mismatchedLanes = statistics.mismatchedLanes
    mismatchKinds = statistics.mismatchKinds
    negativeZeros = statistics.negativeZeros
    zeros = statistics.zeros
    normalCount = statistics.normalCount
    maxUlp = maximum(statistics.maxUlp)
    maxUlpSubnormal = maximum(statistics.maxUlpSubnormal)
    maxUlpFlushToZero = maximum(statistics.maxUlpFlushToZero)
    maxNormUlp = maximum(statistics.maxNormUlp)
    maxSumError = maximum(statistics.maxSumError)
    maxScaled = maximum(statistics.measured.scaled.largest)
    maxScaledOfNormal = maximum(statistics.measured.scaled.largestOfNormal)
    maxTotalVariation = statistics.measured.variation.largest
  }

  /// |y - p| / max(u p, eta / 2) as a figure.
  static func scaled(_ p: ExactReal, _ y: Double, in format: FloatFormat) throws -> Double {
    let isNormal = try p.compare(format.leastNormal) >= 0
    let unit = isNormal ? -format.precision : format.quantumExponent - 1
    let error = try p.distance(from: y, inUnitsOfPowerOfTwo: unit)
    // Below all figures in ulps it is so in other units.
    let ulp = isNormal ? try p.floorExponent() - format.precision + 1 : format.quantumExponent
    let ulps = try p.distance(from: y, inUnitsOfPowerOfTwo: ulp).figure()
    if ulps <= 0x1p-1022 { return ulps }
    return (isNormal ? error.divided(by: p) : error).rationalFigure()
  }

  /// Adds the outputs of one lane.
  mutating func add<F: BinaryFloat, G: BinaryFloat>(_ logits: [F], _ outputs: [G], lane: Int) throws
  {
    lanes += 1
    elements += UInt64(outputs.count)
    let exact = ExactSoftmax.probabilities(of: logits)
    func isMismatch(_ index: Int) -> Bool {
      let y = outputs[index].exactDouble
      return !(y >= 0 && y < .infinity) || (exact[index].isZero && y != 0)
    }
    for (index, y) in outputs.enumerated() where !isMismatch(index) {
      finitePairs += 1
      if y.isZero, y.isNegative { negativeZeros += 1 }
      let value = y.exactDouble
      if try value == exact[index].nearest(G.self).exactDouble { correctlyRounded += 1 }
      if try value == exact[index].floor(G.self).exactDouble
        || value == exact[index].ceiling(G.self).exactDouble
      {
        faithful += 1
      }
      if exact[index].isZero {
        maxScaled.take(0, lane, index)
        continue
      }
      if value == 0 { zeros += 1 }
      let ulp = try exact[index].ulpExponent(G.self)
      let figure = try exact[index].distance(from: value, inUnitsOfPowerOfTwo: ulp).figure()
      if try exact[index].compare(G.format.leastNormal) >= 0 {
        normalCount += 1
        let scaled = try Self.scaled(exact[index], value, in: G.format)
        maxScaled.take(scaled, lane, index)
        maxScaledOfNormal.take(scaled, lane, index)
        maxUlp.take(figure, lane, index)
        maxUlpFlushToZero.take(figure, lane, index)
      } else {
        maxScaled.take(try Self.scaled(exact[index], value, in: G.format), lane, index)
        maxUlpSubnormal.take(figure, lane, index)
        maxUlpFlushToZero.take(value == 0 ? 0 : figure, lane, index)
      }
    }
    let wrong = outputs.indices.filter(isMismatch)
    for y in wrong.map({ outputs[$0].exactDouble }) {
      if y.isNaN {
        mismatchKinds.nan += 1
      } else if y.magnitude == .infinity {
        mismatchKinds.infinite += 1
      } else if y < 0 {
        mismatchKinds.negative += 1
      } else {
        mismatchKinds.masked += 1
      }
    }
    mismatches += UInt64(wrong.count)
    if !wrong.isEmpty { mismatchedLanes += 1 }
    guard wrong.isEmpty, !outputs.isEmpty else { return }

    let largest = logits.indices.max { logits[$0] < logits[$1] } ?? 0
    let ulp = try exact[largest].ulpExponent(G.self)
    for (index, y) in outputs.enumerated() {
      let error = try exact[index].distance(from: y.exactDouble, inUnitsOfPowerOfTwo: ulp)
      maxNormUlp.take(try error.figure(), lane, index)
    }
    let distances = try outputs.indices.map {
      try exact[$0].distance(from: outputs[$0].exactDouble, inUnitsOfPowerOfTwo: 0)
    }
    if !distances.isEmpty {
      let variation = ExactReal.sum(of: distances, timesPowerOfTwo: -1).rationalFigure()
      maxTotalVariation = max(maxTotalVariation ?? variation, variation)
    }
    var total = BigFloat(precision: 5000)
    total.assign(-1, .toNearestOrEven)
    for y in outputs { total.formSum(BigFloat(y.exactDouble), .toNearestOrEven) }
    total.formAbsoluteValue()
    let copy = BigFloat(copying: total)
    maxSumError.take(try ExactReal(lower: total, upper: copy).figure(), lane, 0)
  }
}
