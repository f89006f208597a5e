import AuditRecords
import AuditedOperations
import Basics
import FloatFormats
import Laws
import Oracle
import PropertyTesting
import SoftmaxVariants

/// Judges what was measured by a policy.
package struct Gate: Sendable {
  package let policy: Policy
  /// The words of a command line that select an implementation; nil where nobody knows them.
  private let words: @Sendable (String) -> [String]?

  package init(_ policy: Policy, words: @escaping @Sendable (String) -> [String]?) {
    self.policy = policy
    self.words = words
  }

  /// The cells that one budget is judged on.
  private struct Group: Hashable {
    var question: Policy.Question
    var scope: RowScope
  }

  /// The rows of a group.
  fileprivate struct Tally {
    var rows: [AccuracyRow] = []
    var settings: [PolicySettings] = []
    var withoutFigure: UInt64 = 0
    var worst: (row: Int, value: Double)?
    var undecided: UInt64 = 0
    var notMeasured: [String] = []
  }

  /// The verdict on rows.
  ///
  /// - Parameters:
  ///   - cells: All cells that there are, whether the policy asks for them or not.
  ///   - scopes: All scopes that there are.
  ///   - run: For a results file, what it was measured with; nil where the rows were measured for
  ///     this policy.
  ///   - wanted: For a results file, the cells that the policy would have measured, with their
  ///     numbers of lanes.
  ///   - implementations: Those that were to be measured, as ``RowScope/subject`` names them.
  package func judge(
    accuracy: [AccuracyRow], properties: [PropertyRow], cells: [PolicyCell],
    scopes: [RowScope], run: AuditResults? = nil, wanted: [PolicyCell: Int] = [:],
    implementations: [String]
  ) -> GateResult {
    var judgements: [GateResult.Judgement] = []
    var exclusions: [Int: GateResult.Exclusion] = [:]
    var notMeasured = missing(accuracy, wanted, scopes)
    var notes: [String] = []
    var judged = Set<String>()
    func exclude(_ rule: Int, _ count: (inout GateResult.Exclusion) -> Void) {
      count(&exclusions[rule, default: .init(rule: rule, cells: 0, lawScopes: 0)])
    }

    for cell in cells {
      let asked = policy.questions(for: cell)
      for rule in asked.exclusions { exclude(rule) { $0.cells += 1 } }
      if asked.needsMeasurement || !asked.exclusions.isEmpty {
        judged.formUnion([cell.scope.subject, cell.scope.withoutParameters.subject])
      }
    }
    var order: [Group] = []
    var tallies: [Group: Tally] = [:]
    for row in accuracy {
      let cell = row.cell
      let asked = policy.questions(for: cell)
      let settings = policy.settings(for: cell)
      for question in asked.questions {
        let group = Group(question: question, scope: cell.scope)
        if tallies[group] == nil { order.append(group) }
        tallies[group, default: Tally()].add(
          row, question, settings, run, lanes: wanted[cell], byThisPolicy: isOwn(run))
      }
    }
    for group in order.sorted(by: isEarlier) {
      guard let tally = tallies[group] else { continue }
      judgements.append(judgement(group, tally, run))
      if let note = excuses(group, tally) { notes.append(note) }
    }

    let byScope = Dictionary(grouping: properties, by: \.scope)
    for scope in scopes {
      let asked = policy.questions(for: scope)
      if let rule = asked.exclusion { exclude(rule) { $0.lawScopes += 1 } }
      if !asked.laws.isEmpty || asked.exclusion != nil {
        judged.formUnion([scope.subject, scope.withoutParameters.subject])
      }
      let rows = byScope[scope] ?? []
      for question in asked.laws {
        if let row = rows.first(where: { $0.law == question.law }) {
          judgements.append(judgement(question, scope, row, run))
        } else if question.isLiteral
          || run != nil && !Law.mayNotApply(question.law, to: scope.implementation, in: run)
        {
          // A check leaves out what was chosen by its grade and does not apply.
          judgements.append(judgement(question, scope, nil, run))
        }
      }
    }

    for name in implementations.uniqued() where !judged.contains(name) {
      notMeasured.append("\(name): no rule of \(policy.name) gives it a budget")
    }
    let verdict: GateResult.Verdict =
      if judgements.contains(where: { $0.verdict == .failed }) {
        .failed
      } else if !notMeasured.isEmpty || judgements.isEmpty
        || judgements.contains(where: { $0.verdict == .notMeasured || $0.verdict == .undecided })
      {
        .notMeasured
      } else {
        .passed
      }
    if judgements.isEmpty { notMeasured.append("\(policy.name): nothing was judged") }
    return GateResult(
      policy: policy.name, verdict: verdict,
      rules: policy.rules.map {
        .init(
          line: $0.place.line, column: $0.place.column, selection: $0.selector.summary,
          reason: $0.reason)
      }, judgements: judgements,
      exclusions: exclusions.values.sorted { $0.rule < $1.rule }, notMeasured: notMeasured,
      notes: notes)
  }

  /// Whether results were judged by this very policy when they were written.
  private func isOwn(_ run: AuditResults?) -> Bool {
    policy.digest != nil && run?.gate?.policyDigest == policy.digest
  }

  /// The cells that the policy would have measured and results do not have, a sentence for each
  /// scope.
  private func missing(
    _ rows: [AccuracyRow], _ wanted: [PolicyCell: Int], _ scopes: [RowScope]
  ) -> [String] {
    let present = Set(rows.map(\.cell))
    let absent = Dictionary(grouping: wanted.keys.filter { !present.contains($0) }, by: \.scope)
    return scopes.uniqued().compactMap { scope in
      let cells = (absent[scope] ?? []).sorted { ($0.family, $0.length) < ($1.family, $1.length) }
      guard let first = cells.first else { return nil }
      let pair =
        scope.input == scope.output
        ? scope.input.rawValue : "\(scope.input.rawValue) to \(scope.output.rawValue)"
      let more = cells.count > 1 ? " and \(Self.moreCells(cells.count - 1))" : ""
      return
        "\(scope.subject) in \(pair): the policy asks for \(first.family), length \(first.length)\(more), which the results do not have"
    }
  }

  private static func moreCells(_ count: Int) -> String {
    count == 1 ? "1 more cell" : "\(count) more cells"
  }

  /// The part of a group that a declared domain excuses, in one sentence; `nil` where it excuses
  /// nothing.
  private func excuses(_ group: Group, _ tally: Tally) -> String? {
    guard group.question.figure == .mismatches, !group.question.countsExcused else { return nil }
    let excused = tally.rows.reduce(0) { $0 + $1.mismatches - $1.mismatchesInDomain }
    guard excused > 0 else { return nil }
    let models = Set(tally.rows.compactMap(\.bound?.model)).sorted().joined(separator: ", ")
    let elements = tally.rows.reduce(0) { $0 + $1.elements }
    return
      "\(group.scope.implementation) in \(group.scope.input.rawValue): \(excused) of \(elements) outputs match nothing, in lanes that the bound of \(models) leaves out"
  }

  /// By rule, then figure; implementations stay in the order of the rows.
  private func isEarlier(_ a: Group, _ b: Group) -> Bool {
    func rank(_ group: Group) -> Int {
      PolicyFigure.allCases.firstIndex(of: group.question.figure) ?? 0
    }
    return (a.question.rule, rank(a)) < (b.question.rule, rank(b))
  }

  // MARK: Figures

  private func judgement(
    _ group: Group, _ tally: Tally, _ run: AuditResults?
  ) -> GateResult.Judgement {
    let question = group.question
    let figure = question.figure
    let rule = policy.rules[question.rule]
    let place = rule.place(of: figure.rawValue)
    let limit =
      switch question.limit {
      case .number(let number): number
      case .bound(let factor): factor
      }
    var result = GateResult.Judgement(
      rule: question.rule, line: place.line, column: place.column,
      implementation: group.scope.implementation, inputFormat: group.scope.input,
      outputFormat: group.scope.output, operation: group.scope.operation,
      parameters: group.scope.parameters, subject: figure.rawValue, isLaw: false,
      regime: question.regime, budget: question.limit.text,
      limit: Figure(limit), count: UInt64(tally.rows.count), withoutFigure: tally.withoutFigure,
      verdict: .passed)
    if let worst = tally.worst {
      let row = tally.rows[worst.row]
      result.measured = Figure(worst.value)
      result.margin = Self.margin(worst.value, limit, isFloor: figure.isFloor).map { Figure($0) }
      (result.family, result.length) = (row.family, row.length)
      let isKept = figure.isFloor ? worst.value >= limit : worst.value <= limit
      if !isKept {
        result.verdict = .failed
        result.message = Self.sentence(question, row, worst.value, limit)
        result.cause = LikelyCause.sentence(
          question, worst: row, rows: tally.rows, underflow: tally.settings[worst.row].underflow)
        result.replay = replay(question, row, tally.settings[worst.row], limit, run)
      }
    }
    if result.verdict == .passed {
      if tally.undecided > 0 {
        result.verdict = .undecided
        result.message = "\(tally.undecided) outputs are undecided at the oracle's precision cap"
      }
      if let reason = tally.notMeasured.first {
        let more = tally.notMeasured.count - 1
        result.verdict = .notMeasured
        result.message = reason + (more > 0 ? ", and \(Self.moreCells(more))" : "")
      } else if tally.worst == nil, figure != .mismatches {
        result.verdict = .notMeasured
        result.message =
          question.limit.isBound
          ? "no lane has a bound: nothing is known to be within it"
          : "no cell has outputs that the figure is over"
      }
    }
    if let expecting = question.expecting {
      expect(policy.rules[expecting], figure.rawValue, &result)
    }
    return result
  }

  /// Turns the verdict around where a failure is expected.
  private func expect(
    _ rule: PolicyRule, _ name: String, _ result: inout GateResult.Judgement
  ) {
    switch result.verdict {
    case .failed:
      result.verdict = .waived
      result.message = "expected: \(rule.reason); \(result.message ?? "")"
    case .passed:
      result.verdict = .failed
      result.message =
        "\(name) is expected to fail and does not (\(rule.reason)): remove the expectation"
      result.cause = nil
      let place = rule.expectedFailures.first { $0.name == name }?.place ?? rule.place
      (result.line, result.column) = (place.line, place.column)
    case .waived, .notMeasured, .undecided: break
    }
  }

  /// The part of a budget that is left.
  static func margin(_ value: Double, _ limit: Double, isFloor: Bool) -> Double? {
    if value == limit { return 0 }
    guard limit != 0, value.isFinite else { return isFloor ? nil : -.infinity }
    return isFloor ? (value - limit) / limit : (limit - value) / limit
  }

  private static func sentence(
    _ question: Policy.Question, _ row: AccuracyRow, _ value: Double, _ limit: Double
  ) -> String {
    let place = "\(row.family), length \(row.length)"
    switch question.figure {
    case .mismatches:
      if let failure = row.failure {
        return
          "\(place): \(UnansweredCall.sentence(kind: failure.kind.rawValue, explanation: failure.explanation))"
      }
      let conduct = (row.misconduct ?? []).map(\.explanation)
      let count = Self.mismatches(question, row)
      let outputs = count > 0 ? [MismatchSentence.text(of: count, in: row)] : []
      return "\(place): " + (outputs + conduct).joined(separator: "; ")
    case let figure where figure.descriptor == .correctlyRounded:
      return "\(place): a share of \(value) is correctly rounded, at least \(limit) is demanded"
    case .maxUlp:
      let what: String
      if question.limit.isBound {
        let model = row.bound?.model ?? MeasurementJudging.undeclared
        let bound =
          model == MeasurementJudging.undeclared
          ? "what is tolerated of a softmax that declares nothing" : "the bound of \(model)"
        what =
          "the error is \(value) times \(bound)" + (limit == 1 ? "" : ", \(limit) is allowed")
      } else {
        what = "the error is \(value) ulp, \(question.limit.text) is allowed"
      }
      return "\(place): \(what)" + element(witness(of: question, in: row))
    default:
      return
        "\(place): \(question.figure.rawValue) is \(value), \(question.limit.text) is allowed"
        + element(witness(of: question, in: row))
    }
  }

  /// The element that has the figure; nil where results keep none.
  private static func witness(
    of question: Policy.Question, in row: AccuracyRow
  ) -> AccuracyRow.Witness? {
    switch question.figure.descriptor {
    case .maxUlp: question.limit.isBound ? row.worstOfBound(in: question.regime) : row.worst
    case .maxScaled: row.worstScaled
    default: nil
    }
  }

  /// An element as the end of a sentence.
  private static func element(_ worst: AccuracyRow.Witness?) -> String {
    worst.map {
      "; lane \($0.sample), index \($0.index): computed \($0.computed), exact \($0.exact)"
    } ?? ""
  }

  /// The outputs of a row that match nothing and count.
  private static func mismatches(_ question: Policy.Question, _ row: AccuracyRow) -> UInt64 {
    question.countsExcused ? row.mismatches : row.mismatchesInDomain
  }

  private func replay(
    _ question: Policy.Question, _ row: AccuracyRow, _ settings: PolicySettings, _ limit: Double,
    _ run: AuditResults?
  ) -> String? {
    guard let words = words(row.implementation) else { return nil }
    // The seed and the samples of the rows; the policy's are those where the rows were made for it.
    let seed = run?.seed ?? settings.seed ?? RunSeed.standard
    var samples = Int(clamping: row.lanes)
    if let worst = Self.witness(of: question, in: row) { samples = worst.sample + 1 }
    let isNumber = question.figure == .maxUlp && !question.limit.isBound
    var judging = settings.judging(limit: isNumber ? limit : nil)
    if question.figure.descriptor?.isOnRequest(of: row.operation) == true {
      judging.append("--consequences")
    }
    return ReplayCommandLine.audit(
      row, samples: samples, judging: judging, seed: seed, selection: words)?.text
  }

  // MARK: Laws

  private func judgement(
    _ question: Policy.LawQuestion, _ scope: RowScope, _ row: PropertyRow?,
    _ run: AuditResults?
  ) -> GateResult.Judgement {
    let rule = policy.rules[question.rule]
    let place =
      question.expectsFailure
      ? rule.expectedFailures.first { $0.name == question.law }?.place ?? rule.place
      : rule.place(of: "laws")
    var result = GateResult.Judgement(
      rule: question.rule, line: place.line, column: place.column,
      implementation: scope.implementation, inputFormat: scope.input,
      outputFormat: scope.output, operation: scope.operation,
      parameters: scope.parameters, subject: question.law,
      isLaw: true, budget: question.expectsFailure ? "broken" : "kept", count: row?.cases ?? 0,
      withoutFigure: 0, verdict: row?.verdict ?? .notMeasured,
      message: row == nil ? "the law was not checked" : row?.reason)
    if result.verdict == .waived {
      // Whoever ran the check waived it; what counts here is what the policy says.
      result.verdict = .failed
      result.message = "\(row?.reason ?? "waived"); the policy does not waive it"
    }
    if let run, row != nil, !isOwn(run),
      let difference = Self.difference(of: run, from: policy.settings(for: scope))
    {
      result.verdict = .notMeasured
      result.message = difference
    }
    if result.verdict == .failed {
      result.cause = row?.cause
      result.replay = row?.counterexample?.replay
    }
    if question.expectsFailure {
      expect(rule, question.law, &result)
    } else if let row, row.grade == .informative, result.verdict == .failed {
      // Laws of this grade are worth knowing and never a failure.
      result.verdict = .passed
    }
    return result
  }
}

