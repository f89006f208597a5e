import AuditRecords
import AuditedOperations
import Basics
import FloatFormats
import PropertyTesting
import RealModule
import SoftmaxVariants
import Synchronization

/// One law on one implementation in one format, from the first case to the row in the results.
struct LawRun {
  private let unit: CheckPlan.Unit
  private let plan: CheckPlan
  private let references: ReferenceCache
  private let state: TrialState

  /// The beginning of the reason of a row where no case of the law lies in the domain of the
  /// implementation, and nobody asked for the law by its name.
  static let notAsked = "not asked: "
  /// After so many calls that cost a process, or the patience for one, a law is not tried further.
  private static let toleratedLosses = 3
  /// The number of logits checked to find the simplest case: all calls for lanes of up to 11 000,
  /// and some seconds for batches of a million.
  private static let shrinkWork = 1 << 24
  /// The numbers of logits and of outputs of a case that are kept in results.
  fileprivate static let keptLogits = 4096
  /// The number of further losses that the search for the simplest case may take.
  private static let lossesForShrinking = 40

  private var law: Law { unit.law }
  private var subject: Subject { unit.subject }

  /// - Parameter instance: What to call; nil for an instance that nobody has called yet.
  init(
    _ unit: CheckPlan.Unit, plan: CheckPlan, references: ReferenceCache,
    instance: (any SoftmaxImplementation)? = nil
  ) throws {
    self.unit = unit
    self.plan = plan
    self.references = references
    state = TrialState(try Self.trial(unit, references, instance))
  }

  /// The instance that was called last.
  var instance: any SoftmaxImplementation { state.instance }

  /// A trial of an instance; of one that nobody has called yet where none is given.
  private static func trial(
    _ unit: CheckPlan.Unit, _ references: ReferenceCache,
    _ instance: (any SoftmaxImplementation)? = nil
  ) throws -> LawTrial {
    LawTrial(
      unit.subject, implementation: try instance ?? unit.implementation.renewed(),
      references: references)
  }

  // MARK: Running

  /// Looks for a failure, and tells what was found.
  ///
  /// - Throws: What is nobody's failure: mistakes of the user and faults of our own.
  func row() throws -> PropertyRow {
    if let reason = law.reasonNotToApply(to: subject) {
      return emptyRow(.notMeasured, reason: "the law does not apply: \(reason)")
    }
    if let reason = RunDeadline.objection { return emptyRow(.notMeasured, reason: reason) }
    state.tolerate(losses: Self.toleratedLosses)
    let store = RegressionStore(
      plan.regressions, law: law, subject: subject,
      known: try plan.regressions?.cases(of: law.name, subject.input) ?? [])
    let report = PropertyRunner(configuration).check(property, store: store)
    try state.throwAbortion()
    try store.throwFailure()

    var row = emptyRow(.passed, reason: nil)
    row.cases = UInt64(report.total.checked)
    switch report.conclusion {
    case .passed:
      if state.undecided > 0 {
        row.verdict = .undecided
        row.reason =
          "\(state.undecided) outputs are undecided at the precision cap of the oracle"
      }
      if let reason = reasonWithoutBound(report) {
        row.verdict = .notMeasured
        row.reason = reason
      }
    case .inconclusive:
      row.verdict = .notMeasured
      row.reason = inconclusiveReason(report)
    case .failed, .nondeterministic: try conclude(report, store, &row)
    }
    if state.isCutShort {
      row.reason = [
        row.reason,
        "\(UnansweredCall.givenUp) after \(Self.toleratedLosses) calls that crashed or hung",
      ].compactMap { $0 }.joined(separator: "; ")
    }
    if let reason = state.givenUp {
      // What was found until then stays found.
      if row.verdict != .failed { row.verdict = .notMeasured }
      row.reason = [row.reason, reason].compactMap { $0 }.joined(separator: "; ")
    }
    waive(&row)
    row.cause = row.cause ?? law.usualCause(of: row)
    return row
  }

