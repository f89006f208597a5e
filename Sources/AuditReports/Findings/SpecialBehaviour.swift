import AuditRecords
import Basics

/// The outputs of implementations for lanes that have no softmax; those that do the same stand
/// together.
struct SpecialBehaviour {
  let nan: String
  let infinity: String
  let masked: String
  /// Lanes whose outputs do not follow the policy.
  let lanesAgainstPolicy: UInt64
  private(set) var summaries: [AccuracySummary]

  static func all(of summaries: [AccuracySummary]) -> [SpecialBehaviour] {
    var groups: [SpecialBehaviour] = []
    for summary in summaries {
      guard let one = SpecialBehaviour(summary) else { continue }
      if let place = groups.firstIndex(where: { $0.key == one.key }) {
        groups[place].summaries += one.summaries
      } else {
        groups.append(one)
      }
    }
    return groups
  }

  private init?(_ summary: AccuracySummary) {
    let rows = summary.rows.filter { $0.specialOutputs != nil }
    guard !rows.isEmpty else { return nil }
    func text(_ lane: SpecialOutput.Lane) -> String {
      var counts: [SpecialOutput.Answer: UInt64] = [:]
      for output in rows.flatMap({ $0.specialOutputs ?? [] }) where output.lane == lane {
        counts[output.answer] = (counts[output.answer] ?? 0).addingCapped(output.lanes)
      }
      let seen = SpecialOutput.Answer.allCases.filter { counts[$0] != nil }
      return seen.isEmpty ? "not measured" : seen.map(\.words).joined(separator: ", or ")
    }
    nan = text(.nan)
    infinity = text(.infinity)
    masked = text(.onlyNegativeInfinity)
    lanesAgainstPolicy = rows.reduce(0) { $0.addingCapped($1.mismatchedLanes) }
    summaries = [summary]
  }

  private var key: [String] { [nan, infinity, masked, "\(lanesAgainstPolicy)"] }

  /// The names, by heading.
  var who: String {
    summaries.map(\.heading).uniqued().map { heading in
      let names = summaries.filter { $0.heading == heading }.map(\.shortName)
      return "\(heading): \(Self.folded(names))"
    }.joined(separator: "; ")
  }

  /// All names, those of one algorithm folded into one where they are several.
  private static func folded(_ names: [String]) -> String {
    func algorithm(_ name: String) -> Substring { name.prefix { $0 != "/" } }
    return names.map { String(algorithm($0)) }.uniqued().map { prefix in
      let group = names.filter { algorithm($0) == prefix }
      return group.count > 1
        ? "\(prefix)/{\(group.map { $0.dropFirst(prefix.count + 1) }.joined(separator: ", "))}"
        : group[0]
    }.joined(separator: ", ")
  }
}

extension SpecialOutput.Answer {
  /// The behaviour in words.
  var words: String {
    switch self {
    case .nanEverywhere: "NaN everywhere"
    case .nanSomewhere: "NaN somewhere"
    case .zeros: "zeros"
    case .uniform: "one number everywhere"
    case .oneHot: "1 at one place, 0 elsewhere"
    case .other: "something else"
    }
  }
}
