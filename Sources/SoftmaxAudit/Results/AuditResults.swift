/// A measured figure; in JSON a number, or the text `inf`, `-inf` or `nan`.
public struct Figure: Codable, Sendable, Hashable, ExpressibleByFloatLiteral {
  public let value: Double

  public init(_ value: Double) { self.value = value }
  public init(floatLiteral value: Double) { self.value = value }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let text = try? container.decode(String.self) {
      switch text {
      case "inf": value = .infinity
      case "-inf": value = -.infinity
      case "nan": value = .nan
      default:
        throw DecodingError.dataCorruptedError(
          in: container,
          debugDescription: "\"\(text)\" is not a number, \"inf\", \"-inf\" or \"nan\"")
      }
    } else {
      value = try container.decode(Double.self)
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    if value.isFinite {
      try container.encode(value)
    } else {
      try container.encode(value.isNaN ? "nan" : value < 0 ? "-inf" : "inf")
    }
  }
}

/// The results of a run: one JSON document of schema `softmax-audit/results/1`.
public struct AuditResults: Codable, Sendable, Equatable {
  /// The schema this program writes and reads.
  public static let currentSchema = "softmax-audit/results/1"

  public var schema: String
  public var tool: Tool
  /// The command line that made the results, without the program's path.
  public var command: String
  public var seed: UInt64
  public var oracle: Oracle
  public var environment: Environment
  /// Which part of a run this is; nil for all of it.
  public var shard: ShardNote?
  public var accuracy: [AccuracyRow]
  public var properties: [PropertyRow]
  /// How the accuracy rows were judged; nil in results that hold none, and in those of older versions.
  public var judging: MeasurementJudging?
  /// How the laws were checked; nil in results that hold none, and in those of older versions.
  public var checking: LawJudging?
  /// Where the parts of a run took place that was put together from several machines; nil where one had all.
  public var environments: [Environment]?
  /// The verdict of a policy on the rows; nil where none was asked.
  public var gate: GateResult?

  public init(
    tool: Tool, command: String, seed: UInt64, oracle: Oracle, environment: Environment,
    accuracy: [AccuracyRow]
  ) {
    schema = Self.currentSchema
    self.tool = tool
    self.command = command
    self.seed = seed
    self.oracle = oracle
    self.environment = environment
    self.accuracy = accuracy
    properties = []
  }

  /// The program.
  public struct Tool: Codable, Sendable, Equatable {
    public var name: String
    public var version: String
    public init(name: String, version: String) {
      self.name = name
      self.version = version
    }
  }

  /// The oracle.
  public struct Oracle: Codable, Sendable, Equatable {
    /// `mpfr`: the arbiter alone.
    public var tier: String
    public var library: String
    public init(tier: String, library: String) {
      self.tier = tier
      self.library = library
    }
  }

  /// Where the run took place; the only part besides timings that may differ between two equal runs.
  public struct Environment: Codable, Sendable, Equatable {
    public var platform: String
    public var processor: String
    public var threads: Int
    /// What the figures of an implementation from outside may depend on, by its name: library versions, settings.
    public var implementations: [String: [String: String]]?
    public init(
      platform: String, processor: String, threads: Int,
      implementations: [String: [String: String]]? = nil
    ) {
      self.platform = platform
      self.processor = processor
      self.threads = threads
      self.implementations = implementations
    }

    /// The fact about an implementation that depends on the run: the memory that it took.
    public static let peakMemory = "peak memory"
    /// What tells one build of an implementation from another, by its name: the facts that every run of it repeats.
    public var lastingFacts: [String: [String: String]]? {
      implementations?.mapValues { $0.filter { $0.key != Self.peakMemory } }
    }
  }
}

/// One cell of an audit: an implementation on one family of lanes of one shape.
public struct AccuracyRow: Codable, Sendable, Equatable {
  // The eight keys.
  public var implementation: String
  public var inputFormat: String
  public var outputFormat: String
  public var operation: String
  public var family: String
  public var length: Int
  public var shape: [Int]
  public var axis: Int