  /// Checks one case on a fresh instance, once.
  func row(replaying token: String) throws -> PropertyRow {
    let input = try CaseToken.input(
      of: token, law: law, subject.input, of: subject.operation, within: subject.largestLogit,
      domain: subject.domain)
    guard law.form.permits(input) else {
      throw UserError(
        .usage, "--replay: the token is of another law than \(law.name); name the one it came from")
    }
    var row = emptyRow(.passed, reason: nil)
    row.cases = 1
    let outcome = try state.examine(law, input)
    switch outcome.result {
    case .kept: break
    case .inapplicable(let reason):
      row.verdict = .notMeasured
      row.reason = "the law does not apply to the case: \(reason)"
    case .broken(let violation):
      row.verdict = .failed
      row.reason = violation.sentence
      row.counterexample = try counterexample(
        input, violation, outcome, token: token, irrelevant: [])
      row.cause = cause(of: violation, state)
    }
    waive(&row)
    row.cause = row.cause ?? law.usualCause(of: row)
    return row
  }

  private var configuration: RunConfiguration {
    var configuration = RunConfiguration(
      seed: plan.seed, cases: scaled(law.budget.random))
    configuration.edgeCases = law.budget.edges
    configuration.targetCalls = scaled(law.budget.targeted)
    configuration.islands = 64
    configuration.shrinkCalls = 1500
    configuration.shrinkWork = Self.shrinkWork
    configuration.phases = [.regressions, .examples, .random, .target, .shrink]
    // Cases from files are checked as values; nothing about them can be stale. And lanes without a
    // bound are no fault of a generator: they depend on what is declared. That none at all was
    // judged is still said.
    configuration.suppressed = [.staleRegression, .tooManyDiscards]
    if plan.stopsAtFirstFailure {
      configuration.searchesForWorst = false
      configuration.phases.remove(.shrink)
    }
    return configuration
  }

  private func scaled(_ cases: Int) -> Int {
    cases == 0 ? 0 : max(1, Int((Double(cases) * plan.effort).rounded()))
  }

  private var property: Property<LawCase> {
    let (law, state, largest) = (law, state, plan.largestCase ?? .max)
    return Property(
      law.name,
      for: law.cases(
        subject.input, of: subject.operation, within: subject.largestLogit, domain: subject.domain),
      work: { $0.logits.count }
    ) { input, notes in
      input.logits.count > largest
        ? .discarded(reason: "it has more than \(largest) logits")
        : state.verdict(law, input, &notes)
    }
  }

  private func inconclusiveReason(_ report: RunReport<LawCase>) -> String {
    let discarded = report.events.filter { $0.key.hasPrefix("discarded: ") }
      .max { ($0.value, $1.key) < ($1.value, $0.key) }
    if report.total.checked == 0, let reason = discarded?.key.dropFirst("discarded: ".count) {
      if reason == TrialState.outsideDomain {
        return (plan.namedLaws.contains(law.name) ? "" : Self.notAsked)
          + "no case of the law is one that the implementation is made for"
      }
      return "no case could be judged: \(reason)"
    }
    return report.healthProblems.map(\.explanation).joined(separator: "; ")
  }

  /// The reason why the law is no pass although nothing broke it: some cases could not be judged,
  /// because the model has no bound on their lanes that somebody declared who is not this program;
  /// `nil` where there is no such case.
  private func reasonWithoutBound(_ report: RunReport<LawCase>) -> String? {
    guard let model = subject.modelName, !subject.excusesDomain,
      let cases = report.events["discarded: \(LawTrial.withoutBound)"], cases > 0
    else { return nil }
    return
      "\(cases) of \(report.total.all) cases could not be judged: the declared \(model) has no bound on their lanes; declare a domain that leaves them out, or a model with a bound"
  }

