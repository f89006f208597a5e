import AuditRecords
import AuditedOperations

/// The conclusion about one implementation in one pair of formats.
enum Standing: Sendable, Comparable {
  case passed
  case notJudged
  case undecided
  case failed

  /// The word in tables.
  var word: String {
    switch self {
    case .passed: "passed"
    case .notJudged: "not judged"
    case .undecided: "undecided"
    case .failed: "FAILED"
    }
  }
}

extension AccuracySummary {
  /// The role of the outputs in words.
  private var role: String { operation.output.role }

  /// The conclusion from everything that was measured and checked; a gate has the last word.
  var standing: Standing {
    if let policyStanding { return policyStanding }
    if isFailure || !brokenLaws.isEmpty { return .failed }
    let isOpen = laws.contains { $0.verdict == .undecided || $0.verdict == .notMeasured }
    // Calls without an answer fail; where nothing is judged, they are no figures all the same.
    if undecided > 0 || withoutBound > 0 || isOpen || rows.contains(where: { $0.failure != nil }) {
      return .undecided
    }
    return isJudged ? .passed : .notJudged
  }

  /// The faults of the accuracy and of laws, each in a clause that follows a name; empty where
  /// there are none.
  var complaints: [String] {
    let wrong = rows.filter { $0.isFailure(under: judging) }
    let models = wrong.filter(\.exceedsBound).compactMap { $0.bound?.model }
    var clauses: [String] = []
    if models.contains(MeasurementJudging.undeclared) {
      clauses.append("errs by more than a sound \(operation) can")
    }
    if models.contains(where: { $0 != MeasurementJudging.undeclared }) {
      clauses.append("errs by more than the bound that it declares")
    }
    if wrong.contains(where: { !$0.exceededLimits(of: judging).isEmpty }) {
      clauses.append("errs by more than the limit that was set")
    }
    let mismatched = wrong.filter { $0.mismatchesInDomain > 0 }
    if mismatched.contains(where: { $0.failure == nil }) {
      clauses.append("gives outputs that are no \(role)")
    }
    let kinds: [(AccuracyRow.Failure.Kind, String)] = [
      (.crash, "crashes"), (.hang, "does not answer in time"), (.refusal, "refuses calls"),
      (.rubbish, "answers with rubbish"),
    ]
    clauses += kinds.filter { kind in mismatched.contains { $0.failure?.kind == kind.0 } }.map(\.1)
    if wrong.contains(where: { $0.misconduct != nil }) {
      clauses.append("does what no \(operation) may do")
    }
    if !brokenLaws.isEmpty {
      clauses.append("breaks \(FigureText.counted(UInt64(brokenLaws.count), "law"))")
    }
    return clauses
  }

  /// The place of the largest error; `nil` where no row has one.
  var placeOfMaximum: String? {
    let leading = self.leading
    guard let value = self[leading] else { return nil }
    let row = rows.first { row in
      row.figures[leading].map { $0.value == value || $0.value.isNaN && value.isNaN } ?? false
    }
    return row.map { "\($0.family), length \($0.length)" }
  }

  /// That a maximum rests on few outputs, where most exact values are below the normal range.
  var scarcity: String? {
    guard isMostlySubnormal else { return nil }
    let zeros = zeros.map { ", and \(FigureText.share($0)) % of the outputs are 0" } ?? ""
    return
      "the largest error is of \(FigureText.count(normalPairs)) of "
      + "\(FigureText.counted(finitePairs, "output")): the exact values of the others are below the normal range\(zeros)"
  }

  /// The same with the name before it.
  var scarcitySentence: String? {
    scarcity.map { "\(named(implementation)) in \(formatPair): \($0)." }
  }
}

extension Standing {
  /// The conclusion from judgements of a gate together; where there are none, the policy leaves it
  /// out.
  init(_ judgements: [GateResult.Judgement]) {
    if judgements.contains(where: \.isFailure) {
      self = .failed
    } else if judgements.contains(where: { $0.verdict == .notMeasured || $0.verdict == .undecided })
    {
      self = .undecided
    } else {
      self = judgements.isEmpty ? .notJudged : .passed
    }
  }
}
