import AuditedOperations
import ErrorMeasurement
import FloatFormats
import LogitFamilies
import Oracle
import SoftmaxVariants

/// The largest ratio of a set of lanes and the lane that has it.
struct Extreme: Sendable {
  var ratio = 0.0
  var family = "-"
  var length = 0
  var sample = 0

  /// The larger of two; the first on a tie.
  mutating func merge(_ other: Extreme) {
    if other.ratio > ratio { self = other }
  }
}

/// The largest ratios of error to bound of one variant in one format, and the outputs counted.
struct Tightness: Sendable {
  /// Outputs compared with a bound.
  var elements: UInt64 = 0
  /// Outputs of lanes outside the domain of the bound.
  var outside: UInt64 = 0
  var mismatches: UInt64 = 0
  var undecided: UInt64 = 0
  /// Over all lanes inside the domain.
  var everywhere = Extreme()
  /// Over long lanes of moderate spread, where nothing but the summation can come near the bound.
  var moderate = Extreme()

  mutating func merge(_ other: Tightness) {
    elements += other.elements
    outside += other.outside
    mismatches += other.mismatches
    undecided += other.undecided
    everywhere.merge(other.everywhere)
    moderate.merge(other.moderate)
  }
}

/// All lanes of one family and one length, for all variants of a format.
struct Cell: Sendable {
  var format: FloatFormat
  var family: LogitFamily
  var length: Int
  var samples: Int

  /// Lengths with the number of lanes that each family has of them: about 98 000 elements in all.
  private static let plan = [
    (1, 16), (2, 256), (3, 256), (8, 128), (17, 64), (128, 64), (1000, 16), (1024, 16), (4096, 4),
    (32_768, 1),
  ]

  static func all(of format: FloatFormat) -> [Cell] {
    LogitFamily.all.filter { $0.applies(to: format) }.flatMap { family in
      plan.map { Cell(format: format, family: family, length: $0.0, samples: $0.1) }
    }
  }
}

/// Measures variants on cells, two cells at a time.
func sweep(
  _ cells: [Cell], _ variants: [SoftmaxVariant], seed: UInt64
) async throws -> [Tightness] {
  let threads = 2
  let parts = try await withThrowingTaskGroup(of: [(Int, [Tightness])].self) { group in
    for thread in 0..<threads {
      group.addTask {
        let oracle = SoftmaxOracle()
        return try stride(from: thread, to: cells.count, by: threads).map { index in
          let work = CellWork(cell: cells[index], variants: variants, seed: seed, oracle: oracle)
          return (index, try cells[index].format.open(work))
        }
      }
    }
    var all: [(Int, [Tightness])] = []
    for try await part in group { all += part }
    return all
  }
  var total = [Tightness](repeating: Tightness(), count: variants.count)
  // In the order of the cells, so that witnesses do not depend on which thread was faster.
  for (_, part) in parts.sorted(by: { $0.0 < $1.0 }) {
    for index in total.indices { total[index].merge(part[index]) }
  }
  return total
}

/// Measures all variants on one cell: each lane is made, and its exact softmax found, once.
private struct CellWork: FormatGenericWork {
  let cell: Cell
  let variants: [SoftmaxVariant]
  let seed: UInt64
  let oracle: SoftmaxOracle

  func run<F: BinaryFloat>(_ format: F.Type) throws -> [Tightness] {
    let figures = FigureCache(oracle: oracle)
    var result = [Tightness](repeating: Tightness(), count: variants.count)
    var moderate = [BoundRatio](repeating: BoundRatio(), count: variants.count)
    var other = moderate
    for sample in 0..<cell.samples {
      let logits = cell.family.lane(seed: seed, length: cell.length, sample: sample, as: F.self)
      guard let profile = LaneProfile(logits) else { continue }
      let reference = oracle.softmax(of: logits, in: F.format)
      let isModerate = cell.length >= 1024 && spread(profile) < 20
      for index in variants.indices {
        let outcome = try variants[index].computingFormat(for: F.format)
          .open(VariantWork(variant: variants[index], logits: logits, profile: profile))
        guard let (outputs, bounds) = outcome else {
          result[index].outside += UInt64(logits.count)
          continue
        }
        if isModerate {
          moderate[index].compare(
            outputs, with: bounds, reference: reference, lane: sample, figures: figures)
        } else {
          other[index].compare(
            outputs, with: bounds, reference: reference, lane: sample, figures: figures)
        }
      }
    }
    for index in variants.indices {
      for part in [moderate[index], other[index]] {
        result[index].elements += part.elements
        result[index].mismatches += part.mismatches
        result[index].undecided += part.undecided
        result[index].everywhere.merge(extreme(part))
      }
      result[index].moderate = extreme(moderate[index])
    }
    return result
  }

  /// The largest distance of a finite logit from the maximum.
  private func spread(_ profile: LaneProfile) -> Double {
    profile.logits.indices.reduce(0) { largest, index in
      profile.logits[index] > -.infinity ? max(largest, profile.distances[index]) : largest
    }
  }

  private func extreme(_ ratio: BoundRatio) -> Extreme {
    guard let largest = ratio.largest, let lane = ratio.lane else { return Extreme() }
    return Extreme(
      ratio: largest, family: cell.family.name, length: cell.length, sample: lane)
  }
}

/// The outputs of one variant on one lane, and their bounds; nil outside the domain.
struct VariantWork<F: BinaryFloat>: FormatGenericWork {
  let variant: SoftmaxVariant
  let logits: [F]
  let profile: LaneProfile

  func run<C: BinaryFloat>(_ computing: C.Type) throws -> ([F], [Double])? {
    guard let bounds = variant.bound(on: profile, computingIn: computing, output: F.format)
    else { return nil }
    var lane = logits.map { C(rounding: $0) }
    lane.withUnsafeMutableBufferPointer { variant.evaluate($0) }
    let outputs = lane.prefix(variant.operation.outputCount(ofLength: lane.count))
    return (outputs.map { F(rounding: $0) }, bounds)
  }
}