  private func emptyRow(_ verdict: LawVerdict, reason: String?) -> PropertyRow {
    PropertyRow(
      implementation: subject.name, inputFormat: subject.input,
      outputFormat: subject.output, operation: subject.operation,
      parameters: subject.parameters, law: law.name,
      statement: law.statement(of: subject.operation), grade: law.grade, verdict: verdict,
      reason: reason, cases: 0,
      tolerance: law.tolerance)
  }

  private func waive(_ row: inout PropertyRow) {
    guard row.verdict == .failed, let reason = plan.settings.waivers[law.name] else { return }
    row.verdict = .waived
    row.reason = "waived: \(reason); \(row.reason ?? "")"
  }

  // MARK: Failures

  /// Turns a failure into witnesses that fail in an instance without a past, or says that it takes
  /// a past.
  private func conclude(
    _ report: RunReport<LawCase>, _ store: RegressionStore, _ row: inout PropertyRow
  ) throws {
    row.verdict = .failed
    guard let found = report.found else { throw InternalError("a failure without a case") }
    let shrunk = simplest(of: report)
    try store.throwFailure()
    let candidates = [shrunk, report.simplest, found].compactMap { $0 }
    for witness in candidates {
      let fresh = TrialState(try Self.trial(unit, references))
      let again: TrialState.Checked
      do {
        again = try fresh.examine(law, witness.value)
      } catch let error as UserError where error.kind == .notMeasured {
        // Given up in the meantime: what was found stands, without a second look.
        try standUnconfirmed(witness, &row)
        return
      }
      guard case .broken(let violation) = again.result else { continue }
      row.reason = violation.sentence
      store.settle(on: witness.value, violation.sentence)
      row.counterexample = try counterexample(
        witness.value, violation, again, token: token(witness),
        irrelevant: irrelevant(in: witness.value, violation, fresh))
      row.worst = try worst(report)
      row.cause = cause(of: violation, fresh)
      return
    }
    // It takes what was called before. The run as a whole repeats it: the same seed makes the same
    // calls.
    let violation = state.firstViolation ?? Violation(found.reason ?? "", kind: "history")
    row.reason =
      "depends on history: \(violation.sentence); alone in a new process the case does not fail"
    row.cause = Law.words(for: .history)
    row.callLog = state.callsBeforeFirstViolation
    var example = try counterexample(
      found.value, violation, state.firstSeen(of: found.value), token: nil, irrelevant: [])
    example.replay = plan.command(subject, law).adding("--seed", plan.seed).text
    row.counterexample = example
  }

  /// Tells of a failure that cannot be looked at again, for the implementation is not called any
  /// more.
  private func standUnconfirmed(_ witness: Witness<LawCase>, _ row: inout PropertyRow) throws {
    let violation =
      state.firstViolation ?? Violation(witness.reason ?? "", kind: "unconfirmed")
    row.reason = violation.sentence
    row.counterexample = try counterexample(
      witness.value, violation, state.firstSeen(of: witness.value), token: token(witness),
      irrelevant: [])
  }

  /// The simplest failing case: what the engine made of the first, written down anew and shrunk
  /// once more.
  ///
  /// A lane that was drawn from a distribution has no choices for single logits; written element by
  /// element it has.
  private func simplest(of report: RunReport<LawCase>) -> Witness<LawCase>? {
    guard !plan.stopsAtFirstFailure, let first = report.simplest else { return report.simplest }
    var choices = law.rewriting(first.value, subject.input)
    if state.isCutShort {
      // One law shrinks such a failure for all that meet it: each step costs a process.
      guard
        law.name == Law.answers.name || !plan.laws.contains(where: { $0.name == Law.answers.name })
      else { return report.simplest }
      choices = choices ?? first.choices
      state.tolerate(losses: Self.lossesForShrinking)
    }
    guard let choices else { return report.simplest }
    var configuration = configuration
    configuration.phases = [.regressions, .shrink]
    configuration.searchesForWorst = false
    let again = PropertyRunner(configuration).check(
      property, store: Rewritten(choices: choices))
    return again.conclusion == .failed ? again.simplest : report.simplest
  }

