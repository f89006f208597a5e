import CLaneKernels
import FloatFormats
import MultiPrecision
import TestSupport
import Testing

@testable import AuditedOperations
@testable import LogitFamilies
@testable import Oracle

@Suite("Filters of gradients")
struct GradientFilterTests {
  /// Values that a filter gives, and those that it leaves open.
  private struct Tally {
    var values = 0
    var open = 0
    /// The largest relative error, as a part of the bound.
    var largest = 0.0
  }

  /// The values of lanes with every kind of derivatives, of classes and of parameters.
  private struct Comparison: FormatGenericWork {
    let operation: AuditedOperation

    func run<F: BinaryFloat>(_ type: F.Type) throws -> Tally {
      var tally = Tally()
      let oracle = SoftmaxOracle()
      let names = ["normal-4", "masked", "dust", "one-dominant", "near-ties"]
      var number = 0
      for family in LogitFamily.all
      where family.applies(to: F.format) && names.contains(family.name) {
        for length in [3, 40, 70] {
          for _ in AccompanyingInputs.Upstream.allCases {
            let drawn: [F] = family.lane(seed: 5, length: length, sample: number)
            let first =
              operation.inputs.first == .probabilities ? Self.probabilities(drawn) : drawn
            let inputs = OperationLane(
              operation, exactly: first.map(\.exactDouble), accompanied: Self.rule(number),
              in: F.format)
            for level in [KernelLevel.portable, .best] {
              compare(first, inputs, oracle, level, &tally)
            }
            number += 1
          }
        }
      }
      return tally
    }

    private static func rule(_ number: Int) -> AccompanyingInputs {
      let (upstreams, weights) = (
        AccompanyingInputs.Upstream.allCases, AccompanyingInputs.Weights.allCases
      )
      return AccompanyingInputs(
        upstream: upstreams[number % upstreams.count], weights: weights[number % weights.count],
        smoothing: number % 4, seed: number)
    }

    private static func probabilities<F: BinaryFloat>(_ lane: [F]) -> [F] {
      let reference = SoftmaxOracle().softmax(of: lane, in: F.format)
      guard reference.special == nil else { return lane.map { _ in .zero } }
      return lane.indices.map { reference.value(at: $0).correctlyRounded() }
    }

    private func filter<F: BinaryFloat>(
      _ first: [F], _ inputs: OperationLane, _ level: KernelLevel
    ) -> any OperationFilter {
      let logits = SurveyedLogits(EncodedLane(first), level: level)
      let labels = FilteredLabels(inputs.target, inputs.parameters, F.format)
      let upstream = FilteredUpstream(
        EncodedLane(inputs.upstream.map { F(rounding: $0) }), F.format, level: level)
      return switch operation {
      case .crossEntropy: CrossEntropyFilter(logits: logits, labels: labels)
      case .crossEntropyVJP: CrossEntropyVJPFilter(logits: logits, labels: labels)
      case .softmaxVJP: SoftmaxVJPFilter(logits: logits, upstream: upstream)
      case .softmaxBackward: SoftmaxBackwardFilter(probabilities: logits, upstream: upstream)
      default: LogSoftmaxVJPFilter(logits: logits, upstream: upstream)
      }
    }

