import AuditRecords

/// The questions of a policy, and those that were answered with no.
struct GateSection: PagePart {
  /// The number of judgements that are told; all are in the results.
  private static let shown = 100

  /// A judgement that is no pass.
  struct Row: PagePart {
    let place: String
    let name: String
    let figure: String
    let budget: String
    let measured: String
    let verdict: String
    let kind: String

    init(_ judgement: GateResult.Judgement, _ gate: GateResult) {
      place = "\(gate.policy):\(judgement.line)"
      name = GateTextReport.name(judgement)
      figure = GateTextReport.subject(judgement)
      budget = judgement.budget
      measured = GateTextReport.measured(judgement)
      verdict = GateTextReport.verdict(judgement.verdict).lowercased()
      kind = judgement.isFailure ? "up" : ""
    }
  }

  /// A reason for the red gate, as a card: the violations that one fault explains.
  struct Failure: PagePart {
    let isOpen: Bool
    let place: String
    let name: String
    let figure: String
    let sentences: [String]
    let command: String?

    init(_ failures: [GateResult.Judgement], _ gate: GateResult, isOpen: Bool) {
      self.isOpen = isOpen
      let judgement = failures[0]
      place = "\(gate.policy):\(judgement.line)"
      name = GateTextReport.name(of: failures)
      figure = GateTextReport.subject(of: failures)
      sentences =
        GateTextReport.demands(of: failures) + [judgement.message ?? ""]
        + (judgement.cause.map { ["Cause: \($0)."] } ?? [])
      command = judgement.replay
    }
  }

  let title: String
  let anchor: String
  let summary: String
  let rows: [Row]
  let failures: [Failure]
  let remarks: [String]

  /// The sections of all files that hold the verdict of a gate.
  static func all(of sources: ReportSources) -> [GateSection] {
    sources.labelled.compactMap { label, source in
      source.results.gate.map { GateSection($0, label) }
    }
  }

  private init(_ gate: GateResult, _ label: String?) {
    let told = gate.judgements.filter { $0.verdict != .passed }
    var remarks = gate.exclusions.map { GateTextReport.sentence(of: $0, in: gate) }
    remarks += gate.notMeasured.map { "Not measured: \($0)" } + gate.notes
    if told.count > Self.shown {
      remarks.append("\(told.count - Self.shown) more are in the results.")
    }
    self.remarks = remarks
    title = "Gate: \(gate.policy)" + (label.map { " · \($0)" } ?? "")
    anchor = "gate" + (label ?? "")
    summary = GateTextReport.summary(gate)
    rows = told.prefix(Self.shown).map { Row($0, gate) }
    failures = GateTextReport.groups(of: told.filter(\.isFailure)).prefix(Self.shown).enumerated()
      .map { Failure($1, gate, isOpen: $0 == 0) }
  }
}
