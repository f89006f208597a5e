import ErrorMeasurement
import FloatFormats
import Oracle
import SoftmaxVariants

/// The time of oracle and measurement together, on lanes of sample logits and the outputs of a good
/// softmax.
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

  func run<F: BinaryFloat>(_ type: F.Type) throws -> String {
    guard let softmax = SoftmaxVariant(named: "max-trick/compensated") else { fail("no softmax") }
    let logits = (0..<lanes).map { lane in
      SampleLogits.make(count: count, seed: seed + UInt64(lane)).map { F(rounding: $0) }
    }
    let outputs = logits.map { lane in
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
      case .filtered:
        result = MeasuredLanes(
          logits: logits.map { EncodedLane($0) }, outputs: outputs.map { EncodedLane($0) },
          format: F.format, level: level, oracle: oracle)
      case .mpfr:
        result = MeasuredLanes(byArbiter: oracle, logits: logits, outputs: outputs)
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
}