  private func worst(_ report: RunReport<LawCase>) throws -> PropertyRow.Counterexample? {
    guard let worst = report.worst, worst.score != nil else { return nil }
    let fresh = TrialState(try Self.trial(unit, references))
    let again: TrialState.Checked
    do {
      again = try fresh.examine(law, worst.value)
    } catch let error as UserError where error.kind == .notMeasured {
      return nil
    }
    guard case .broken(let violation) = again.result, violation.severity != nil else { return nil }
    return try counterexample(
      worst.value, violation, again, token: token(worst), irrelevant: [])
  }

  private func token(_ witness: Witness<LawCase>) -> String {
    CaseToken.text(of: witness.value, choices: witness.choices, subject.input)
  }

  /// The places of logits that may be anything: with each of three other values the law is broken
  /// in the same way.
  private func irrelevant(
    in input: LawCase, _ violation: Violation, _ trial: TrialState
  ) throws -> [Int] {
    guard subject.operation != .attention, input.logits.count <= 64, !plan.stopsAtFirstFailure,
      !violation.kind.hasPrefix("call-")
    else { return [] }
    var found: [Int] = []
    for index in input.logits.indices {
      let others = [0, input.logits[index] + 1, -7.5, 13].map { subject.input.finite($0) }
        .filter { $0 != input.logits[index] }
      let isIrrelevant = try others.prefix(3).allSatisfy { other in
        var logits = input.logits
        logits[index] = other
        guard case .broken(let seen) = try trial.check(law, input.replacing(logits: logits)).result
        else { return false }
        return seen.kind == violation.kind
      }
      if isIrrelevant { found.append(index) }
    }
    return found
  }

  /// The likely cause that outputs show, as a clause; `nil` where nothing tells.
  ///
  /// Results are not flushed where the implementation has others below the normal range.
  private func cause(of violation: Violation, _ trial: TrialState) -> String? {
    guard let cause = violation.cause else { return nil }
    if cause == .flushed, trial.keepsSubnormalResults(subject) { return nil }
    return Law.words(for: cause)
  }

  private func counterexample(
    _ input: LawCase, _ violation: Violation, _ seen: TrialState.Checked, token: String?,
    irrelevant: [Int]
  ) throws -> PropertyRow.Counterexample {
    // What stands at the end of a large case nobody reads, and the replay makes it again.
    let kept = Self.keptLogits
    func texts(_ numbers: [Double]) -> [String] { numbers.prefix(kept).map(\.hexText) }
    // An attention has no logits: its queries, keys and values stand beside its outputs.
    let attention = subject.operation == .attention ? AttentionCase(input) : nil
    let shape = attention?.shape.output ?? input.geometry.shape
    return PropertyRow.Counterexample(
      logits: attention == nil ? texts(input.logits) : [], shape: shape,
      axis: attention == nil ? input.geometry.axis : shape.count - 1,
      computed: texts(seen.firstOutputs ?? []), expected: seen.expected,
      change: violation.change, computedAfterChange: violation.changedOutputs.map(texts),
      failure: violation.sentence, severity: violation.severity.map { Figure($0) },
      elided: attention == nil && input.logits.count > kept ? input.logits.count - kept : nil,
      irrelevant: irrelevant, digest: input.digest,
      accompanying: attention.map {
        WitnessInputs($0, offered: subject.modifiers, in: subject.input, upTo: kept)
      }
        ?? WitnessInputs(
          subject.called(with: input), of: subject.operation, in: subject.input, upTo: kept),
      replay: plan.command(subject, law).adding("--replay", token).text)
  }
}

/// A trial where several closures of one thread can reach it, and what it saw.
private final class TrialState: Sendable {
  /// The outcome of one check.
  struct Checked {
    var result: LawOutcome
    var firstOutputs: [Double]?
    /// The exact values of the first outputs of a broken case.
    var expected: [String] = []
  }

