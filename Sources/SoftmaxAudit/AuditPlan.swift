import FloatFormats
import SoftmaxOracle
import SoftmaxVariants

/// What an audit measures: implementations, and the lanes to measure them on.
public struct AuditPlan: Sendable {
  /// The lanes of a cell: a family at a length, or a tensor of the user's own.
  public enum Source: Sendable {
    case family(LogitFamily, length: Int, samples: Int)
    case tensor(name: String, AnyTensor)
  }

  /// A set of lanes of one shape in one format, shared by all implementations.
  public struct Cell: Sendable {
    public var format: FloatFormat
    public var source: Source

    public init(format: FloatFormat, source: Source) {
      self.format = format
      self.source = source
    }
  }

  public var implementations: [any SoftmaxImplementation]
  public var cells: [Cell]
  public var outputFormat: FloatFormat?
  public var seed: UInt64
  public var threads: Int
  public var settings: MeasurementSettings
  /// Which parts of the oracle answer; changes no certified figure.
  public var oracleTier = OracleTier.filtered
  /// The vector instructions of the filters; changes no figure.
  public var kernelLevel = KernelLevel.best
  /// Whether bounds are evaluated where they cannot matter as well; changes no figure.
  var evaluatesAllBounds = false
  /// Which cells are measured; nil for all.
  public var shard: Shard?

  public init(
    implementations: [any SoftmaxImplementation], cells: [Cell], outputFormat: FloatFormat? = nil,
    seed: UInt64 = AuditPlan.defaultSeed, threads: Int = 1, settings: MeasurementSettings = .init()
  ) {
    self.implementations = implementations
    self.cells = cells
    self.outputFormat = outputFormat
    self.seed = seed
    self.threads = threads
    self.settings = settings
  }

  /// The seed of a run that names none.
  public static let defaultSeed: UInt64 = 20_180_528

  /// The largest length of a lane.
  public static let largestLength = 1 << 24
  /// The largest number of logits in a cell: more would not fit into memory with all that is known about them.
  public static let largestCell = 1 << 28

  /// The lengths of lanes of every family where none are asked for.
  public static let shortLengths = [2, 17, 128, 1000]
  /// The lengths that families which separate summations go on to.
  public static let longLengths = [4096, 32_768, 131_072]
  /// The lengths of the one family that sweeps: 0, 1, 2, and each power of two from 4 to 2^17 with its neighbours.
  public static let sweptLengths =
    [0, 1, 2] + (2...17).flatMap { [(1 << $0) - 1, 1 << $0, (1 << $0) + 1] }
  /// The family that sweeps over lengths.
  public static let sweepingFamily = "normal-4"

  /// The number of lanes of a cell where none is asked for: up to 64, fewer where they are long.
  ///
  /// - Parameter isFromOutside: Whether some implementation is none of this program. Kernels switch their code by the length
  ///   and by the place in a batch, so those get 16 lanes at least in one call; built-in ones work lane by lane.
  public static func defaultSamples(length: Int, isFromOutside: Bool = false) -> Int {
    max(isFromOutside ? 16 : 1, min(64, 16_384 / max(length, 1)))
  }

  /// The lengths of a family where none are asked for.
  public static func defaultLengths(of family: LogitFamily) -> [Int] {
    if family.name == sweepingFamily { return sweptLengths }
    if let own = family.ownLengths { return own }
    return shortLengths + (family.goesLong ? longLengths : [])
  }

  /// The cells of families in formats.
  ///
  /// - Parameter largestLogit: Cells that may have larger finite logits are left out.
  public static func cells(
    families: [LogitFamily], formats: [FloatFormat], lengths: [Int]?, samples: Int?,
    largestLogit: Double = .infinity, isFromOutside: Bool = false
  ) -> [Cell] {
    formats.flatMap { format in
      families.filter { $0.applies(to: format) }.flatMap { family -> [Cell] in
        let chosen = (lengths ?? defaultLengths(of: family)).filter {
          family.staysWithin(largestLogit, as: format, length: $0)
        }
        return chosen.map { length in
          Cell(
            format: format,
            source: .family(
              family, length: length,
              samples: samples
                ?? defaultSamples(length: length, isFromOutside: isFromOutside)))
        }
      }
    }
  }
}

/// How outputs are judged, for all implementations of a run.
public struct MeasurementSettings: Sendable {
  /// What implementations may do with special lanes; nil leaves it to each.
  public var specialLanes: SpecialLanePolicy?
  /// The model whose bound is used instead of the declared one.
  public var declaredModel: SoftmaxVariant?
  /// Whether outputs are also judged by the tolerances in use elsewhere.
  public var judgesElsewhere: Bool
  /// A tolerance of the user's own, judged by beside those in use elsewhere; nil for none.
  public var ownTolerance: OwnTolerance?
  /// What outputs are judged by beside bounds.
  var tolerancesElsewhere: [ToleranceInUse] {
    judgesElsewhere ? ToleranceInUse.all + (ownTolerance.map { [$0.tolerance] } ?? []) : []
  }
  /// Whether errors are measured and compared with nothing.
  ///
  /// Else what declares no model is compared with the default tolerance, under the name ``undeclared``, and a zero below
  /// the normal range is within the bound where underflow may flush, as laws have it.
  public var judgesNothing = false
  /// Whether the default tolerance takes the place of what an implementation declares.
  public var ignoresOwnModel = false
  /// What may become of results below the normal range; nil leaves it to each implementation.
  public var underflow: UnderflowPolicy?

  /// What stands for the model in results where none is declared and the default tolerance is the bound.
  public static let undeclared = "undeclared"

  public init(
    specialLanes: SpecialLanePolicy? = nil, declaredModel: SoftmaxVariant? = nil,
    judgesElsewhere: Bool = false, ownTolerance: OwnTolerance? = nil
  ) {
    self.specialLanes = specialLanes
    self.declaredModel = declaredModel
    self.judgesElsewhere = judgesElsewhere
    self.ownTolerance = ownTolerance
  }
}

/// A tensor of any of the audited formats.
public enum AnyTensor: Sendable {
  case float16(Tensor<Float16>)
  case bfloat16(Tensor<BFloat16>)
  case float32(Tensor<Float>)
  case float64(Tensor<Double>)

  /// The tensor as one of a format, rounded where it has another.
  public func rounded<F: BinaryFloat>(to format: F.Type) -> Tensor<F> {
    switch self {
    case .float16(let tensor): Tensor(rounding: tensor)
    case .bfloat16(let tensor): Tensor(rounding: tensor)
    case .float32(let tensor): Tensor(rounding: tensor)
    case .float64(let tensor): Tensor(rounding: tensor)
    }
  }

  /// The format of the elements.
  public var format: FloatFormat {
    switch self {
    case .float16: .float16
    case .bfloat16: .bfloat16
    case .float32: .float32
    case .float64: .float64
    }
  }
}
