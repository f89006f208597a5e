import AuditRecords
import AuditedOperations
import Audits
import Basics
import FloatFormats
import MultiPrecision
import Oracle

/// A command whose run can be cut into units: audit, check, search or exhaust.
protocol DividedCommand: ImplementationCommand {
  /// A part that shards share out, in the singular.
  static var part: String { get }
  /// Whether what is done of a unit can be kept, so that it goes on from there.
  static var keepsCheckpoints: Bool { get }
  /// The largest error allowed, in ULP, where its results do not say so themselves.
  var largestErrorAllowed: Double? { get }
  /// The run that the options come to, which is not begun.
  func survey() throws -> RunSurvey
}

extension DividedCommand {
  static var keepsCheckpoints: Bool { false }
  var largestErrorAllowed: Double? { nil }
}

/// The run that the options of a command come to.
struct RunSurvey {
  /// The implementations; one may stand there several times.
  var implementations: [any SoftmaxImplementation]
  var formats: [FloatFormat]
  var outputFormat: FloatFormat?
  /// The seed of a run that draws numbers.
  var seed: UInt64?
  /// The things that are measured, a sentence each.
  var domain: [String]
  /// SHA-256 of all that decides what is measured.
  var digest: String
  /// The number of parts that shards share out.
  var parts: Int
  /// The things asked for that cannot be measured, a sentence each.
  var notMeasured: [String]

  /// The subject of the run on this machine.
  ///
  /// - Parameter command: The words of the command line.
  func subject(of command: [String]) -> RunSubject {
    var names = Set<String>()
    let implementations = implementations.filter { names.insert($0.name).inserted }
    let head = ResultsHead.ofThisRun(tier: .mpfr, threads: 1, implementations: implementations)
    return RunSubject(
      tool: head.tool, library: head.oracle.library, command: command, seed: seed,
      implementations: head.environment.lastingFacts ?? [:],
      answers: AnswerDigest.entries(of: implementations, in: formats, output: outputFormat),
      domain: domain, digest: digest, parts: parts, notMeasured: notMeasured)
  }
}
