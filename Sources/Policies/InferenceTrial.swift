import AuditRecords
import AuditedOperations
import Basics
import FloatFormats
import Laws
import SoftmaxVariants

/// Tries what was inferred of an implementation against the laws, before it is offered to anybody.
///
/// A model is fitted to the lanes of families, one after the other and of few lengths. What goes
/// wrong elsewhere, in the fourth lane of a batch or beyond 65 535 lanes, would fit all the same,
/// and its budget would be one that the implementation does not keep.
package struct InferenceTrial: Sendable {
  package var implementations: [any SoftmaxImplementation]
  package var largestLogit: Double?
  package var seed: UInt64
  package var threads: Int
  /// The laws that a finding has to keep.
  package var laws = Law.all.filter { $0.grade == .required }

  package init(
    implementations: [any SoftmaxImplementation], largestLogit: Double?, seed: UInt64, threads: Int
  ) {
    self.implementations = implementations
    self.largestLogit = largestLogit
    self.seed = seed
    self.threads = threads
  }

  /// A finding as far as the required laws bear it out.
  ///
  /// A variant to declare under which a law is broken is not named. Where a law is broken by what
  /// any sound implementation keeps to as well, no model fits. Laws that cannot be judged say
  /// nothing.
  package func confirmed(_ finding: InferenceFinding) async throws -> InferenceFinding {
    var finding = finding
    if finding.model == nil {
      guard let narrow = finding.narrowVariant else { return finding }
      if try await brokenLaw(finding, declaring: narrow) != nil { finding.narrowVariant = nil }
      return finding
    }
    if let declare = finding.declare {
      guard try await brokenLaw(finding, declaring: declare) != nil else { return finding }
      finding.declare = nil
    }
    guard let broken = try await brokenLaw(finding, declaring: nil) else { return finding }
    finding.objection =
      "on the lanes of the families it behaves like \(finding.model?.words(of: finding.operation) ?? ""), but the law \(broken.law) is broken: \(broken.reason ?? "")"
    finding.model = nil
    finding.ratio = nil
    finding.budgets = []
    return finding
  }

  /// The first required law that is broken with a variant declared, or with nothing declared.
  private func brokenLaw(
    _ finding: InferenceFinding, declaring name: String?
  ) async throws -> PropertyRow? {
    guard let implementation = implementations.first(where: { $0.name == finding.implementation })
    else { return nil }
    var settings = CheckSettings()
    settings.model = .none
    if let model = name.flatMap({ DeclaredModel(named: $0, of: finding.operation) }) {
      settings.model = .declared(model)
    }
    settings.largestLogit = largestLogit
    settings.underflow = finding.model?.flushes == true ? .flush : nil
    settings.specialLanes = finding.specialLanes.map { text in
      let names = text.split(separator: ",")
      return SpecialLanePolicy.names.filter { names.contains(Substring($0.0)) }
        .reduce(into: .nanSomewhere) { $0.formUnion($1.1) }
    }
    var plan = CheckPlan(
      implementations: [implementation], formats: [finding.inputFormat],
      outputFormat: finding.outputFormat, laws: laws, seed: seed, threads: threads,
      settings: settings)
    plan.stopsAtFirstFailure = true
    return try await Check(plan).run().first { $0.verdict == .failed }
  }
}
