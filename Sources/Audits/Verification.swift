import AuditRecords
import AuditedOperations
import Basics
import ErrorMeasurement
import FloatFormats
import Oracle
import PropertyTesting
import SoftmaxVariants

/// Measures probabilities that somebody else computed and saved.
///
/// Lanes are read, measured and forgotten: memory is bounded by some lanes for each thread, whatever the size of the tensors.
/// Figures do not depend on the number of threads.
public struct Verification: Sendable {
  /// Logits and what somebody says is their softmax.
  public struct Pair: Sendable {
    /// The name of the logits in results.
    public var family: String
    public var logits: any LaneSource
    public var probabilities: any LaneSource
    public var geometry: LaneGeometry

    /// A pair along an axis.
    ///
    /// - Throws: ``UserError`` where the shapes differ or have no such axis.
    public init(
      family: String, logits: any LaneSource, probabilities: any LaneSource, axis: Int
    ) throws(UserError) {
      guard logits.shape == probabilities.shape else {
        throw UserError(
          .malformedInput,
          "the logits \(family) have the shape \(logits.shape), the probabilities \(probabilities.shape); they must have the same"
        )
      }
      self.family = family
      self.logits = logits
      self.probabilities = probabilities
      geometry = try LaneGeometry(shape: logits.shape, axis: axis)
      if let objection = geometry.objection {
        throw UserError(.malformedInput, "\(family) \(objection)")
      }
    }
  }

  private let pair: Pair
  private let implementation: String
  private let settings: MeasurementSettings
  private let threads: Int
  private let tier: OracleTier

  /// - Parameters:
  ///   - implementation: What computed the probabilities, for results.
  ///   - settings: How outputs are judged; by the default tolerance where nothing is declared.
  public init(
    _ pair: Pair, implementation: String, settings: MeasurementSettings, threads: Int,
    tier: OracleTier = .filtered
  ) {
    self.pair = pair
    self.implementation = implementation
    self.settings = settings
    self.threads = threads
    self.tier = tier
  }

  /// Measures all lanes.
  public func run(
    progress: @escaping @Sendable (_ done: Int, _ total: Int) -> Void = { _, _ in }
  ) async throws -> AccuracyRow {
    let statistics = try await measure(progress)
    return try pair.logits.format.open(
      RowWork(verification: self, statistics: statistics))
  }

  /// How many elements a thread takes at a time, where lanes are shorter.
  private static let chunk = 1 << 16

  private func measure(
    _ progress: @escaping @Sendable (Int, Int) -> Void
  ) async throws -> AccuracyStatistics {
    let lanes = pair.geometry.laneCount
    let size = max(1, Self.chunk / max(pair.geometry.length, 1))
    let chunks = (lanes + size - 1) / size
    let parts = try await WorkQueue.share(chunks, among: threads, progress: progress) { queue in
      var own = AccuracyStatistics()
      let oracle = SoftmaxOracle()
      try queue.forEach { chunk in
        let start = chunk * size
        own.merge(
          try pair.logits.format.open(
            ChunkWork(
              verification: self, lanes: start..<min(start + size, lanes), oracle: oracle,
              known: own.ratios)))
      }
      return own
    }
    var all = AccuracyStatistics()
    for part in parts { all.merge(part) }
    return all
  }

  /// By what the lanes are judged.
  private var judge: LaneJudge {
    LaneJudge(
      nil, input: pair.logits.format, output: pair.probabilities.format, settings: settings)
  }

  private struct ChunkWork: FormatGenericWork {
    let verification: Verification
    let lanes: Range<Int>
    let oracle: SoftmaxOracle
    let known: RatioMaxima

    func run<F: BinaryFloat>(_ format: F.Type) throws -> AccuracyStatistics {
      try verification.pair.probabilities.format.open(
        TypedChunkWork<F>(verification: verification, lanes: lanes, oracle: oracle, known: known))
    }
  }

  private struct TypedChunkWork<F: BinaryFloat>: FormatGenericWork {
    let verification: Verification
    let lanes: Range<Int>
    let oracle: SoftmaxOracle
    /// The largest ratios of the lanes before.
    let known: RatioMaxima