extension Gate {
  /// The difference between the settings that the laws of a results file were checked with and
  /// those of the policy; `nil` where there is none.
  private static func difference(
    of run: AuditResults, from settings: PolicySettings
  ) -> String? {
    guard let checking = run.checking else { return nil }
    let effort = settings.effort ?? 1
    if checking.effort.value < effort {
      return
        "the policy asks for effort \(effort), the results are of effort \(checking.effort.value)"
    }
    if let seed = settings.seed, seed != run.seed {
      return "the policy asks for seed \(seed), the results are of seed \(run.seed)"
    }
    return difference(
      from: settings, declare: checking.declare, underflow: checking.underflow,
      specialLanes: checking.specialLanes)
  }

  /// The difference between the judging of results and that of the policy; `nil` where both do the
  /// same.
  fileprivate static func difference(
    from settings: PolicySettings, declare: String?, underflow: UnderflowPolicy?,
    specialLanes: String?
  ) -> String? {
    let pairs = [
      ("declare", settings.declare?.name, declare),
      ("underflow", settings.underflow?.rawValue, underflow?.rawValue),
      ("special-lanes", settings.specialLanes?.description, specialLanes),
    ]
    for (key, asked, had) in pairs where asked != had {
      let own = "what each implementation says"
      return "the policy judges by \(key) \(asked ?? own), the results by \(had ?? own)"
    }
    return nil
  }
}

