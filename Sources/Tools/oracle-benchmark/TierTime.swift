import AuditedOperations
import ErrorMeasurement
import FloatFormats
import Foundation
import Oracle
import SoftmaxVariants

/// The time of oracle and measurement together, on lanes of sample logits and good outputs of an
/// operation.
///
/// The result is a line: the least and the median time in nanoseconds per element, the elements
/// left to MPFR, and the largest error, which all tiers agree on.
struct TierTime: FormatGenericWork {
  let count: Int
  let lanes: Int
  let seed: UInt64
  let repetitions: Int
  let tier: OracleTier
  let level: KernelLevel
  let operation: AuditedOperation

  func run<F: BinaryFloat>(_ type: F.Type) throws -> String {
    guard let softmax = SoftmaxVariant(named: "max-trick/compensated") else { fail("no softmax") }
    let logits = (0..<lanes).map { lane in
      SampleLogits.make(count: count, seed: seed + UInt64(lane)).map { F(rounding: $0) }
    }
    let outputs = logits.enumerated().map { number, lane in
      guard operation == .softmax else {
        return goodOutputs(lane.map(\.exactDouble), target: target(of: number))
          .map { F(rounding: $0) }
      }
      var lane = lane
      lane.withUnsafeMutableBufferPointer { softmax.evaluate($0) }
      return lane
    }
    let oracle = SoftmaxOracle()
    var times: [Double] = []
    var result: MeasuredLanes?
    // The first run fills caches and is not counted.
    for run in 0...repetitions {
      let start = ContinuousClock.now
      switch tier {
      case .filtered where operation == .softmax:
        result = MeasuredLanes(
          logits: logits.map { EncodedLane($0) }, outputs: outputs.map { EncodedLane($0) },
          format: F.format, level: level, oracle: oracle)
      case .filtered:
        let lanes = logits.enumerated().map { number, lane in
          FilteredOperationLane(
            operation, EncodedLane(lane), target: Int64(target(of: number)), in: F.format,
            oracle: oracle, level: level
          ) { inputs(lane, number) }
        }
        result = MeasuredLanes(
          lanes, outputs: outputs.map { EncodedLane($0) }, level: level, oracle: oracle)
      case .mpfr where operation == .softmax:
        result = MeasuredLanes(byArbiter: oracle, logits: logits, outputs: outputs)
      case .mpfr:
        result = MeasuredLanes(
          byArbiter: oracle, outputs: outputs,
          references: logits.enumerated().lazy.map { number, lane in
            oracle.reference(of: inputs(lane, number), in: F.format)
          })
      }
      let elapsed = ContinuousClock.now - start
      if run > 0 {
        let nanoseconds =
          Double(elapsed.components.attoseconds) * 1e-9
          + Double(elapsed.components.seconds) * 1e9
        times.append(nanoseconds / Double(count * lanes))
      }
    }
    times.sort()
    let median = twoDecimals(times[times.count / 2])
    return "\(twoDecimals(times[0])) \(median) \(result?.oracleFallbacks ?? 0) "
      + "\(result?.maxUlp ?? .nan)"
  }

  private func target(of lane: Int) -> Int { lane * 7919 % count }

  private func inputs<F: BinaryFloat>(_ lane: [F], _ number: Int) -> OperationLane {
    OperationLane(operation, first: lane, target: Int64(target(of: number)))
  }

  /// The outputs of an operation in binary64.
  private func goodOutputs(_ logits: [Double], target: Int) -> [Double] {
    let maximum = logits.max() ?? 0
    let terms = logits.map { exp($0 - maximum) }
    let sum = terms.reduce(0, +)
    let logarithm = log(sum)
    return switch operation {
    case .logSoftmax: logits.map { $0 - maximum - logarithm }
    case .logSumExp: [maximum + logarithm]
    case .crossEntropy: [maximum - logits[target] + logarithm]
    default: terms.indices.map { terms[$0] / sum - ($0 == target ? 1 : 0) }
    }
  }
}
