import AuditedOperations
import ErrorMeasurement
import FloatFormats
import Foundation
import LogitFamilies
import Oracle

/// Compares all certified figures that the filter of an operation gives with those of MPFR alone,
/// on lanes of every family in one format, with good outputs and with bad ones.
struct OperationComparison: FormatGenericWork {
  /// The lanes that were compared, and the figures that differ.
  struct Finding {
    var elements = 0
    var fallbacks = 0
    var differences = 0
    var summary: String {
      "\(elements) elements, \(fallbacks) left to MPFR, \(differences) figures that differ"
    }
  }

  let operation: AuditedOperation
  let elements: Int
  let seed: UInt64

  private static var lengths: [Int] { [1, 2, 3, 17, 129, 600] }

  func run<F: BinaryFloat>(_ type: F.Type) -> Finding {
    var finding = Finding()
    let oracle = SoftmaxOracle()
    var sample = 0
    while true {
      for family in LogitFamily.all where family.applies(to: F.format) {
        for length in Self.lengths {
          let lanes: [[F]] = (0..<3).map {
            family.lane(seed: seed, length: length, sample: sample + $0)
          }
          for isBad in [false, true] {
            compare(lanes, isBad: isBad, oracle, "\(family.name)/\(length)/\(sample)", &finding)
          }
          if finding.elements >= elements { return finding }
        }
      }
      sample += 3
    }
  }

  private func compare<F: BinaryFloat>(
    _ lanes: [[F]], isBad: Bool, _ oracle: SoftmaxOracle, _ name: String, _ finding: inout Finding
  ) {
    let lanes = operation.inputs.first == .probabilities ? lanes.map(probabilities) : lanes
    let inputs = lanes.enumerated().map { number, lane in
      OperationLane(
        operation, exactly: lane.map { $0.exactDouble },
        accompanied: rule(finding.elements + number), in: F.format)
    }
    let outputs = zip(lanes, inputs).map { lane, inputs -> [F] in
      let good = goodOutputs(lane.map { $0.exactDouble }, inputs)
      return good.enumerated().map { index, value in
        isBad ? badOutput(value, index + lane.count % 7) : F(rounding: value)
      }
    }
    let filtered =
      operation == .softmax
      ? MeasuredLanes(
        logits: EncodedLanes(lanes), outputs: EncodedLanes(outputs), format: F.format,
        oracle: oracle)
      : MeasuredLanes(
        FilteredLanes(
          LazyLanes(count: lanes.count) { number in
            FilteredOperationLane(
              operation, EncodedLane(lanes[number]),
              upstream: EncodedLane(inputs[number].upstream.map { F(rounding: $0) }),
              target: inputs[number].target, inputs[number].parameters, in: F.format,
              oracle: oracle
            ) { inputs[number] }
          }), outputs: EncodedLanes(outputs), oracle: oracle)
    let arbiter = MeasuredLanes(
      byArbiter: oracle, outputs: outputs,
      references: inputs.map { oracle.reference(of: $0, in: F.format) })
    finding.elements += lanes.reduce(0) { $0 + $1.count }
    finding.fallbacks += Int(filtered.oracleFallbacks)
    for name in Set(filtered.certified.keys).union(arbiter.certified.keys).sorted()
    where filtered.certified[name] != arbiter.certified[name] {
      finding.differences += 1
      if finding.differences < 20 {
        print(
          "\(operation) \(F.format) \(isBad ? "bad " : "")", name,
          filtered.certified[name] ?? .nan, arbiter.certified[name] ?? .nan)
      }
    }
    if finding.differences > 0, finding.differences < 20 { print(name) }
  }

  /// Derivatives, classes and parameters of every kind, one after the other.
  private func rule(_ number: Int) -> AccompanyingInputs {
    let upstreams = AccompanyingInputs.Upstream.allCases
    let targets = AccompanyingInputs.Target.allCases
    let weights = AccompanyingInputs.Weights.allCases
    return AccompanyingInputs(
      upstream: upstreams[number % upstreams.count], target: targets[number % targets.count],
      weights: weights[number % weights.count],
      smoothing: number % 7 % AccompanyingInputs.smoothings.count,
      seed: number % AccompanyingInputs.largestSeed)
  }

  /// The softmax of a lane in its format.
  private func probabilities<F: BinaryFloat>(_ lane: [F]) -> [F] {
    let logits = lane.map { $0.exactDouble }
    let maximum = logits.max() ?? 0
    let terms = logits.map { exp($0 - maximum) }
    let sum = terms.reduce(0, +)
    return terms.map { F(rounding: $0 / sum) }
  }

  /// The outputs in binary64.
  private func goodOutputs(_ first: [Double], _ inputs: OperationLane) -> [Double] {
    let maximum = first.max() ?? 0
    let terms = first.map { exp($0 - maximum) }
    let sum = terms.reduce(0, +)
    let logarithm = log(sum)
    let upstream = inputs.upstream
    func centred(_ shares: [Double]) -> [Double] {
      let mean = zip(shares, upstream).reduce(0) { $0 + $1.0 * $1.1 }
      return zip(shares, upstream).map { $0 * ($1 - mean) }
    }
    let (parameters, target) = (inputs.parameters, inputs.target.map { Int($0) })
    let coefficients = first.indices.map { index in
      let spread = parameters.weight(index) * parameters.labelSmoothing / Double(first.count)
      return index == target
        ? spread + parameters.weight(index) * (1 - parameters.labelSmoothing) : spread
    }
    return switch operation {
    case .softmax: terms.map { $0 / sum }
    case .logSoftmax: first.map { $0 - maximum - logarithm }
    case .logSumExp: [maximum + logarithm]
    case _ where inputs.isIgnored: [Double](repeating: 0, count: inputs.outputCount)
    case .crossEntropy:
      [
        first.indices.reduce(0) {
          coefficients[$1] == 0 ? $0 : $0 + coefficients[$1] * (maximum - first[$1] + logarithm)
        }
      ]
    case .crossEntropyVJP:
      terms.indices.map { terms[$0] / sum * coefficients.reduce(0, +) - coefficients[$0] }
    case .softmaxVJP: centred(terms.map { $0 / sum })
    case .softmaxBackward: centred(first)
    default: terms.indices.map { upstream[$0] - terms[$0] / sum * upstream.reduce(0, +) }
    }
  }

  /// An output of any kind.
  private func badOutput<F: BinaryFloat>(_ value: Double, _ index: Int) -> F {
    let y = F(rounding: value)
    return switch index % 13 {
    case 1: y.nextUp
    case 2: F(rounding: .nan)
    case 3: F(rounding: -value)
    case 4: F(rounding: .infinity)
    case 5: F(rounding: -.infinity)
    case 6: .zero
    case 7: F(rounding: -0.0)
    case 8: F(rounding: value * 1e20)
    case 9: F(rounding: value * (1 + 0x1p-9))
    case 10: F(rounding: F.format.leastSubnormal)
    case 11: F(rounding: -F.format.leastSubnormal)
    default: y
    }
  }
}
