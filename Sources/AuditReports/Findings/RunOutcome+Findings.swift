import AuditRecords
import Basics

extension RunOutcome {
  /// The findings on laws, which their table shows.
  ///
  /// - Parameter notMeasured: Things asked for that have no rows.
  package init(of laws: [PropertyRow], notMeasured: [String] = []) {
    self.init(notMeasured: notMeasured)
    add(.failed, if: laws.contains { $0.verdict == .failed })
    add(
      .notMeasured, if: laws.contains { $0.verdict == .undecided || $0.verdict == .notMeasured })
  }

  /// The findings in certificates.
  ///
  /// - Parameter limit: The largest error allowed in the normal range, in ULP.
  package init(
    of certificates: [ExhaustiveCertificate], maxUlp limit: Double? = nil,
    notMeasured: [String] = []
  ) {
    self.init(notMeasured: notMeasured)
    for certificate in certificates {
      let place = certificate.subject
      let isJudged = certificate.model != nil
      if let failure = certificate.failure {
        let sentence = "\(place): \(failure)"
        if isJudged { add(failure: sentence) } else { add(notMeasured: sentence) }
      }
      for seen in isJudged ? certificate.misconduct ?? [] : [] {
        add(failure: "\(place): \(seen)")
      }
      if let witness = certificate.undeclaredMismatch {
        add(
          failure:
            "\(place): lane \(witness.lane) does not match, and no declared domain excuses it")
      }
      if let witness = certificate.beyondTolerance {
        add(
          failure:
            "\(place): judged by what any sound \(certificate.operation) keeps to: lane \(witness.lane), index \(witness.index): \(witness.distanceText)"
        )
      }
      if certificate.isFailure, certificate.failure == nil, certificate.misconduct == nil,
        certificate.undeclaredMismatch == nil, certificate.beyondTolerance == nil
      {
        add(failure: "\(place): the largest error exceeds the bound")
      }
      if let limit, let worst = certificate.maxUlp?.value, !(worst <= limit) {
        add(failure: "\(place): \(worst) ulp exceed --max-ulp \(limit)")
      }
      if limit == nil, certificate.notJudged != nil {
        add(
          notMeasured:
            "\(place): the largest error is not judged, because the declared \(certificate.model ?? "model") has no bound on its lane; --max-ulp judges it"
        )
      }
      if certificate.undecided > 0 {
        add(
          notMeasured:
            "\(place): \(certificate.undecided) outputs are undecided at the oracle's precision cap"
        )
      }
    }
  }

  /// The findings of searches.
  ///
  /// - Parameter limit: The largest error allowed in the normal range, in ULP.
  package init(
    of searches: [SearchRow], maxUlp limit: Double? = nil, notMeasured: [String] = []
  ) {
    self.init(notMeasured: notMeasured)
    for row in searches {
      let place = "\(row.implementation) in \(row.formatPair), length \(row.length)"
      if let failure = row.failure { add(failure: "\(place): \(failure)") }
      if row.mismatch != nil {
        add(failure: "\(place): an output does not match, and no declared domain excuses it")
      }
      if row.isFailure, row.failure == nil, row.mismatch == nil {
        let ratio = [row.found, row.random, row.constructed].compactMap { $0?.ratio?.value }.max()
        add(failure: "\(place): an error is \(ratio ?? .nan) times what it may be at most")
      }
      if let limit, let ulp = row.found?.ulp?.value, !(abs(ulp) <= limit) {
        add(failure: "\(place): \(abs(ulp)) ulp exceed --max-ulp \(limit)")
      }
      if let count = row.notJudged {
        add(
          notMeasured:
            "\(place): \(count) \(count == 1 ? "lane is" : "lanes are") not judged, because \(row.reasonWithoutBound)"
        )
      }
      if row.found == nil, row.failure == nil {
        add(notMeasured: "\(place): no lane had an error to measure")
      }
    }
  }

  /// The findings of an inference, which its text shows.
  package init(of findings: [InferenceFinding], notMeasured: [String]) {
    self.init(notMeasured: notMeasured)
    add(.failed, if: findings.contains { $0.objection != nil })
    add(.notMeasured, if: findings.contains { $0.notMeasured != nil })
  }

  /// The survivors and false alarms in a kill matrix, which its text shows.
  package init(of matrix: KillMatrix) {
    self.init()
    add(.failed, if: !matrix.survivors.isEmpty || !matrix.falseAlarms.isEmpty)
    add(.notMeasured, if: matrix.sound.contains { !$0.notMeasured.isEmpty })
  }

  /// The verdict of a gate, which its text shows.
  package init(of gate: GateResult) {
    self.init()
    add(.failed, if: gate.verdict == .failed)
    add(.notMeasured, if: gate.verdict == .notMeasured)
  }

  /// The verdict of a report, which it shows.
  package init(of sources: ReportSources) {
    self.init()
    switch sources.outcome {
    case .failed: add(.failed)
    case .undecided, .nothingMeasured: add(.notMeasured)
    case .notJudged, .passed: break
    }
  }
}

extension ExhaustiveCertificate.Witness {
  /// The distance of the output from the exact value, and the permitted one.
  fileprivate var distanceText: String {
    "computed \(computed), \(FigureText.maximum(ulp.map { abs($0.value) })) ulp off, where "
      + "\(FigureText.maximum(bound?.value)) are the most"
  }
}