  public var lanes: UInt64
  public var elements: UInt64
  /// Finite outputs of finite exact values: what shares are shares of.
  public var finitePairs: UInt64
  /// Those of them whose exact value is normal: what means and percentiles are over.
  public var normalPairs: UInt64
  public var maxUlp: Figure?
  public var meanUlp: Figure?
  public var rmsUlp: Figure?
  public var meanSignedUlp: Figure?
  public var p50Ulp: Figure?
  public var p95Ulp: Figure?
  public var p99Ulp: Figure?
  public var correctlyRounded: Figure?
  public var faithful: Figure?
  public var mismatches: UInt64
  public var mismatchedLanes: UInt64
  /// Mismatches that no declared domain excuses.
  public var mismatchesInDomain: UInt64
  /// All mismatches by what they are; nil where there are none, and where there were no outputs to look at.
  public var mismatchKinds: MismatchKinds?
  public var agreedSpecial: UInt64
  public var negativeZeros: UInt64
  /// Finite pairs whose output is 0 although the exact value is positive; nil where nobody counted.
  public var zeros: UInt64?
  public var undecided: UInt64
  public var maxUlpSubnormal: Figure?
  public var maxUlpFlushToZero: Figure?
  public var maxNormUlp: Figure?
  public var maxSumError: Figure?
  public var bound: Bound?
  public var worst: Witness?
  public var oracleFallbacks: UInt64
  public var nsPerElement: Figure?
  /// Why there are no outputs; nil where there are.
  public var failure: Failure?
  /// What the implementation did that no softmax may do; nil for a good one.
  public var misconduct: [Misconduct]?
  /// How the errors are distributed; nil where no output could be looked at.
  public var sample: ErrorSample?
  /// What came out of special lanes; nil where there are none.
  public var specialOutputs: [SpecialOutput]?
  /// What tolerances in use elsewhere would have said; nil where nobody asked.
  public var elsewhere: [ElsewhereCount]?
  /// The wrong recipe that the outputs fit, as a clause: "the softmax along axis 0"; nil where none does.
  public var resembles: String?

  /// A cell without outputs.
  public struct Failure: Codable, Sendable, Equatable {
    public enum Kind: String, Codable, Sendable, Equatable {
      case crash, hang, refusal, rubbish
      /// The call was not made.
      case notMeasured

      init(_ kind: CallFailure.Kind) {
        self =
          switch kind {
          case .crash: .crash
          case .hang: .hang
          case .refusal: .refusal
          case .rubbish: .rubbish
          }
      }
    }

    public var kind: Kind
    public var explanation: String

    public init(kind: Kind, explanation: String) {
      self.kind = kind
      self.explanation = explanation
    }
  }

  /// The comparison with the a-priori bound.
  public struct Bound: Codable, Sendable, Equatable {
    /// The declared model; ``MeasurementSettings/undeclared`` where it is the default tolerance.
    public var model: String
    /// The largest |y - p| / bound; at most 1 where the bound holds.
    public var maxRatio: Figure?
    /// Elements of lanes outside the domain of the bound.
    public var outsideDomain: UInt64
    /// The element with the largest |y - p| / bound; nil where none was compared.
    public var worst: Witness?
    /// The same range by range, where the row has exact values in both; nil where it has not.
    public var regimes: Regimes?

    /// The comparison in the normal range of exact values and in the range below.
    public struct Regimes: Codable, Sendable, Equatable {
      public var normal: Regime
      public var subnormal: Regime
    }

    /// The comparison in one range of exact values.
    public struct Regime: Codable, Sendable, Equatable {
      /// The largest |y - p| / bound of the range; nil where no element of it was compared.
      public var maxRatio: Figure?
      /// The element that has it; nil where it is that of both ranges together.
      public var worst: Witness?
    }
  }

  /// An element with its lane: the one with the largest error, or the largest part of its bound.
  public struct Witness: Codable, Sendable, Equatable {
    /// The logits of the lane in hexadecimal; of a long lane only as many as fit, see `elided`.
    public var logits: [String]
    /// How many logits of the lane are left out; the family, seed, length and sample make them again.
    public var elided: Int
    /// The number of the sample in its family.
    public var sample: Int
    public var index: Int
    public var computed: String
    /// 40 digits of the exact value.
    public var exact: String
    /// The signed error, magnitude rounded up.
    public var ulp: Figure
    /// The a-priori bound on this element in ULP; nil where none is declared, or the lane is outside its domain.
    public var bound: Figure?
    /// Which stages make the error; nil where nobody asked, or the implementation is like no known one.
    public var blame: StageBlame?
  }
}

extension AccuracyRow {
  /// Whether the call ended otherwise than a softmax may: an empty tensor may be refused, and nothing else may happen to it.
  public var isUnanswered: Bool {
    switch failure?.kind {
    case .crash, .hang, .rubbish: true
    case .refusal: elements > 0
    case .notMeasured, nil: false
    }
  }

  /// Whether something in the row is wrong by its own declaration: exit status 1.
  public var isFailure: Bool {
    if mismatchesInDomain > 0 || misconduct != nil || isUnanswered { return true }
    if let ratio = bound?.maxRatio?.value, !(ratio <= 1) { return true }
    return false
  }
}
