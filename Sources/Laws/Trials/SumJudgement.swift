import AuditedOperations
import ErrorMeasurement
import FloatFormats
import PropertyTesting

extension LawTrial {
  /// Judges that the outputs of a lane sum to one, within the sum of what is tolerated of each;
  /// keeps all where they are no distribution.
  func judgeSum(
    _ outputs: [Double], lane: [Double], _ notes: inout Observations
  ) throws -> LawOutcome {
    guard subject.operation.output.isDistribution else { return .kept }
    guard let tolerance = try tolerance(of: lane) else {
      return .inapplicable(reasonWithoutTolerance(of: lane))
    }
    if let violation = try rangeViolation(outputs) { return .broken(violation) }
    var sum = LaneSum()
    for y in outputs { sum.add(number: y) }
    var allowed = 0.0
    for index in outputs.indices {
      // A zero in place of a result that may be flushed is off by that result.
      let isFlushed =
        outputs[index] == 0 && !tolerance.mayVanish.isEmpty && tolerance.mayVanish[index]
      allowed +=
        isFlushed ? subject.output.leastNormal + tolerance.bounds[index] : tolerance.bounds[index]
    }
    let defect = sum.approximateDefect() * (1 - 0x1p-30)
    let ratio = defect == 0 ? 0 : defect / (allowed * (1 + 0x1p-30))
    notes.score(ratio)
    guard ratio > 1 else { return .kept }
    return .broken(
      Violation(
        "the outputs sum to a number \(defect) away from 1, where \(allowed) is tolerated",
        kind: "sum", severity: ratio))
  }
}
