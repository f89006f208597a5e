import AuditedOperations
import Basics
import FloatFormats

/// The certificates of exhausted domains: one JSON document of schema
/// `softmax-audit/certificates/1`.
package struct Certificates: Codable, Sendable, Equatable {
  /// The schema this program writes and reads.
  package static let currentSchema = "softmax-audit/certificates/1"

  package var schema: String
  package var tool: AuditResults.Tool
  /// The command line that made the document, without the program's path.
  package var command: String
  package var oracle: AuditResults.Oracle
  package var environment: AuditResults.Environment
  /// The shard of the run that this is; nil for all of it.
  package var shard: Shard?
  package var certificates: [ExhaustiveCertificate]

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
package struct ExhaustiveCertificate: ScopedRow, Codable, Sendable, Equatable {
  package var implementation: String
  package var inputFormat: FloatFormat
  package var outputFormat: FloatFormat
  package var operation: AuditedOperation
  /// None: domains are of plain logits.
  package var parameters: RowParameters? { nil }
  package var domain: ExhaustiveDomain
  /// The domain in one sentence.
  package var statement: String
  package var lanes: UInt64 = 0
  package var elements: UInt64 = 0
  /// Outputs that have an error: what the following two are counted of.
  package var finitePairs: UInt64 = 0
  package var correctlyRounded: UInt64 = 0
  package var faithful: UInt64 = 0
  package var mismatches: UInt64 = 0
  package var mismatchedLanes: UInt64 = 0
  package var negativeZeros: UInt64 = 0
  /// Outputs that are infinite where the exact value rounds to that; nil where there are none.
  package var overflows: UInt64?
  package var undecided: UInt64 = 0
  package var maxUlp: Figure?
  package var maxUlpSubnormal: Figure?
  /// The largest scaled error; nil for softmax, of which `maxUlp` tells as much.
  package var maxScaled: Figure?
  /// The first element with the largest error where the exact value is normal.
  package var worst: Witness?
  /// The same where it is subnormal.
  package var worstSubnormal: Witness?
  /// The first element with the largest scaled error.
  package var worstScaled: Witness?
  package var firstMismatch: Witness?
  /// A mismatch that no declared domain excuses: the first of its block, in the first block that
  /// begins with such a one.
  package var undeclaredMismatch: Witness?
  /// The first element farther from the exact value than any sound implementation may be, where
  /// nothing is declared.
  package var beyondTolerance: Witness?
  /// The declared model whose bound stands with the witnesses; ``MeasurementJudging/undeclared``
  /// where it is what any sound implementation keeps to, nil where nothing is judged.
  package var model: String?
  /// `flush` where results below the normal range may be zero; nil where they may not.
  package var underflow: UnderflowPolicy?
  /// The witnesses of a largest error that the declared model has no bound for, where this program
  /// does not know the implementation; nil where there are none.
  package var notJudged: UInt64?
  package var misconduct: [String]?
  /// The reason why there are no outputs; `nil` where there are.
  package var failure: String?
  package var digest: Digest?
  /// The state that other shards are put together with; nil in a whole certificate.
  package var state: ExhaustiveState?

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
  package struct Digest: Codable, Sendable, Equatable {
    /// SHA-256, in hexadecimal, of the sums of all blocks; see
    /// `ExhaustiveState.digest(ofChecksums:)`.
    package var sha256: String
    /// The number of lanes in a block; the last one may have fewer.
    package var blockLanes: UInt64

    package init(sha256: String, blockLanes: UInt64) {
      self.sha256 = sha256
      self.blockLanes = blockLanes
    }
  }

  /// One element of the domain.
  package struct Witness: Codable, Sendable, Equatable {
    package var lane: UInt64
    package var index: Int
    package var logits: [String]
    package var computed: String
    /// 40 digits of the exact value.
    package var exact: String
    /// The signed error, magnitude rounded up; nil for a mismatch.
    package var ulp: Figure?
    /// The scaled error, rounded up; nil for softmax and for a mismatch.
    package var scaled: Figure?
    /// The a-priori bound in ULP; nil where none is declared or the lane is outside its domain.
    package var bound: Figure?
    /// The command that shows the lane again.
    package var replay: String

    package init(
      lane: UInt64, index: Int, logits: [String], computed: String, exact: String,
      ulp: Figure? = nil, scaled: Figure? = nil, bound: Figure? = nil, replay: String
    ) {
      self.lane = lane
      self.index = index
      self.logits = logits
      self.computed = computed
      self.exact = exact
      self.ulp = ulp
      self.scaled = scaled
      self.bound = bound
      self.replay = replay
    }
  }
}

extension ExhaustiveCertificate {
  /// Whether something is wrong by the implementation's own declaration.
  package var isFailure: Bool {
    guard model != nil else { return false }
    if failure != nil || undeclaredMismatch != nil || misconduct != nil || beyondTolerance != nil {
      return true
    }
    return largestErrors.contains { witness in
      guard let bound = witness.bound?.value, let ulp = witness.ulp?.value else { return false }
      return Self.exceeds(abs(ulp), bound: bound)
    }
  }

  /// The witnesses of the largest errors.
  package var largestErrors: [Witness] {
    [worst, worstSubnormal, worstScaled].compactMap(\.self)
  }

  /// All witnesses that a certificate can have.
  package static var witnesses: [WritableKeyPath<Self, Witness?>] {
    [
      \.worst, \.worstSubnormal, \.worstScaled, \.firstMismatch, \.undeclaredMismatch,
      \.beyondTolerance,
    ]
  }

  /// Whether the figure of an error is above its bound, both in ULP; figures are rounded up to 30
  /// bits.
  package static func exceeds(_ figure: Double, bound: Double) -> Bool {
    !(figure <= bound * (1 + 0x1p-29))
  }
}
