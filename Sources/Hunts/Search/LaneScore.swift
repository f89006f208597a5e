import AuditRecords
import CLaneKernels
import ErrorMeasurement
import FloatFormats
import Oracle
import SoftmaxVariants

/// The score of a lane of outputs of a softmax: an estimate from above, by the filters.
///
/// Only what a search ends with is certified; on the way an estimate decides.
struct LaneScore<F: BinaryFloat, G: BinaryFloat> {
  let objective: SearchObjective
  let laneJudge: LaneJudge
  let oracle: SoftmaxOracle

  func score(_ logits: [F], _ outputs: [G]) throws -> ScoredLane {
    let lane = FilteredLane(EncodedLane(logits), in: G.format, oracle: oracle)
    guard lane.special == nil, !logits.isEmpty else { return ScoredLane() }
    if outputs.contains(where: { !$0.isFinite || $0.isNegative && !$0.isZero }) {
      var scored = ScoredLane()
      let promise = try laneJudge.promise(on: LaneProfile(logits))
      scored.isUndeclaredMismatch = !promise.isOutsideDomain
      scored.isUnjudged = promise.isOutsideDomain && laneJudge.leavesUnjudged(promise)
      return scored
    }
    var promise: LanePromise?
    if objective == .bound {
      let own = try laneJudge.promise(on: LaneProfile(logits))
      guard own.bounds != nil else { return ScoredLane(isUnjudged: laneJudge.leavesUnjudged(own)) }
      promise = own
    }
    if lane.isConstant { return ScoredLane(value: constantError(lane, outputs, promise)) }
    let encoded = EncodedLane(outputs)
    var largest: Double?
    var judged = Array(repeating: lane_element(), count: outputs.count)
    func judge(_ reference: UnsafePointer<lane_reference>, scale: Int) {
      encoded.withUnsafeBytes { bytes in
        judged.withUnsafeMutableBufferPointer {
          lane_judge(
            reference, G.format.kernelCode, bytes.baseAddress, 0, outputs.count, $0.baseAddress)
        }
      }
      for (index, found) in judged.enumerated() {
        let kind = Int(found.kind)
        if kind == LANE_ELEMENT_OPEN {
          largest = raised(largest, toErrorOf: outputs[index], lane, index, promise)
          continue
        }
        guard kind >= LANE_ELEMENT_NORMAL else { continue }
        var error = found.ulps
        if let limit = promise?.limit(at: index, isZero: outputs[index].isZero) {
          // 0/0 is no exceedance.
          guard found.distance > 0 else { continue }
          let part = found.distance.scaled(byPowerOfTwo: -scale) / limit.bound
          error = min(part, limit.largestRatio)
        } else if kind != LANE_ELEMENT_NORMAL {
          continue
        }
        largest = max(largest ?? 0, error)
      }
    }
    if lane.hasSingles {
      lane.withSingles { judge($0, scale: 0) }
    } else {
      lane.withPairs { judge($0, scale: Int(LANE_PAIR_SCALE)) }
    }
    return ScoredLane(value: largest)
  }

  /// The largest error of a lane of equal logits, whose exact value is rational.
  private func constantError(
    _ lane: FilteredLane, _ outputs: [G], _ promise: LanePromise?
  ) -> Double? {
    var largest: Double?
    for (index, y) in outputs.enumerated() {
      largest = raised(largest, toErrorOf: y, lane, index, promise)
    }
    return largest
  }

  /// The larger of an error and that of one output against the next tier of the oracle.
  private func raised(
    _ largest: Double?, toErrorOf y: G, _ lane: FilteredLane, _ index: Int, _ promise: LanePromise?
  ) -> Double? {
    let exact = lane.value(at: index)
    guard !exact.isZero, !exact.isUndecided, promise != nil || exact.isNormal else {
      return largest
    }
    var error = UlpError(of: y, against: exact).magnitudeUpperBound
    if let limit = promise?.limit(at: index, isZero: y.isZero), error > 0 {
      let part = error.scaled(byPowerOfTwo: Int(exact.quantumExponent)) / limit.bound
      error = min(part, limit.largestRatio)
    }
    return max(largest ?? 0, error)
  }
}
