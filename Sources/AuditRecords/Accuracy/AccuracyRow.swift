import AuditedOperations
import FloatFormats

/// One cell of an audit: an implementation on one family of lanes of one shape.
///
/// In JSON facts and figures stand side by side.
@dynamicMemberLookup
public struct AccuracyRow: Codable, Sendable, Equatable {
  private var facts: Facts
  /// The figures, see `FigureDescriptor`.
  public var figures = FigureValues()

  /// All of a row but its figures.
  public struct Facts: Codable, Sendable, Equatable {
    // The nine keys.
    public var implementation: String
    public var inputFormat: FloatFormat
    public var outputFormat: FloatFormat
    public var operation: AuditedOperation
    public var family: String
    public var length: Int
    public var shape: [Int]
    public var axis: Int
    /// The parameters of the calls; nil for the usual ones.
    public var parameters: RowParameters?
    /// The output that is measured, of an operation with more than one; `nil` for others.
    public var outputRole: String?

    public var lanes: UInt64 = 0
    public var elements: UInt64 = 0
    /// Finite outputs of finite exact values: what shares are shares of.
    public var finitePairs: UInt64 = 0
    /// Those of them whose exact value is normal: what means and percentiles are over.
    public var normalPairs: UInt64 = 0
    public var mismatches: UInt64 = 0
    public var mismatchedLanes: UInt64 = 0
    /// Mismatches that no declared domain excuses.
    public var mismatchesInDomain: UInt64 = 0
    /// All mismatches by what they are; nil where there are none, and where there were no outputs
    /// to look at.
    public var mismatchKinds: MismatchKinds?
    public var agreedSpecial: UInt64 = 0
    public var negativeZeros: UInt64 = 0
    /// Finite pairs whose output is 0 although the exact value is positive; nil where nobody
    /// counted.
    public var zeros: UInt64?
    public var undecided: UInt64 = 0
    /// Outputs whose exact probability is at least 2^-20: what the shares outside a band are over;
    /// nil where nobody asked.
    public var likelyPairs: UInt64?
    public var bound: Bound?
    public var worst: Witness?
    /// The element with the largest scaled error; nil for softmax, of which `worst` tells as much.
    public var worstScaled: Witness?
    public var oracleFallbacks: UInt64 = 0
    /// The reason why there are no outputs; `nil` where there are.
    public var failure: Failure?
    /// The misconduct of the implementation; nil for a good one.
    public var misconduct: [Misconduct]?
    /// The distribution of the errors; `nil` where no output could be looked at.
    package var sample: ErrorSample?
    /// The outputs of special lanes; nil where there are none.
    package var specialOutputs: [SpecialOutput]?
    /// The verdicts of tolerances in use elsewhere; nil where nobody asked.
    package var elsewhere: [ElsewhereCount]?
    /// The wrong recipe that the outputs fit, as a clause: "the softmax along axis 0"; nil where
    /// none does.
    public var resembles: String?
  }

  public subscript<Value>(dynamicMember path: WritableKeyPath<Facts, Value>) -> Value {
    get { facts[keyPath: path] }
    set { facts[keyPath: path] = newValue }
  }

  public init(from decoder: any Decoder) throws {
    facts = try Facts(from: decoder)
    figures = try FigureValues(from: decoder)
  }

  public func encode(to encoder: any Encoder) throws {
    try facts.encode(to: encoder)
    try figures.encode(to: encoder)
  }

  /// A row of a cell that nothing was counted in.
  package init(
    implementation: String, inputFormat: FloatFormat, outputFormat: FloatFormat,
    operation: AuditedOperation, family: String, length: Int, shape: [Int], axis: Int,
    parameters: RowParameters? = nil
  ) {
    facts = Facts(
      implementation: implementation, inputFormat: inputFormat, outputFormat: outputFormat,
      operation: operation, family: family, length: length, shape: shape, axis: axis,
      parameters: parameters)
  }

  // Those of the keys that the scope is made of; members by name meet no requirement of a protocol.
  public var implementation: String {
    get { facts.implementation }
    set { facts.implementation = newValue }
  }
  public var inputFormat: FloatFormat {
    get { facts.inputFormat }
    set { facts.inputFormat = newValue }
  }
  public var outputFormat: FloatFormat {
    get { facts.outputFormat }
    set { facts.outputFormat = newValue }
  }
  public var operation: AuditedOperation {
    get { facts.operation }
    set { facts.operation = newValue }
  }
  public var parameters: RowParameters? {
    get { facts.parameters }
    set { facts.parameters = newValue }
  }