extension Gate.Tally {
  mutating func add(
    _ row: AccuracyRow, _ question: Policy.Question, _ settings: PolicySettings,
    _ run: AuditResults?, lanes: Int?, byThisPolicy isOwn: Bool
  ) {
    let number = rows.count
    rows.append(row)
    self.settings.append(settings)
    undecided += question.figure == .mismatches ? 0 : row.undecided
    let place = "\(row.family), length \(row.length)"
    if let failure = row.failure, failure.kind == .notMeasured {
      notMeasured.append("\(place): \(failure.explanation)")
      return
    }
    if let run, !isOwn,
      let difference = Self.difference(of: row, in: run, from: settings, lanes: lanes)
    {
      notMeasured.append("\(place): \(difference)")
      return
    }
    if question.limit.isBound, row.withoutBound > 0 {
      notMeasured.append(
        "\(place): \(row.withoutBound) outputs are not judged, because \(row.reasonWithoutBound)")
    }
    let value =
      question.limit.isBound
      ? row.largestPartOfBound(in: question.regime)?.value
      : question.figure.value(
        in: row, regime: question.regime, underflow: settings.underflow ?? .gradual,
        countsExcused: question.countsExcused)
    guard let value else {
      withoutFigure += 1
      if question.limit.isBound, row.bound == nil, row.finitePairs > 0 {
        notMeasured.append(
          "\(place): the results hold no bound; run the gate itself, or audit with --declare")
      } else if question.limit.isBound, row.hidesPartOfBound(in: question.regime) {
        notMeasured.append(
          "\(place): the results do not hold the part of the bound by regime; measure again")
      }
      return
    }
    if worst.map({ question.figure.isWorse(value, than: $0.value) }) ?? true {
      worst = (number, value)
    }
  }