  private struct Content {
    var trial: LawTrial
    var abortion: (any Error)?
    var givenUp: String?
    var firstViolation: Violation?
    var callsBefore: [String]?
    var outputsAtFirst: [Double]?
    var toleratedLosses = Int.max
    var losses = 0
    var isCutShort = false
  }

  /// The reason to discard a case that the implementation is not made for.
  static let outsideDomain = "the implementation is not made for it"

  private let content: Mutex<Content>

  init(_ trial: sending LawTrial) { content = Mutex(Content(trial: trial)) }

  var instance: any SoftmaxImplementation { content.withLock { $0.trial.instance } }

  /// Whether cases were left out because calls had crashed or hung too often.
  var isCutShort: Bool { content.withLock { $0.isCutShort } }

  /// Allows so many calls from now on that crash or hang before further cases are left out.
  func tolerate(losses: Int) {
    content.withLock {
      $0.toleratedLosses = losses
      $0.losses = 0
    }
  }

  var undecided: Int { content.withLock { $0.trial.undecided } }
  var givenUp: String? { content.withLock { $0.givenUp } }
  var firstViolation: Violation? { content.withLock { $0.firstViolation } }
  var callsBeforeFirstViolation: [String]? { content.withLock { $0.callsBefore } }

  func throwAbortion() throws {
    if let error = content.withLock({ $0.abortion }) { throw error }
  }

  /// Checks a case for the engine, which takes verdicts and no errors.
  func verdict(_ law: Law, _ input: LawCase, _ notes: inout Observations) -> Verdict {
    content.withLock { content in
      guard content.abortion == nil, content.givenUp == nil else {
        return .discarded(reason: "the run was given up")
      }
      guard content.losses < content.toleratedLosses else {
        content.isCutShort = true
        return .discarded(reason: "calls crashed or hung too often")
      }
      if let reason = RunDeadline.objection {
        content.givenUp = reason
        return .discarded(reason: reason)
      }
      do {
        let checked = try Self.check(law, input, content.trial, &notes)
        switch checked.result {
        case .kept: return .passed
        case .inapplicable(let reason): return .discarded(reason: reason)
        case .broken(let violation):
          if content.firstViolation == nil {
            content.firstViolation = violation
            content.callsBefore = content.trial.callLog
            content.outputsAtFirst = checked.firstOutputs
          }
          if Self.lossKinds.contains(violation.kind) { content.losses += 1 }
          return .failed(reason: violation.sentence, kind: violation.kind)
        }
      } catch let error as UserError where error.kind == .notMeasured {
        content.givenUp = error.message
        return .discarded(reason: error.message)
      } catch {
        content.abortion = error
        return .discarded(reason: "\(error)")
      }
    }
  }

  /// Checks one case.
  func check(_ law: Law, _ input: LawCase) throws -> Checked {
    try content.withLock { content in
      var notes = Observations()
      return try Self.check(law, input, content.trial, &notes)
    }
  }

  /// Checks one case, and keeps the exact values that a failure is shown with: those of the very
  /// inputs beside the logits that it was checked with.
  func examine(_ law: Law, _ input: LawCase) throws -> Checked {
    try content.withLock { content in
      var notes = Observations()
      var checked = try Self.check(law, input, content.trial, &notes)
      if case .broken = checked.result {
        checked.expected = content.trial.expected(for: input, upTo: LawRun.keptLogits)
      }
      return checked
    }
  }

  /// The outputs of the first violation, of a case that is not checked again.
  func firstSeen(of input: LawCase) -> Checked {
    content.withLock { content in
      content.trial.beginCase(input)
      return Checked(
        result: .kept, firstOutputs: content.outputsAtFirst,
        expected: content.trial.expected(for: input, upTo: LawRun.keptLogits))
    }
  }

