import AuditedOperations
import FloatFormats
import Oracle
import RealModule
import TestSupport
import Testing

@testable import SoftmaxVariants

/// The variants of losses, gradients and Jacobians and their bounds.
@Suite("Bounds of losses, gradients and Jacobians")
struct DerivedBoundTests {
  static let operations: [AuditedOperation] = [
    .crossEntropy, .softmaxVJP, .softmaxBackward, .logSoftmaxVJP, .crossEntropyVJP,
    .softmaxJacobian,
  ]

  @Test("Outputs are within their bounds, which some come near", arguments: operations)
  func outputsAreWithinBounds(operation: AuditedOperation) throws {
    var largest: [String: Double] = [:]
    for format in FloatFormat.allCases {
      for (name, ratio) in try format.open(DerivedCheck(operation: operation)) {
        largest[name] = max(largest[name] ?? 0, ratio)
      }
    }
    #expect(largest.count == DerivedVariant.all(of: operation).count)
    for (name, ratio) in largest { #expect(ratio >= 0.5, "\(operation): \(name)") }
  }

  @Test("A one-hot loss has no bound where the probability of its class can vanish")
  func vanishingProbability() throws {
    let oneHot = try #require(DerivedVariant(named: "one-hot", of: .crossEntropy))
    let fused = try #require(DerivedVariant(named: "of-log-softmax", of: .crossEntropy))
    func bound(_ variant: DerivedVariant, _ logits: [Double], _ target: Int) -> [Double]? {
      variant.bound(
        on: LaneInputs(logits, target: target), input: .float32, output: .float32)
    }
    #expect(oneHot.outputs(LaneInputs([Float(0), -104], target: 1)) == [.infinity])
    #expect(bound(oneHot, [0, -104], 1) == nil && bound(fused, [0, -104], 1) != nil)
    // The other class does not count: ln(1 + e^-104) is 0 to all digits of float32.
    #expect(oneHot.outputs(LaneInputs([Float(0), -104], target: 0)) == [0])
    #expect(bound(oneHot, [0, -104], 0) != nil)
    // A masked class has no probability, and an infinite loss.
    #expect(oneHot.outputs(LaneInputs([Float(0), -.infinity], target: 1)) == [.infinity])
    #expect(bound(oneHot, [0, -.infinity], 1) == [0])
    #expect(oneHot.outputs(LaneInputs([Float(0), -.infinity], target: 0)) == [0])
    // ln(1 + e^-10) = 0x1.7cd564c9e0d19p-15: of a rounded probability four digits are left.
    let small = oneHot.outputs(LaneInputs([Float(10), 0], target: 0))[0]
    let error = abs(small - 0x1.7cd564c9e0d19p-15)
    let allowed = try #require(bound(oneHot, [10, 0], 0))[0]
    #expect(error <= allowed && error > 0x1p-30 && allowed < 0x1p-22)
  }
}

/// The largest |output - exact| / bound of each variant of an operation.
private struct DerivedCheck: FormatGenericWork {
  let operation: AuditedOperation

  func run<F: BinaryFloat>(_ format: F.Type) throws -> [String: Double] {
    let oracle = SoftmaxOracle()
    let lanes = derivedLanes(of: operation, in: format)
    let references = lanes.map { lane in
      oracle.reference(
        of: OperationLane(
          operation, lane,
          CrossEntropyParameters(
            labelSmoothing: lane.labelSmoothing,
            classWeights: lane.classWeights.map { $0.map { $0.exactDouble } })), in: F.format)
    }
    var largest: [String: Double] = [:]
    for variant in DerivedVariant.all(of: operation) {
      let limit = try #require(variant.domain.largestLogit)
      var (judged, asked) = (0, 0)
      for (lane, reference) in zip(lanes, references) {
        let exact = lane.map { $0.exactDouble }
        guard lane.first.allSatisfy({ $0.isInfinite || abs($0.exactDouble) <= limit }) else {
          continue
        }
        asked += 1
        let outputs = outputs(of: variant, on: lane)
        guard let bounds = variant.bound(on: exact, input: F.format, output: F.format),
          let ratio = largestRatio(of: outputs, within: bounds, reference, oracle)
        else { continue }
        judged += 1
        #expect(
          ratio <= 1,
          "\(variant.name) in \(F.format) on \(lane.first.prefix(8).map(\.hexText)), \(lane)")
        // A rounding to the least subnormal number reaches every bound.
        let normal = zip(outputs, bounds).map { $0.isSubnormal || $0.isZero ? .infinity : $1 }
        let reached = largestRatio(of: outputs, within: normal, reference, oracle) ?? 0
        largest[variant.name] = max(largest[variant.name] ?? 0, reached)
      }
      // The domain of a bound that excuses most lanes would make the test empty.
      #expect(4 * judged > 3 * asked && asked > 100, "\(variant.name) in \(F.format)")
    }
    return largest
  }
}

/// The outputs of a variant on a lane, in the format of the lane.
private func outputs<F: BinaryFloat>(of variant: DerivedVariant, on lane: LaneInputs<F>) -> [F] {
  variant.outputs(lane).map { F(rounding: $0) }
}

/// Seeded lanes with the inputs of an operation: logits of the test lanes and of short random ones,
/// upstreams and parameters of many kinds.
private func derivedLanes<F: BinaryFloat>(
  of operation: AuditedOperation, in format: F.Type
) -> [LaneInputs<F>] {
  var random = SplitMix64(seed: 0x10_55)
  var logits = testLanes(of: format)
  for number in 0..<160 {
    let scale = [1.0, 8, 30][number % 3]
    let offset = [0.0, 40, -25, 0.5][number % 4]
    logits.append(
      (0..<1 + number % 4).map { _ in F(rounding: offset + scale * random.uniform(-1, 1)) })
  }
  if operation == .softmaxJacobian { logits.removeAll { $0.count > 9 } }
  return logits.enumerated().map { number, logits in
    let count = logits.count
    let chosen = Int(random.next() % UInt64(count))
    var lane = LaneInputs(logits)
    if operation.inputs.contains(.upstream) {
      lane.upstream = (0..<count).map { index in
        switch number % 6 {
        case 0: F(rounding: random.normal())
        case 1: F(rounding: 0.75)
        case 2: index == chosen ? F(rounding: 1 + random.uniform(0, 1)) : .zero
        case 3: F(rounding: random.normal() * Double.exp(6 * random.normal()))
        case 4: F(rounding: (8 * random.uniform(-0.5, 0.5)).rounded())
        default: F(rounding: 1 + 0x1p-6 * random.normal())
        }
      }
    }
    if operation.inputs.contains(.targets) {
      lane.target = number % 17 == 16 ? nil : chosen
      lane.labelSmoothing = [0, 0, 0.1, 0.5, 1][number % 5]
      if number % 3 == 2 {
        lane.classWeights = (0..<count).map { _ in
          F(rounding: random.uniform(0, 1) < 0.2 ? 0 : random.uniform(0, 2))
        }
      }
    }
    if operation == .softmaxBackward {
      let weights = logits.map { $0.isInfinite ? 0 : Double.exp(min(0, $0.exactDouble)) }
      let sum = max(weights.reduce(0, +), 1e-3)
      // Stored numbers need not be probabilities.
      let sign = number % 5 == 4 ? -1.0 : 1
      lane.first = weights.enumerated().map { F(rounding: ($0 % 2 == 0 ? 1 : sign) * $1 / sum) }
    }
    return lane
  }
}