    func run<G: BinaryFloat>(_ format: G.Type) throws -> AccuracyStatistics {
      let (pair, settings) = (verification.pair, verification.settings)
      let policy = settings.specialLanes ?? .nanSomewhere
      let logits = lanes.map { pair.logits.lane($0, of: pair.geometry, as: F.self) }
      let outputs = lanes.map { pair.probabilities.lane($0, of: pair.geometry, as: G.self) }
      let promises = try verification.judge.promises(
        lanes: logits.count, ofLength: pair.geometry.length
      ) { LaneProfile(logits[$0]) }
      switch verification.tier {
      case .filtered:
        let references = logits.map {
          FilteredLane(EncodedLane($0), in: G.format, oracle: oracle, level: .best)
        }
        var measurement = FilteredMeasurement(
          lanes: references, oracle: oracle, isOnly: !settings.judgesElsewhere)
        var statistics = measurement.measure(
          outputs.map { EncodedLane($0) }, policy: policy, promises: promises, beyondRatios: known
        ).movedLanes(by: lanes.lowerBound)
        if settings.judgesElsewhere {
          statistics.elsewhere =
            ElsewhereMeasurement(
              references, by: settings.tolerancesElsewhere, oracle: oracle
            ).tally(outputs.map { EncodedLane($0) })
        }
        return statistics
      case .mpfr:
        var measurement = LaneMeasurement(oracle: oracle)
        var statistics = AccuracyStatistics()
        for (place, lane) in logits.enumerated() {
          let reference = oracle.softmax(of: lane, in: G.format)
          if settings.judgesElsewhere {
            var tally =
              ElsewhereMeasurement(
                [reference], by: settings.tolerancesElsewhere, oracle: oracle
              ).tally([EncodedLane(outputs[place])])
            if let before = statistics.elsewhere { tally.merge(before) }
            statistics.elsewhere = tally
          }
          measurement.measure(
            outputs[place], lane: lanes.lowerBound + place, reference: reference, policy: policy,
            promise: promises[place], into: &statistics)
          statistics.oracleFallbacks += UInt64(reference.refinements)
        }
        return statistics
      }
    }
  }

  private struct RowWork: FormatGenericWork {
    let verification: Verification
    let statistics: AccuracyStatistics

    func run<F: BinaryFloat>(_ format: F.Type) throws -> AccuracyRow {
      try verification.pair.probabilities.format.open(
        TypedRowWork<F>(verification: verification, statistics: statistics))
    }
  }

  private struct TypedRowWork<F: BinaryFloat>: FormatGenericWork {
    let verification: Verification
    let statistics: AccuracyStatistics

    func run<G: BinaryFloat>(_ format: G.Type) throws -> AccuracyRow {
      let pair = verification.pair
      let oracle = SoftmaxOracle()
      func witness(
        at location: ElementLocation, figure: Double? = nil
      ) throws -> AccuracyRow.Witness {
        let logits = pair.logits.lane(location.lane, of: pair.geometry, as: F.self)
        let outputs = pair.probabilities.lane(location.lane, of: pair.geometry, as: G.self)
        return try AccuracyRow.Witness(
          logits, computed: outputs[location.index],
          reference: oracle.softmax(of: logits, in: G.format), at: location, figure: figure,
          family: pair.family, promise: verification.judge.promise(on: LaneProfile(logits)),
          oracle: oracle)
      }
      var row = try AccuracyRow(
        implementation: verification.implementation, operation: .softmax, inputFormat: F.format,
        outputFormat: G.format,
        family: pair.family, geometry: pair.geometry, statistics: statistics,
        bound: verification.judge.modelName.map { model in
          try AccuracyRow.Bound(model: model, statistics) { try witness(at: $0) }
        }, nsPerElement: nil,
        worst: statistics.largestError.map { try witness(at: $0.location, figure: $0.figure) })
      row.leaveUnjudged(by: verification.judge)
      if row.exceedsBound || row.mismatchesInDomain > 0, !verification.judge.isSilent {
        row.resembles = TensorRecipe(geometry: pair.geometry, format: G.format) { axis, number in
          .init(
            logits: pair.logits.lane(number, of: axis, as: F.self).map(\.exactDouble),
            outputs: pair.probabilities.lane(number, of: axis, as: G.self).map(\.exactDouble))
        }.statement(worst: statistics.maxRatio.location?.lane)
      }
      return row
    }
  }
}
