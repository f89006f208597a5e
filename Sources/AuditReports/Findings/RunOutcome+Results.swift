import AuditRecords
import AuditedOperations
import Basics
import FloatFormats

extension RunOutcome {
  /// The findings in the accuracy of results: cells that fail by their own declaration or by the
  /// limit.
  ///
  /// - Parameter notMeasured: Things asked for that have no rows in the results.
  package init(of results: AuditResults, notMeasured: [String] = []) {
    let isSilent = results.judging?.judge == .nothing
    var notMeasured = notMeasured
    var findings = FailureLines()
    var conduct = Set<[String]>()
    var uncalled: [(place: String, implementation: String, reason: String, more: Int)] = []
    for row in results.accuracy {
      if let failure = row.failure, failure.kind == .notMeasured {
        // An implementation that was given up is given up for all that follows.
        if let index = uncalled.firstIndex(where: {
          $0.implementation == row.implementation && $0.reason == failure.explanation
        }) {
          uncalled[index].more += 1
        } else {
          uncalled.append((row.place, row.implementation, failure.explanation, 0))
        }
      }
      // What a library did when it was loaded shows in every call; once is enough.
      for seen in isSilent ? [] : row.misconduct ?? [] {
        if conduct.insert([row.implementation, row.inputFormat.rawValue, seen.explanation]).inserted
        {
          findings.add(seen.explanation, of: row)
        }
      }
      let objections = isSilent ? [] : Self.objections(to: row, results.judging)
      if !objections.isEmpty {
        findings.add(objections.joined(separator: "; "), of: row)
      }
      if isSilent, let failure = row.failure, failure.kind != .notMeasured {
        notMeasured.append(
          "\(row.place): \(failure.kind.rawValue): \(failure.explanation)")
      }
      if row.withoutBound > 0 {
        notMeasured.append(
          "\(row.place): \(row.withoutBound) outputs are not judged, because \(row.reasonWithoutBound)"
        )
      }
      if row.undecided > 0 {
        notMeasured.append(
          "\(row.place): \(row.undecided) outputs are undecided at the oracle's precision cap"
        )
      }
    }
    if let limit = results.judging?.maxUlp?.value,
      !results.accuracy.contains(where: { $0.maxUlp != nil })
    {
      notMeasured.append(
        "--max-ulp \(limit) is about outputs whose exact value is normal, and there are none")
    } else if let limit = results.judging?.maxSteps?.value,
      !results.accuracy.contains(where: { $0.maxSteps != nil })
    {
      notMeasured.append("--max-steps \(limit) is about quantised outputs, and there are none")
    } else if !isSilent, let row = results.accuracy.first,
      results.accuracy.allSatisfy(\.isFileWithoutLanes)
    {
      notMeasured.append("\(row.place): there are no outputs to judge")
    }
    notMeasured += uncalled.map { cell in
      let more = cell.more > 0 ? " and \(FigureText.counted(UInt64(cell.more), "more cell"))" : ""
      return "\(cell.place)\(more): \(cell.reason)"
    }
    self.init(failures: findings.lines, notMeasured: notMeasured)
  }

  private static func objections(
    to row: AccuracyRow, _ judging: MeasurementJudging?
  ) -> [String] {
    var objections: [String] = []
    for limit in row.exceededLimits(of: judging) {
      guard let worst = row.figures[limit.figure] else { continue }
      objections.append(
        "\(worst.value) \(limit.figure.unit.rawValue) exceed \(limit.option) \(limit.most)")
    }
    let exceedance = ExceedanceText(judging)
    let sentence = exceedance.sentence(about: row)
    if let sentence { objections.append(sentence) }
    if let failure = row.failure {
      if row.mismatchesInDomain > 0 || row.isUnanswered {
        objections.append("\(failure.kind.rawValue): \(failure.explanation)")
      }
    } else if row.mismatchesInDomain > 0 {
      objections.append(
        (row.mismatchSentence ?? "")
          + (judging?.declare != nil && judging?.declare != "none"
            ? ", and the declared domain excuses none of them" : ""))
      if sentence == nil { objections += exceedance.remarks(row) }
    }
    return objections
  }
}

extension AccuracyRow {
  /// Whether the logits are somebody's file, and it holds no lane.
  ///
  /// A batch that was lost on its way is no pass. Lanes without a logit were meant to be so.
  fileprivate var isFileWithoutLanes: Bool {
    self.family.hasPrefix("file:") && self.lanes == 0 && self.elements == 0 && self.failure == nil
  }

  /// The cell of the row in words.
  var place: String {
    "\(scope.subject) in \(formatPair), \(self.family), length \(self.length)"
  }
}