  /// A cell without outputs.
  public struct Failure: Codable, Sendable, Equatable {
    public enum Kind: String, Codable, Sendable, Equatable {
      case crash, hang, refusal, rubbish
      /// The call was not made.
      case notMeasured

      package init(_ kind: CallFailure.Kind) {
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

    package init(kind: Kind, explanation: String) {
      self.kind = kind
      self.explanation = explanation
    }
  }

  /// The comparison with the a-priori bound.
  public struct Bound: Codable, Sendable, Equatable {
    /// The declared model; `MeasurementJudging.undeclared` where it is the default tolerance.
    public var model: String
    /// The largest |y - p| / bound; at most 1 where the bound holds.
    public var maxRatio: Figure?
    /// Elements of lanes outside the domain of the bound.
    public var outsideDomain: UInt64
    /// Those of them that nobody excuses but who declared the model, so that they are not judged
    /// and no pass; nil where there are none.
    public var notJudged: UInt64?
    /// The element with the largest |y - p| / bound; nil where none was compared.
    public var worst: Witness?
    /// The same range by range, where the row has exact values in both; nil where it has not.
    public var regimes: Regimes?

    package init(
      model: String, maxRatio: Figure? = nil, outsideDomain: UInt64, worst: Witness? = nil,
      regimes: Regimes? = nil
    ) {
      self.model = model
      self.maxRatio = maxRatio
      self.outsideDomain = outsideDomain
      self.worst = worst
      self.regimes = regimes
    }

    /// The comparison in the normal range of exact values and in the range below.
    public struct Regimes: Codable, Sendable, Equatable {
      public var normal: Regime
      public var subnormal: Regime

      package init(normal: Regime, subnormal: Regime) {
        self.normal = normal
        self.subnormal = subnormal
      }
    }

    /// The comparison in one range of exact values.
    public struct Regime: Codable, Sendable, Equatable {
      /// The largest |y - p| / bound of the range; nil where no element of it was compared.
      public var maxRatio: Figure?
      /// The element that has it; nil where it is that of both ranges together.
      public var worst: Witness?

      package init(maxRatio: Figure? = nil, worst: Witness? = nil) {
        self.maxRatio = maxRatio
        self.worst = worst
      }
    }
  }

  /// An element with its lane: the one with the largest error, or the largest part of its bound.
  public struct Witness: Codable, Sendable, Equatable {
    /// The logits of the lane in hexadecimal; of a long lane only as many as fit, see `elided`.
    public var logits: [String]
    /// The number of logits of the lane that are left out; the family, seed, length and sample make
    /// them again.
    public var elided: Int
    /// The number of the sample in its family.
    public var sample: Int
    public var index: Int
    public var computed: String
    /// 40 digits of the exact value.
    public var exact: String
    /// The signed error, magnitude rounded up; of a quantised output in steps.
    public var ulp: Figure
    /// The scaled error, rounded up; nil where the place was found by something else.
    public var scaled: Figure?
    /// The a-priori bound on this element in ULP; nil where none is declared, or the lane is
    /// outside its domain.
    public var bound: Figure?
    /// The inputs beside the logits; `nil` where the operation takes none.
    public var accompanying: WitnessInputs?
    /// The integers, where the output is quantised; `nil` for others.
    public var steps: StepWitness?
    /// The stages that make the error; nil where nobody asked, or the implementation is like no
    /// known one.
    package var blame: StageBlame?

    package init(
      logits: [String], elided: Int, sample: Int, index: Int, computed: String, exact: String,
      ulp: Figure, scaled: Figure? = nil, bound: Figure? = nil,
      accompanying: WitnessInputs? = nil, blame: StageBlame? = nil
    ) {
      self.logits = logits
      self.elided = elided
      self.sample = sample
      self.index = index
      self.computed = computed
      self.exact = exact
      self.ulp = ulp
      self.scaled = scaled
      self.bound = bound
      self.accompanying = accompanying
      self.blame = blame
    }
  }
}

extension AccuracyRow {
  /// Whether the call ended otherwise than a softmax may: an empty tensor may be refused, and
  /// nothing else may happen to it.
  public var isUnanswered: Bool {
    switch self.failure?.kind {
    case .crash, .hang, .rubbish: true
    case .refusal: self.elements > 0
    case .notMeasured, nil: false
    }
  }

  /// Whether something in the row is wrong by its own declaration: exit status 1.
  public var isFailure: Bool {
    if self.mismatchesInDomain > 0 || self.misconduct != nil || isUnanswered { return true }
    if let ratio = self.bound?.maxRatio?.value, !(ratio <= 1) { return true }
    return false
  }
}
