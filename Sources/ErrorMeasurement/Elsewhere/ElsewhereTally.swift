import AuditRecords
import FloatFormats
import Oracle

/// The number of outputs that each tolerance in use would have rejected: a commutative monoid.
///
/// Lanes that have no value are not judged; what tests make of NaN differs with every one of their
/// options.
package struct ElsewhereTally: Sendable, Equatable {
  /// The tolerances that outputs are judged by.
  let tolerances: [ToleranceInUse]
  /// The outputs that were judged.
  var judged: UInt64 = 0
  /// The outputs that each of them rejects.
  var rejected: [UInt64]
  /// The outputs that the oracle left open at its precision cap.
  var undecided: [UInt64]

  init(_ tolerances: [ToleranceInUse]) {
    self.tolerances = tolerances
    rejected = Array(repeating: 0, count: tolerances.count)
    undecided = rejected
  }

  package mutating func merge(_ other: ElsewhereTally) {
    judged += other.judged
    for index in rejected.indices {
      rejected[index] += other.rejected[index]
      undecided[index] += other.undecided[index]
    }
  }

  /// The counts in results for the tolerances that cover a format; `nil` where nothing was judged.
  func counts(in format: FloatFormat) -> [ElsewhereCount]? {
    guard judged > 0 else { return nil }
    return tolerances.indices.filter { tolerances[$0].covers(format) }.map {
      ElsewhereCount(
        tolerance: tolerances[$0].name, judged: judged, rejected: rejected[$0],
        undecided: undecided[$0])
    }
  }
}

/// Judges the outputs for a set of lanes by the tolerances in use.
package struct ElsewhereMeasurement<Lane: ExactLane> {
  private let references: LazyLanes<Lane>
  private let tolerances: [ToleranceInUse]
  private let intervals: [MagnitudeIntervals?]
  private let oracle: SoftmaxOracle

  /// - Parameters:
  ///   - references: The exact lanes, in the format of the outputs.
  ///   - tolerances: Those to judge by.
  package init(
    _ references: LazyLanes<Lane>, by tolerances: [ToleranceInUse], oracle: SoftmaxOracle
  ) {
    self.references = references
    self.tolerances = tolerances
    self.oracle = oracle
    intervals = references.map { $0.special == nil ? MagnitudeIntervals(of: $0) : nil }
  }

  /// Judges all outputs.
  ///
  /// - Parameter outputs: Those of each lane.
  package func tally(_ outputs: EncodedLanes) -> ElsewhereTally {
    var tally = ElsewhereTally(tolerances)
    for (number, lane) in outputs.enumerated() {
      guard let intervals = intervals[number] else { continue }
      tally.judged += UInt64(lane.count)
      let values = lane.values
      let places = values.indices.map {
        lane.format.orderedIndex(of: intervals.signs[$0] * values[$0])
      }
      for (place, tolerance) in tolerances.enumerated() {
        guard let rule = tolerance.rule(lane.format) else { continue }
        let conditions = AcceptanceCondition.all(of: rule, length: lane.count)
        let (first, second) = (conditions[0], conditions.count > 1 ? conditions[1] : nil)
        for index in values.indices {
          let isInfinite = intervals.lower[index] == .infinity
          guard values[index].isFinite, !isInfinite else {
            let isRight = isInfinite && values[index] == intervals.signs[index] * .infinity
            if !isRight { tally.rejected[place] += 1 }
            continue
          }
          // The tolerances know no sign: that of the exact value is taken off both.
          let y = intervals.signs[index] * values[index]
          let element = IntervalJudgement(
            y: y, lower: intervals.lower[index], upper: intervals.upper[index],
            place: places[index], lowerPlace: intervals.lowerPlaces[index],
            upperPlace: intervals.upperPlaces[index])
          var acceptance = element.judge(first)
          if let second { acceptance = acceptance.or(element.judge(second)) }
          if acceptance == .open {
            let exact = ExactJudgement(
              y: y, lane: references[number], index: index, oracle: oracle)
            acceptance = conditions.reduce(.rejected) { $0.or(exact.judge($1)) }
          }
          switch acceptance {
          case .accepted: break
          case .rejected: tally.rejected[place] += 1
          case .open: tally.undecided[place] += 1
          }
        }
      }
    }
    return tally
  }
}
