import AuditedOperations
import Basics
import FloatFormats

/// The certificates of exhausted domains: one JSON document of schema
/// `softmax-audit/certificates/1`.
public struct Certificates: Codable, Sendable, Equatable {
  /// The schema this program writes and reads.
  public static let currentSchema = "softmax-audit/certificates/1"

  public var schema: String
  public var tool: AuditResults.Tool
  /// The command line that made the document, without the program's path.
  public var command: String
  public var oracle: AuditResults.Oracle
  public var environment: AuditResults.Environment
  /// The shard of the run that this is; nil for all of it.
  public var shard: Shard?
  public var certificates: [ExhaustiveCertificate]

  package init(_ head: ResultsHead, shard: Shard?, certificates: [ExhaustiveCertificate]) {
    schema = Self.currentSchema
    tool = head.tool
    command = head.command
    oracle = head.oracle
    environment = head.environment
    self.shard = shard
    self.certificates = certificates
  }
}

/// The certified figures of one implementation on every lane of a domain.
///
/// All figures are certified: facts about real numbers and about the outputs of the program as it
/// was compiled.
public struct ExhaustiveCertificate: ScopedRow, Codable, Sendable, Equatable {
  public var implementation: String
  public var inputFormat: FloatFormat
  public var outputFormat: FloatFormat
  public var operation: AuditedOperation
  public var domain: ExhaustiveDomain
  /// The domain in one sentence.
  public var statement: String
  public var lanes: UInt64 = 0
  public var elements: UInt64 = 0
  /// Finite outputs that are not negative: what the following two are counted of.
  public var finitePairs: UInt64 = 0
  public var correctlyRounded: UInt64 = 0
  public var faithful: UInt64 = 0
  public var mismatches: UInt64 = 0
  public var mismatchedLanes: UInt64 = 0
  public var negativeZeros: UInt64 = 0
  public var undecided: UInt64 = 0
  public var maxUlp: Figure?
  public var maxUlpSubnormal: Figure?
  /// The first element with the largest error where the exact value is normal.
  public var worst: Witness?
  /// The same where it is subnormal.
  public var worstSubnormal: Witness?
  public var firstMismatch: Witness?
  /// A mismatch that no declared domain excuses: the first of its block, in the first block that
  /// begins with such a one.
  public var undeclaredMismatch: Witness?
  /// The first element farther from the exact value than any sound softmax may be, where nothing is
  /// declared.
  public var beyondTolerance: Witness?
  /// The declared model whose bound stands with the witnesses; ``MeasurementJudging/undeclared``
  /// where it is what any sound softmax keeps to, nil where nothing is judged.
  public var model: String?
  /// `flush` where results below the normal range may be zero; nil where they may not.
  public var underflow: UnderflowPolicy?
  /// The witnesses of a largest error that the declared model has no bound for, where this program
  /// does not know the implementation; nil where there are none.
  public var notJudged: UInt64?
  public var misconduct: [String]?
  /// The reason why there are no outputs; `nil` where there are.
  public var failure: String?
  public var digest: Digest?
  /// The state that other shards are put together with; nil in a whole certificate.
  public var state: ExhaustiveState?

  /// A certificate of a domain of which nothing is known yet.
  package init(
    implementation: String, inputFormat: FloatFormat, outputFormat: FloatFormat,
    operation: AuditedOperation, domain: ExhaustiveDomain
  ) {
    self.implementation = implementation
    self.inputFormat = inputFormat
    self.outputFormat = outputFormat
    self.operation = operation
    self.domain = domain
    statement = domain.summary
  }

  /// The digest that outputs can be compared with, bit for bit.
  public struct Digest: Codable, Sendable, Equatable {
    /// SHA-256, in hexadecimal, of the sums of all blocks; see
    /// `ExhaustiveState.digest(ofChecksums:)`.
    public var sha256: String
    /// The number of lanes in a block; the last one may have fewer.
    public var blockLanes: UInt64

    package init(sha256: String, blockLanes: UInt64) {
      self.sha256 = sha256
      self.blockLanes = blockLanes
    }
  }

  /// One element of the domain.
  public struct Witness: Codable, Sendable, Equatable {
    public var lane: UInt64
    public var index: Int
    public var logits: [String]
    public var computed: String
    /// 40 digits of the exact value.
    public var exact: String
    /// The signed error, magnitude rounded up; nil for a mismatch.
    public var ulp: Figure?
    /// The a-priori bound in ULP; nil where none is declared or the lane is outside its domain.
    public var bound: Figure?
    /// The command that shows the lane again.
    public var replay: String

    package init(
      lane: UInt64, index: Int, logits: [String], computed: String, exact: String,
      ulp: Figure? = nil, bound: Figure? = nil, replay: String
    ) {
      self.lane = lane
      self.index = index
      self.logits = logits
      self.computed = computed
      self.exact = exact
      self.ulp = ulp
      self.bound = bound
      self.replay = replay
    }
  }
}

extension ExhaustiveCertificate {
  /// Whether something is wrong by the implementation's own declaration.
  public var isFailure: Bool {
    guard model != nil else { return false }
    if failure != nil || undeclaredMismatch != nil || misconduct != nil || beyondTolerance != nil {
      return true
    }
    return [worst, worstSubnormal].contains { witness in
      guard let witness, let bound = witness.bound?.value, let ulp = witness.ulp?.value else {
        return false
      }
      return Self.exceeds(abs(ulp), bound: bound)
    }
  }

  /// Whether the figure of an error is above its bound, both in ULP; figures are rounded up to 30
  /// bits.
  package static func exceeds(_ figure: Double, bound: Double) -> Bool {
    !(figure <= bound * (1 + 0x1p-29))
  }
}