    private func compare<F: BinaryFloat>(
      _ first: [F], _ inputs: OperationLane, _ oracle: SoftmaxOracle, _ level: KernelLevel,
      _ tally: inout Tally
    ) {
      let filter = filter(first, inputs, level)
      guard filter.special == nil, filter.isServed else { return }
      var values = [Double](repeating: 0, count: (first.count + 31) / 32 * 32)
      var yardsticks = values
      let accuracy = filter.evaluate(&values, yardsticks: &yardsticks)
      let slots = inputs.slots
      for index in 0..<filter.count where filter.knownValue(of: index) == nil {
        let name = "\(operation) \(F.format) \(level) \(first.count)[\(index)]"
        guard !values[index].isNaN else {
          tally.open += 1
          continue
        }
        tally.values += 1
        guard
          let exact = oracle.enclosure(
            slot: Int(slots[index]), of: inputs, relativeBits: 90)
        else { continue }
        guard values[index] != 0 else {
          let isZero = exact.lower.isZero && exact.upper.isZero
          #expect(isZero, "\(name)")
          continue
        }
        if abs(values[index]) < accuracy.vanishing {
          let size = exact.magnitude()
          let bound = size.upper.double(.down)
          #expect(bound <= abs(values[index]) * (1 + 0x1p-40), "\(name)")
          continue
        }
        let distance = exact.distance(from: BigFloat(values[index]), precision: 120)
          .divided(by: exact.magnitude(), precision: 120)
        let part = distance.upper.double(.up) / accuracy.relativeError
        #expect(part <= 1, "\(name)")
        tally.largest = max(tally.largest, part)
        // The enclosure of the next tier holds the value too.
        guard level == .best, index % 16 == 0, let next = filter.enclosure(of: index) else {
          continue
        }
        let holds = next.lower.compare(exact.upper) <= 0 && next.upper.compare(exact.lower) >= 0
        let isTight = next.isTight(relativeBits: 40)
        #expect(holds && isTight, "\(name)")
        guard filter.hasYardsticks, let own = filter.yardstick(of: index) else { continue }
        var wanted = Double.nan
        if let yardstick = oracle.yardstick(
          slot: Int(slots[index]), of: inputs, relativeBits: 60)
        {
          wanted = yardstick.upper.double(.up)
        }
        #expect(abs(own - wanted) <= wanted * 0x1p-40 || wanted < 0x1p-1000, "\(name)")
        #expect(abs(yardsticks[index] - wanted) <= wanted * 0x1p-40 || wanted < 0x1p-280, "\(name)")
      }
    }
  }

  @Test(
    "Values that are not left open are as good as their proof says, and next to none is",
    arguments: [
      AuditedOperation.crossEntropy, .crossEntropyVJP, .softmaxVJP, .softmaxBackward,
      .logSoftmaxVJP,
    ], [FloatFormat.bfloat16, .float32])
  func bounds(operation: AuditedOperation, format: FloatFormat) throws {
    let tally = try format.open(Comparison(operation: operation))
    #expect(tally.values > 100 && tally.open * 20 < tally.values)
    #expect(tally.largest > 0, "\(tally)")
  }

  @Test("Exponentials in high and low parts are as good as their proof says")
  func exponentials() {
    var generator = SplitMix64(seed: 23)
    var lane: [Float] = [0]
    for _ in 1..<2000 {
      let scale: Float = Bool.random(using: &generator) ? 199 : 0.5
      lane.append(-scale * Float.random(in: 0..<1, using: &generator))
    }
    for level in KernelLevel.available {
      let logits = SurveyedLogits(EncodedLane(lane), level: level)
      var high = [Double](repeating: 0, count: 2016)
      var low = high
      let sum = logits.weigh(&high, low: &low).sum
      var largest = 0.0
      var total = Enclosure(zeroAt: 300)
      for index in lane.indices {
        let exact = logits.exponential(of: index)
        total = total.plus(exact, precision: 300)
        let error = exact.minus(
          lane_pair(high: high[index], low: low[index]).enclosure(error: 0, precision: 200),
          precision: 200
        ).magnitude().divided(by: exact, precision: 200)
        largest = max(largest, error.upper.double(.up))
      }
      #expect(largest < 0x1.1p-71 && largest > 0x1p-75, "\(level.name)")
      let error = total.minus(sum.enclosure(error: 0, precision: 300), precision: 300).magnitude()
        .divided(by: total, precision: 200).upper.double(.up)
      #expect(error < 0x1.1p-71 + GradientBounds.sum(count: lane.count))
    }
  }
}
