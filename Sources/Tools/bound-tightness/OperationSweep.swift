import AuditedOperations
import ErrorMeasurement
import FloatFormats
import Foundation
import LogitFamilies
import Oracle
import SoftmaxVariants

/// Measures the variants of an operation other than softmax on lanes of every family and on
/// ``HardLanes``, in one format.
///
/// Exact values are those of MPFR alone, so that the lanes are fewer than those of a softmax.
struct OperationSweep: FormatGenericWork {
  let operation: AuditedOperation
  let models: [DeclaredModel]
  let seed: UInt64

  /// Lengths with the number of lanes that each family has of them.
  private static let plan = [(1, 8), (2, 64), (3, 64), (8, 32), (17, 16), (128, 4), (1000, 1)]
  /// A Jacobian has as many outputs as the square of this.
  private var longest: Int { operation.output.extent == .matrix ? 17 : 1000 }

  /// A lane and its place among the others.
  private struct Source<F: BinaryFloat> {
    let family: String
    let sample: Int
    let lane: [F]
  }

  func run<F: BinaryFloat>(_ format: F.Type) throws -> [Tightness] {
    var result = [Tightness](repeating: Tightness(), count: models.count)
    let oracle = SoftmaxOracle()
    for family in LogitFamily.all where family.applies(to: F.format) {
      for (length, samples) in Self.plan where length <= longest {
        try measure(
          (0..<samples).map {
            Source(
              family: family.name, sample: $0,
              lane: family.lane(seed: seed, length: length, sample: $0, as: format))
          }, oracle, into: &result)
      }
    }
    for (number, lane) in HardLanes(seed: seed).all(of: format).enumerated() {
      try measure(
        [Source(family: "hard", sample: number, lane: lane)], oracle, into: &result)
    }
    return result
  }

  /// Measures lanes that belong together.
  private func measure<F: BinaryFloat>(
    _ sources: [Source<F>], _ oracle: SoftmaxOracle, into result: inout [Tightness]
  ) throws {
    for source in sources {
      let first =
        operation.inputs.first == .probabilities ? probabilities(source.lane) : source.lane
      let inputs = self.inputs(of: first, number: source.sample)
      let reference = oracle.reference(of: inputs, in: F.format)
      guard reference.special == nil else { continue }
      let (profile, lane) = (LaneProfile(source.lane), laneInputs(first, inputs))
      let figures = FigureCache(oracle: oracle)
      for (index, model) in models.enumerated() {
        guard let (outputs, bounds) = try measured(model, source.lane, profile, lane) else {
          result[index].outside += UInt64(reference.count)
          continue
        }
        var ratio = BoundRatio()
        ratio.compare(
          outputs, with: bounds, reference: reference, lane: source.sample, figures: figures)
        var part = Tightness()
        part.elements = ratio.elements
        part.mismatches = ratio.mismatches
        part.undecided = ratio.undecided
        part.everywhere = Extreme(
          ratio: ratio.largest ?? 0, family: source.family, length: source.lane.count,
          sample: source.sample)
        result[index].merge(part)
      }
    }
  }

  /// The lane with the inputs beside its first: every kind of them, one after the other.
  private func inputs<F: BinaryFloat>(of first: [F], number: Int) -> OperationLane {
    let upstreams = AccompanyingInputs.Upstream.allCases
    let targets = AccompanyingInputs.Target.allCases
    let weights = AccompanyingInputs.Weights.allCases
    let rule = AccompanyingInputs(
      upstream: upstreams[number % upstreams.count], target: targets[number % targets.count],
      weights: number % 4 == 3 ? weights[number / 4 % weights.count] : .none,
      smoothing: number % 3 == 2 ? number / 3 % AccompanyingInputs.smoothings.count : 0,
      seed: number % AccompanyingInputs.largestSeed)
    return OperationLane(
      operation, exactly: first.map { $0.exactDouble }, accompanied: rule, in: F.format)
  }

  /// The softmax of a lane, rounded once.
  private func probabilities<F: BinaryFloat>(_ lane: [F]) -> [F] {
    let logits = lane.map { $0.exactDouble }
    guard let maximum = logits.max(), maximum.isFinite else { return lane.map { _ in .zero } }
    let terms = logits.map { exp($0 - maximum) }
    let sum = terms.reduce(0, +)
    return terms.map { F(rounding: $0 / sum) }
  }

  private func laneInputs<F: BinaryFloat>(_ first: [F], _ lane: OperationLane) -> LaneInputs<F> {
    LaneInputs(
      first, upstream: lane.upstream.map { F(rounding: $0) },
      target: lane.isIgnored ? nil : lane.target.map { Int($0) },
      classWeights: lane.parameters.classWeights.map { $0.map { F(rounding: $0) } },
      labelSmoothing: lane.parameters.labelSmoothing)
  }

  /// The outputs of a model on a lane, and their bounds; `nil` outside the domain.
  private func measured<F: BinaryFloat>(
    _ model: DeclaredModel, _ logits: [F], _ profile: LaneProfile?, _ lane: LaneInputs<F>
  ) throws -> ([F], [Double])? {
    if let variant = model.variant {
      guard let profile else { return nil }
      return try variant.computingFormat(for: F.format)
        .open(VariantWork(variant: variant, logits: logits, profile: profile))
    }
    guard let variant = model.derivedVariant,
      let bounds = variant.bound(
        on: lane.map { $0.exactDouble }, input: F.format, output: F.format)
    else { return nil }
    return (variant.outputs(lane).map { F(rounding: $0) }, bounds)
  }
}