  /// Whether a softmax of two logits has an output below the normal range that is not 0.
  func keepsSubnormalResults(_ subject: Subject) -> Bool {
    guard subject.operation == .softmax else { return false }
    return content.withLock { content in
      let distance = Double.log(subject.output.leastNormal) - 1
      let probe = LawCase(lane: [0, subject.input.rounded(distance)])
      guard content.trial.isAsked(probe) else { return false }
      content.trial.beginCase(probe)
      guard let output = try? content.trial.outputs(of: probe).last else { return false }
      return output > 0 && output < subject.output.leastNormal
    }
  }

  /// The kinds of violations that cost a process.
  private static let lossKinds: Set<String> = [CallFailure.Kind.crash, .hang].reduce(into: []) {
    $0.insert("call-\($1.rawValue)")
  }

  private static func check(
    _ law: Law, _ input: LawCase, _ trial: LawTrial, _ notes: inout Observations
  ) throws -> Checked {
    trial.beginCase(input)
    do {
      let result = try law.check(input, trial, &notes)
      return Checked(result: result, firstOutputs: trial.firstOutputs)
    } catch is OutsideDomain {
      return Checked(result: .inapplicable(outsideDomain), firstOutputs: nil)
    } catch let failure as CallFailure {
      return Checked(
        result: .broken(
          Violation(
            UnansweredCall.sentence(kind: failure.kind.rawValue, explanation: failure.explanation),
            kind: "call-\(failure.kind.rawValue)")), firstOutputs: trial.firstOutputs)
    }
  }
}

/// Hands cases from files to the engine, and keeps what it finds.
private final class RegressionStore: FailureStore {
  private let directory: RegressionDirectory?
  private let law: Law
  private let subject: Subject
  private let known: [LawCase]
  private struct Kept {
    var provisional: LawCase?
    var failure: (any Error)?
  }
  private let kept = Mutex(Kept())

  init(_ directory: RegressionDirectory?, law: Law, subject: Subject, known: [LawCase]) {
    self.directory = directory
    self.law = law
    self.subject = subject
    self.known = known.filter(law.form.permits)
  }

  func cases(of property: String) -> [StoredCase<LawCase>] { known.map { .value($0) } }

  /// Keeps the first failure before anything else is done with it, in case the run ends here.
  func record(_ witness: Witness<LawCase>, of property: String, stage: FailureStage) {
    guard stage == .found, !known.contains(witness.value) else { return }
    keep(witness.value, witness.reason ?? "")
    kept.withLock { $0.provisional = witness.value }
  }

  /// Keeps the witness that came of the first failure in its place.
  func settle(on input: LawCase, _ failure: String) {
    let provisional = kept.withLock { $0.provisional }
    guard let provisional, provisional != input else { return }
    if !known.contains(input) { keep(input, failure) }
    directory?.remove(provisional, of: law.name, subject)
  }

  func throwFailure() throws {
    if let failure = kept.withLock({ $0.failure }) { throw failure }
  }

  private func keep(_ input: LawCase, _ failure: String) {
    do {
      try directory?.keep(input, of: law.name, subject, failure: failure)
    } catch {
      kept.withLock { $0.failure = $0.failure ?? error }
    }
  }
}

/// A store with one case to start from.
private struct Rewritten: FailureStore {
  let choices: [ChoiceValue]

  func cases(of property: String) -> [StoredCase<LawCase>] { [.choices(choices)] }
  func record(_ witness: Witness<LawCase>, of property: String, stage: FailureStage) {}
}

extension Check {
  /// Checks the case of a token on a fresh instance, once.
  ///
  /// - Throws: `UserError` of kind `usage` where the plan does not name one implementation,
  ///   format and law.
  public func replay(_ token: String) throws -> PropertyRow {
    let units = plan.units
    guard units.count == 1 else {
      throw UserError(
        .usage,
        "--replay takes one --implementation, one --format and one --law, as the command had that printed it; this selects \(units.count)"
      )
    }
    return try LawRun(units[0], plan: plan, references: ReferenceCache()).row(replaying: token)
  }
}
