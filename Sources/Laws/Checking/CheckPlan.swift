import AuditRecords
import AuditedOperations
import Basics
import FloatFormats
import PropertyTesting

/// The subject of a check: laws on implementations, in formats, with so much effort.
public struct CheckPlan: Sendable {
  public var implementations: [any SoftmaxImplementation]
  /// The input formats; an implementation is checked in those of them that it has.
  public var formats: [FloatFormat]
  public var outputFormat: FloatFormat?
  public var laws: [Law]
  /// The laws asked for by name.
  ///
  /// Where one of them does not apply, that is said, and is no pass; others are left out there.
  public var namedLaws: Set<String> = []
  public var seed: UInt64
  /// Scales the number of cases; 1 is the default.
  public var effort: Double
  public var threads: Int
  public var settings: CheckSettings
  /// Whether a law is done with at its first failure, without shrinking or looking for worse ones.
  public var stopsAtFirstFailure = false
  /// The number of logits beyond which a case is left out; `nil` for none.
  public var largestCase: Int?
  /// The directory that failing cases are kept in and read from; `nil` for none.
  package var regressions: RegressionDirectory?
  /// The shard whose units are checked; `nil` for all.
  ///
  /// What hosts look at by themselves belongs to the first shard.
  public var shard: Shard?
  /// The command that repeats the run of one implementation, without what a replay adds.
  package var command: @Sendable (Subject, Law) -> ReplayCommandLine = { subject, law in
    .check(
      law.name, of: subject.operation, input: subject.input, output: subject.input,
      selection: ["--implementation", subject.name])
  }

  public init(
    implementations: [any SoftmaxImplementation], formats: [FloatFormat],
    outputFormat: FloatFormat? = nil, laws: [Law] = Law.all, seed: UInt64 = RunSeed.standard,
    effort: Double = 1, threads: Int = 1, settings: CheckSettings = CheckSettings()
  ) {
    self.implementations = implementations
    self.formats = formats
    self.outputFormat = outputFormat
    self.laws = laws
    self.seed = seed
    self.effort = effort
    self.threads = threads
    self.settings = settings
  }

  /// One law on one implementation in one format: what a thread takes at a time.
  package struct Unit: Sendable {
    var implementation: any SoftmaxImplementation
    var subject: Subject
    var law: Law
  }

  /// All units, by format, then implementation, then law: those that share exact values follow one
  /// another.
  package var units: [Unit] {
    formats.flatMap { format in
      implementations.filter { $0.formats.contains(format) }.flatMap { implementation in
        let subject = Subject(
          implementation, input: format, output: outputFormat, settings: settings)
        return laws.filter {
          namedLaws.contains($0.name) || $0.reasonNotToApply(to: subject) == nil
        }.map { Unit(implementation: implementation, subject: subject, law: $0) }
      }
    }
  }
}
