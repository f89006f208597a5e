import AuditRecords
import AuditReports
import AuditedOperations
import Audits
import Basics

extension AuditCommand {
  /// Makes sure that implementations of integers are audited alone, and with options that say
  /// something of them.
  ///
  /// - Throws: ``Mistakes`` of kind `usage`.
  func checkSweep(of implementations: [any SoftmaxImplementation]) throws {
    var mistakes = Mistakes()
    let integers = implementations.filter { !$0.quantizations.isEmpty }
    guard let first = integers.first else {
      if quantized.maxSteps != nil {
        mistakes.add(.usage, "--max-steps is about quantised outputs, and there are none")
      }
      return try mistakes.throwIfAny()
    }
    if let other = implementations.first(where: { $0.quantizations.isEmpty }) {
      mistakes.add(
        .usage,
        "\(first.name) takes or gives integers, and \(other.name) does not; audit each in a run of its own"
      )
    }
    let others: [(name: String, isGiven: Bool)] = [
      ("--logits", logits != nil), ("--family, --length and --samples", !lanes.isEmpty),
      ("--format", !formats.format.isEmpty), ("--output-format", formats.outputFormat != nil),
      (modifiers.words.first ?? "", !modifiers.isEmpty), ("--shard", shards.shard != nil),
      ("--largest-logit", limits.largestLogit != nil), ("--blame", blame),
      ("--declare", judging.bound.declare != nil), ("--underflow", judging.bound.underflow != nil),
      ("--max-ulp (there is --max-steps)", judging.limit.maxUlp != nil),
      ("--consequences", cost.consequences),
      ("--elsewhere, --rtol and --atol", !judgedElsewhere.isEmpty),
      ("--evidence", results.evidence.evidence != nil), ("--quick", speed.quick),
    ]
    for option in others where option.isGiven {
      mistakes.add(
        .usage,
        "\(option.name) is about floating-point tensors, and \(first.name) has integers; leave it out"
      )
    }
    try mistakes.throwIfAny()
  }

  /// Measures implementations of integers on all lanes of a sweep.
  func sweep(_ plan: AuditPlan, notMeasured: [String]) async throws {
    seeds.tell(plan.seed, quietly: quiet)
    try results.prepare()
    var rows: [AccuracyRow] = []
    for implementation in plan.implementations {
      rows += try await QuantizedSweep(
        implementation, seed: plan.seed, settings: plan.settings, threads: plan.threads
      ).run()
    }
    var measured = AuditResults(
      .ofThisRun(
        tier: plan.oracleTier, threads: plan.threads, implementations: plan.implementations),
      seed: plan.seed, accuracy: rows)
    measured.judging = judging.note(special)
    measured.judging?.maxSteps = quantized.maxSteps.map { Figure($0) }
    let tellPage = try results.write(measured) { _ in nil }
    defer { tellPage() }
    try RunOutcome(of: measured, notMeasured: notMeasured).leave(quietly: quiet)
  }
}
