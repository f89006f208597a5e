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
  /// That of labels.
  let smoothing: Double

  private var parameters: CrossEntropyParameters { .init(labelSmoothing: smoothing) }

  func run<F: BinaryFloat>(_ type: F.Type) throws -> String {
    guard let softmax = SoftmaxVariant(named: "max-trick/compensated") else { fail("no softmax") }
    let logits = (0..<lanes).map { lane in
      SampleLogits.make(count: count, seed: seed + UInt64(lane)).map { F(rounding: $0) }
    }
    func probabilities(_ lane: [F]) -> [F] {
      var lane = lane
      lane.withUnsafeMutableBufferPointer { softmax.evaluate($0) }
      return lane
    }
    let first =
      operation.inputs.first == .probabilities ? logits.map(probabilities) : logits
    let upstreams = (0..<lanes).map { lane in
      SampleLogits.make(count: count, seed: seed + UInt64(lanes + lane)).map { F(rounding: $0) }
    }
    let outputs = first.enumerated().map { number, lane in
      operation == .softmax
        ? probabilities(lane)
        : goodOutputs(
          lane.map { $0.exactDouble }, upstreams[number].map { $0.exactDouble },
          target: target(of: number)
        ).map { F(rounding: $0) }
    }
    func inputs(_ number: Int) -> OperationLane {
      OperationLane(
        operation, first: first[number], upstream: upstreams[number].map { $0.exactDouble },
        target: Int64(target(of: number)), parameters)
    }
    let oracle = SoftmaxOracle()
    let (allFirst, allOutputs) = (EncodedLanes(first), EncodedLanes(outputs))
    var times: [Double] = []
    var result: MeasuredLanes?
    // The first run fills caches and is not counted.
    for run in 0...repetitions {
      let start = ContinuousClock.now
      switch tier {
      case .filtered where operation == .softmax:
        result = MeasuredLanes(
          logits: allFirst, outputs: allOutputs,
          format: F.format, level: level, oracle: oracle)
      case .filtered:
        let lanes = first.indices.map { number in
          FilteredOperationLane(
            operation, allFirst[number], upstream: EncodedLane(upstreams[number]),
            target: Int64(target(of: number)), parameters, in: F.format, oracle: oracle,
            level: level
          ) { inputs(number) }
        }
        result = MeasuredLanes(
          FilteredLanes(LazyLanes(lanes)), outputs: allOutputs, level: level,
          oracle: oracle)
      case .mpfr where operation == .softmax:
        result = MeasuredLanes(byArbiter: oracle, logits: logits, outputs: outputs)
      case .mpfr:
        result = MeasuredLanes(
          byArbiter: oracle, outputs: outputs,
          references: logits.indices.lazy.map {
            oracle.reference(of: inputs($0), in: F.format)
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

  /// The outputs of an operation in binary64.
  private func goodOutputs(_ first: [Double], _ upstream: [Double], target: Int) -> [Double] {
    let maximum = first.max() ?? 0
    let terms = first.map { exp($0 - maximum) }
    let sum = terms.reduce(0, +)
    let logarithm = log(sum)
    let spread = smoothing / Double(count)
    func centred(_ shares: [Double]) -> [Double] {
      let mean = zip(shares, upstream).reduce(0) { $0 + $1.0 * $1.1 }
      return zip(shares, upstream).map { $0 * ($1 - mean) }
    }
    switch operation {
    case .logSoftmax: return first.map { $0 - maximum - logarithm }
    case .logSumExp: return [maximum + logarithm]
    case .crossEntropy:
      let distances = first.reduce(0) { $0 + (maximum - $1) }
      return [
        (1 - smoothing) * (maximum - first[target]) + spread * distances + logarithm
      ]
    case .softmaxVJP: return centred(terms.map { $0 / sum })
    case .softmaxBackward: return centred(first)
    case .logSoftmaxVJP:
      let total = upstream.reduce(0, +)
      return terms.indices.map { upstream[$0] - terms[$0] / sum * total }
    default:
      return terms.indices.map {
        terms[$0] / sum - spread - ($0 == target ? 1 - smoothing : 0)
      }
    }
  }
}
