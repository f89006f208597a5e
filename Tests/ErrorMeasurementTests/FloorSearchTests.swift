import FloatFormats
import Oracle
import SoftmaxVariants
import TestSupport
import Testing

@testable import AuditedOperations
@testable import ErrorMeasurement
@testable import LogitFamilies

@Suite("The search for lanes that can hold the largest part of a bound")
struct FloorSearchTests {
  /// Lanes of all families, with outputs near their softmax, each looked at by every filter at
  /// every dispatch level.
  private struct Lanes: FormatGenericWork {
    func run<F: BinaryFloat>(_ type: F.Type) throws {
      let oracle = SoftmaxOracle()
      var random = SplitMix64(seed: 21)
      var looks = 0
      for family in LogitFamily.all where family.applies(to: F.format) {
        for length in [2, 33, 600] {
          let logits: [F] = family.lane(seed: 9, length: length, sample: 0)
          let tolerance = DefaultTolerance(output: F.format, underflow: .gradual)
          guard let profile = LaneProfile(logits),
            let floor = tolerance.floor(ofLanesOfLength: length)
          else { continue }
          let steps = Int64.random(in: 1...40, using: &random)
          let reference = FilteredLane(EncodedLane(logits), in: F.format, oracle: oracle)
          let outputs = logits.indices.map { index in
            reference.value(at: index).correctlyRounded(F.self)
              .moved(by: Int64.random(in: -steps...steps, using: &random))
          }
          for level in KernelLevel.available {
            let lane = FilteredLane(EncodedLane(logits), in: F.format, oracle: oracle, level: level)
            for tier in lane.hasSingles ? [FilterTier.single, .pair] : [.pair] {
              let row = FilteredRow(
                lanes: FilteredLanes(LazyLanes([lane])), outputs: EncodedLanes([outputs]),
                promises: LanePromises(lanes: 1, floor: floor) { _ in .none }, tier: tier,
                level: Int32(level.rawValue), isOnly: false, knownRatios: RatioMaxima())
              guard lane.isFiltered else { continue }
              let bounds = RowCounting(
                row, policy: .nanSomewhere, measurement: LaneMeasurement(oracle: oracle)
              ).bounds
              let raised = floor.raised(for: lane)
              let ratios = logits.indices.map { index -> Double in
                let y = outputs[index]
                let isOpen = bounds.openElements.contains { $0.index == index }
                guard !isOpen, y.isFinite, !y.isNegative, logits[index] != -F.infinity else {
                  return 0
                }
                let exact = lane.value(at: index)
                let p = profile.probability(index)
                let relative =
                  p > 0 ? raised.relative + raised.slope * profile.distances[index] : 0
                // In ulps, which are numbers where what is below the normal range is none.
                let scale = -Int(exact.quantumExponent)
                let limit =
                  relative * p.scaled(byPowerOfTwo: scale)
                  + raised.absolute.scaled(byPowerOfTwo: scale)
                return UlpError(of: y, against: exact).magnitude / limit
              }
              guard let largest = ratios.max(), largest > 0x1p-20,
                let index = ratios.firstIndex(of: largest)
              else { continue }
              looks += 1
              let search = FloorSearch(
                floor, of: lane, isNormal: lane.value(at: index).isNormal)
              for (part, isReached) in [(1 - 0x1p-20, true), (0.5, true), (1.1, false)] {
                var canReach = !isReached
                lane.withComparison(tier, row.outputs[0]) {
                  canReach = search.canReach(
                    part * largest, row.outputs[0], bounds.maxima[...], reference: $0.reference,
                    level: row.level)
                }
                #expect(
                  canReach == isReached,
                  "\(family.name) \(length) \(tier) \(level.name) \(part) of \(largest)")
              }
            }
          }
        }
      }
      #expect(looks > 100)
    }
  }

  @Test(
    "It finds every lane whose largest part of the floor reaches a ratio, and none that falls short of it by a tenth",
    arguments: FloatFormat.allCases)
  func reaches(format: FloatFormat) throws { try format.open(Lanes()) }

  @Test("Where no ratio is known, or none that the floor can be multiplied by, every lane is one")
  func extremeRatios() throws {
    let lane = FilteredLane(EncodedLane([Float(0), 1]), in: .float32, oracle: SoftmaxOracle())
    let floor = try #require(
      DefaultTolerance(output: .float32, underflow: .gradual).floor(ofLanesOfLength: 2))
    for ratio in [0, 0x1p-1022, 0x1p600, .infinity] {
      var canReach = false
      let outputs = EncodedLane([Float(0.25), 0.75])
      lane.withComparison(.single, outputs) {
        canReach = FloorSearch(floor, of: lane, isNormal: true).canReach(
          ratio, outputs, [], reference: $0.reference, level: 0)
      }
      #expect(canReach)
    }
  }
}
