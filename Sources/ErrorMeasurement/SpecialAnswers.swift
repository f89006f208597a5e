import AuditRecords
import AuditedOperations
import FloatFormats
import Oracle

/// Counts what an implementation makes of special lanes, whatever the policy asks for.
package struct SpecialAnswers {
  private var counts: [[UInt64]] = SpecialOutput.Lane.allCases.map { _ in
    Array(repeating: 0, count: SpecialOutput.Answer.allCases.count)
  }

  package init() {}

  /// Counts the outputs of one special lane.
  package mutating func add<G: BinaryFloat>(_ outputs: some Collection<G>, to special: SpecialLane)
  {
    let lane: SpecialOutput.Lane =
      switch special {
      case .holdsNaN: .nan
      case .holdsInfinity: .infinity
      case .fullyMasked: .onlyNegativeInfinity
      }
    let answer = Self.answer(outputs)
    for (row, kind) in SpecialOutput.Lane.allCases.enumerated() where kind == lane {
      for (column, one) in SpecialOutput.Answer.allCases.enumerated() where one == answer {
        counts[row][column] += 1
      }
    }
  }

  private static func answer<G: BinaryFloat>(
    _ outputs: some Collection<G>
  ) -> SpecialOutput.Answer {
    let nans = outputs.count { $0.isNaN }
    if nans > 0 { return nans == outputs.count ? .nanEverywhere : .nanSomewhere }
    let zeros = outputs.count { $0.isZero }
    if zeros == outputs.count { return .zeros }
    if zeros == outputs.count - 1, outputs.contains(where: { $0 == .one }) { return .oneHot }
    if let first = outputs.first, first.isFinite, outputs.allSatisfy({ $0 == first }) {
      return .uniform
    }
    return .other
  }

  /// The answers that were seen, in a fixed order; `nil` where there was no special lane.
  package var seen: [SpecialOutput]? {
    var outputs: [SpecialOutput] = []
    for (row, lane) in SpecialOutput.Lane.allCases.enumerated() {
      for (column, answer) in SpecialOutput.Answer.allCases.enumerated()
      where counts[row][column] > 0 {
        outputs.append(SpecialOutput(lane: lane, answer: answer, lanes: counts[row][column]))
      }
    }
    return outputs.isEmpty ? nil : outputs
  }
}
