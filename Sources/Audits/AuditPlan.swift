import AuditedOperations
import Basics
import ErrorMeasurement
import FloatFormats
import LogitFamilies
import Oracle
import SoftmaxVariants

/// The subject of an audit: implementations, and the lanes to measure them on.
public struct AuditPlan: Sendable {
  /// The lanes of a cell: a family at a length, or a tensor of the user's own; of an attention a
  /// family with a number of keys.
  ///
  /// Lane k of a family is its sample k, which the seed, the family, the format, the length and k
  /// decide. So no two lanes of a cell are made alike, and a cell of fewer samples holds the first
  /// lanes of one of more. An implementation gets the lanes of a cell in this order, in one call
  /// where they fit into a part, and each is judged against its own exact softmax.
  public enum Source: Sendable {
    case family(LogitFamily, length: Int, samples: Int)
    case tensor(name: String, AnyTensor)
    case attention(AttentionFamily, keys: Int, rows: Int)
  }

  /// A set of lanes of one shape in one format, shared by all implementations.
  public struct Cell: Sendable {
    public var format: FloatFormat
    public var source: Source

    public init(format: FloatFormat, source: Source) {
      self.format = format
      self.source = source
    }

    /// The shape of its logits, with their axis; of an attention that of its output.
    package func geometry() throws -> LaneGeometry {
      switch source {
      case .family(_, let length, let samples):
        try LaneGeometry(shape: [samples, length], axis: 1)
      case .tensor(_, let tensor): tensor.geometry
      case .attention(let family, let keys, let rows):
        AttentionShape.rows(of: try family.shape(keys: keys, rows: rows).output)
      }
    }
  }

  public var implementations: [any SoftmaxImplementation]
  public var cells: [Cell]
  public var outputFormat: FloatFormat?
  public var seed: UInt64
  public var threads: Int
  public var settings: MeasurementSettings
  /// The modifiers of logits that somebody asked for, by the format of the logits; operations that
  /// take none have none.
  package var modifiers: [FloatFormat: GivenModifiers] = [:]
  /// The parameters of losses that somebody asked for, by the format of the logits, for operations
  /// that take them.
  package var loss: [FloatFormat: GivenLoss] = [:]
  /// The parts of the oracle that answer; changes no certified figure.
  public var oracleTier = OracleTier.filtered
  /// The vector instructions of the filters; changes no figure.
  public var kernelLevel = KernelLevel.best
  /// Whether bounds are evaluated where they cannot matter as well; changes no figure.
  var evaluatesAllBounds = false
  /// The largest number of logits in a part of several lanes; `nil` for the usual one.
  ///
  /// Changes no figure of an implementation that works lane by lane.
  var largestPart: Int?
  /// The shard whose cells are measured; `nil` for all.
  public var shard: Shard?

  public init(
    implementations: [any SoftmaxImplementation], cells: [Cell], outputFormat: FloatFormat? = nil,
    seed: UInt64 = RunSeed.standard, threads: Int = 1, settings: MeasurementSettings = .init()
  ) {
    self.implementations = implementations
    self.cells = cells
    self.outputFormat = outputFormat
    self.seed = seed
    self.threads = threads
    self.settings = settings
  }

  /// The largest number of logits in a cell: more would not fit into memory with all that is known
  /// about them.
  public static let largestCell = 1 << 28

  /// The lengths of lanes of every family where none are asked for.
  public static let shortLengths = [2, 17, 128, 1000]
  /// The lengths that families which separate summations go on to.
  public static let longLengths = [4096, 32_768, 131_072]
  /// The lengths of the one family that sweeps: 0, 1, 2, and each power of two from 4 to 2^17 with
  /// its neighbours.
  public static let sweptLengths =
    [0, 1, 2] + (2...17).flatMap { [(1 << $0) - 1, 1 << $0, (1 << $0) + 1] }

  /// The number of lanes of a cell where none is asked for: up to 64, fewer where they are long.
  ///
  /// - Parameters:
  ///   - length: The length of the lanes.
  ///   - isFromOutside: Whether some implementation is none of this program. Kernels switch their
  ///     code by the length and by the place in a batch, so those get 16 lanes at least in one
  ///     call; built-in ones work lane by lane.
  public static func defaultSamples(length: Int, isFromOutside: Bool = false) -> Int {
    max(isFromOutside ? 16 : 1, min(64, 16_384 / max(length, 1)))
  }

  /// The lengths of a family where none are asked for.
  public static func defaultLengths(of family: LogitFamily) -> [Int] {
    if family.name == LogitFamily.sweeping { return sweptLengths }
    if let own = family.ownLengths { return own }
    return shortLengths + (family.goesLong ? longLengths : [])
  }

  /// The cells of families in formats.
  ///
  /// - Parameters:
  ///   - families: The families of logits.
  ///   - formats: The formats of logits.
  ///   - lengths: The lengths of lanes; nil for those of each family.
  ///   - samples: The number of lanes of a cell; nil for as many as its length deserves.
  ///   - largestLogit: Cells that may have larger finite logits are left out.
  ///   - isFromOutside: Whether some implementation is none of this program.
  public static func cells(
    families: [LogitFamily], formats: [FloatFormat], lengths: [Int]?, samples: Int?,
    largestLogit: Double = .infinity, isFromOutside: Bool = false
  ) -> [Cell] {
    cells(
      ofInputs: families, formats: formats, lengths: lengths, samples: samples,
      largestLogit: largestLogit, isFromOutside: isFromOutside)
  }

  /// The same of families of the inputs of any operation.
  package static func cells(
    ofInputs families: [any InputFamily], formats: [FloatFormat], lengths: [Int]?, samples: Int?,
    largestLogit: Double = .infinity, isFromOutside: Bool = false
  ) -> [Cell] {
    formats.flatMap { format in
      families.filter { $0.applies(to: format) }.flatMap { family -> [Cell] in
        let chosen = (lengths ?? family.usualLengths).filter {
          family.staysWithin(largestLogit, as: format, length: $0)
        }
        return chosen.map { length in
          Cell(
            format: format,
            source: family.source(
              length: length,
              samples: samples
                ?? family.usualSamples(length: length, isFromOutside: isFromOutside)))
        }
      }
    }
  }
}