  /// The difference between the settings that a results file was measured with and those of the
  /// policy; `nil` where there is none.
  private static func difference(
    of row: AccuracyRow, in run: AuditResults, from settings: PolicySettings, lanes: Int?
  ) -> String? {
    if let seed = settings.seed, seed != run.seed {
      return "the policy asks for seed \(seed), the results are of seed \(run.seed)"
    }
    if let samples = lanes ?? settings.samples, row.lanes < UInt64(samples) {
      return "the policy asks for \(samples) lanes, the results have \(row.lanes)"
    }
    if let judging = run.judging {
      return Gate.difference(
        from: settings, declare: judging.declare, underflow: judging.underflow,
        specialLanes: judging.specialLanes)
    }
    if case .declared(let model) = settings.declare, let bound = row.bound,
      bound.model != model.name
    {
      return "the policy declares \(model.name), the results are judged by \(bound.model)"
    }
    return nil
  }
}

extension PolicyRule.Budget.Limit {
  package var isBound: Bool {
    if case .bound = self { return true }
    return false
  }

  /// The limit as policies write it.
  package var text: String {
    switch self {
    case .number(let number):
      number == number.rounded() && number < 1e15 ? "\(Int(number))" : "\(number)"
    case .bound(1): "bound"
    case .bound(let factor): "bound*\(factor)"
    }
  }
}
