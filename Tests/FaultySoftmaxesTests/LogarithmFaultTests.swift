import FloatFormats
import Oracle
import SoftmaxVariants
import Testing

@testable import AuditedOperations
@testable import ErrorMeasurement
@testable import FaultySoftmaxes

/// An input on which a fault of log-softmax or logsumexp shows, for each that is about outputs.
///
/// What it shows against are the exact values, infinite ones among them, and the default tolerance.
private let evidence: [String: Input] = [
  // Through probabilities
  "log-of-softmax": Input([0, -800]),
  "log-of-softmax-in-16-bits": Input([0, -0.3]),
  "log-of-softmax-plus-epsilon": Input([0, -40]),
  "log-of-clipped-softmax": Input([0, -40]),
  "softmax-for-log-softmax": Input([0, -1]),

  // Offsets
  "log-softmax-without-maximum": Input([800, 799]),
  "logsumexp-without-maximum": Input([800, 799]),
  "log-softmax-offset-eats-logarithm": Input([0x1p60, 0x1p60]),
  "logsumexp-shifted-by-the-minimum": Input([800, 0]),
  "log-softmax-shifted-by-the-first": Input([0, 800]),
  "logsumexp-shifted-by-the-tensor-maximum": Input([800, 800, 0, 0], [2, 2]),
  "log-softmax-shifted-by-the-tensor-maximum": Input([800, 800, 0, 0], [2, 2]),
  "logsumexp-with-the-maximum-before": Input([5, 5, 0, 0], [2, 2]),
  "logsumexp-maximum-not-added-back": Input([3, 3]),
  "logsumexp-of-magnitudes": Input([-800, -800]),
  "logsumexp-maximum-starts-at-minus-65504": Input([-1e6, -1e6]),
  "log-softmax-maximum-starts-at-zero": Input([-800, -801]),
  "log-softmax-maximum-of-first-1024": Input(zeros(1100, [1099: 800])),

  // Logarithms of sums
  "logsumexp-log1p-of-the-whole-sum": Input([0, 0]),
  "log-softmax-log-of-sum-plus-epsilon": Input([0, 0]),
  "logsumexp-series-near-one": Input([0, -3]),
  "logsumexp-logarithm-from-the-exponent": Input([0, -0.75]),
  "log-softmax-logarithm-from-the-exponent": Input([0, -0.75]),
  "log-softmax-logarithm-forgotten": Input(zeros(3)),
  "log-softmax-logarithm-added": Input([0, 0]),
  "logsumexp-logarithm-at-most-8": Input(zeros(60_000)),

  // Sums
  "log-softmax-sum-in-16-bits": Input(zeros(3000)),
  "logsumexp-sum-in-16-bits": Input(zeros(3000)),
  "log-softmax-tail-left-out": Input(zeros(9)),
  "logsumexp-last-term-lost-for-odd-n": Input(zeros(3)),
  "logsumexp-padded-with-zeros": Input(Array(repeating: -40, count: 5)),
  "log-softmax-padded-with-zeros": Input(Array(repeating: -40, count: 5)),
  "logsumexp-mean-for-sum": Input(zeros(4)),
  "log-softmax-mean-for-sum": Input(zeros(4)),
  "logsumexp-ties-counted-once": Input(zeros(3)),
  "log-softmax-terms-below-2^-10-dropped": Input([0] + Array(repeating: -7, count: 4000)),
  "log-softmax-sum-of-first-65536": Input(zeros(65_600, [65_599: 12])),
  "logsumexp-sum-of-first-1024": Input(zeros(1100, [1099: 12])),
  "log-softmax-last-warp-twice": Input(zeros(257, [256: 8])),

  // One pass and blocks
  "logsumexp-online-not-rescaled": Input([0, 1]),
  "log-softmax-online-not-rescaled": Input([0, 1]),
  "logsumexp-online-rescaled-upwards": Input([0, 1]),
  "log-softmax-online-term-of-new-maximum-lost": Input([0, 1]),
  "logsumexp-blocks-added": Input(zeros(200)),
  "logsumexp-largest-of-blocks": Input(zeros(200)),
  "logsumexp-blocks-without-their-maxima": Input(zeros(128) + Array(repeating: -5, count: 72)),
  "log-softmax-last-block-merged-with-a-stale-maximum": Input(
    zeros(128) + Array(repeating: -5, count: 72)),

  // Bases
  "logsumexp-in-base-two": Input([3, 3]),
  "logsumexp-binary-logarithm": Input(zeros(4)),
  "log-softmax-decimal-logarithm": Input(zeros(4)),
  "log-softmax-powers-of-two": Input([0] + Array(repeating: -2, count: 20)),
  "log-softmax-rounded-constant": Input(zeros(1000)),

  // Infinities
  "logsumexp-of-masks-is-nan": Input([-.infinity, -.infinity]),
  "logsumexp-of-masks-is-zero": Input([-.infinity, -.infinity]),
  "logsumexp-of-masks-is-the-lowest-number": Input([-.infinity, -.infinity]),
  "logsumexp-of-infinity-is-nan": Input([.infinity, 1]),
  "logsumexp-of-infinity-is-minus-infinity": Input([.infinity, 1]),
  "logsumexp-drops-nan": Input([1, .nan]),
  "logsumexp-nan-beside-infinity-dropped": Input([.infinity, .nan]),
  "logsumexp-of-nothing-is-zero": Input([], [2, 0]),
  "logsumexp-of-nothing-is-nan": Input([], [2, 0]),

  // Masks
  "log-softmax-mask-of-minus-10000": Input([0, -.infinity]),
  "log-softmax-lowest-for-masks": Input([0, -.infinity]),
  "log-softmax-nan-for-masks": Input([0, -.infinity]),
  "log-softmax-masks-keep-their-zero": Input([0, -.infinity]),
  "log-softmax-of-masks-is-uniform": Input([-.infinity, -.infinity]),
  "logsumexp-masked-block-poisons-lane": Input(
    Array(repeating: -.infinity, count: 64) + zeros(64)),
  "logsumexp-masks-count-as-zeros": Input([-5, -.infinity]),

  // Stored results
  "log-softmax-of-a-stored-logsumexp": Input([1000, 1000]),
  "log-softmax-through-bfloat16": Input([0, -20.3, -21.4, -22.6, -23.7]),
  "logsumexp-through-float16": Input([1e5, 1e5]),
  "log-softmax-through-float32": Input([0, -0.3]),
  "log-softmax-clamped-at-minus-100": Input([0, -200]),
  "log-softmax-minus-infinity-below-minus-103": Input([0, -200]),
  "logsumexp-never-negative": Input([-5, -5]),
  "log-softmax-on-a-grid-of-2^-6": Input([0, -0.3, -0.7, -0.2]),
  "log-softmax-negative-log-likelihood": Input([0, -1]),

  // Axes
  "log-softmax-always-axis-1": Input(ramp(12), [3, 4], axis: 0),
  "log-softmax-always-last-axis": Input(ramp(12), [3, 4], axis: 0),
  "log-softmax-flattened-from-axis": Input(ramp(12), [2, 3, 2], axis: 1),
  "logsumexp-over-all-axes": Input(ramp(6), [2, 3]),
  "logsumexp-first-lane-for-all": Input([0, 1, 5, 9], [2, 2]),
  "logsumexp-outer-and-inner-exchanged": Input(ramp(24), [2, 3, 4], axis: 1),
  "logsumexp-inner-stride-lost": Input(ramp(12), [3, 4], axis: 0),

  // Lengths
  "logsumexp-of-one-is-zero": Input([3]),
  "log-softmax-of-one-is-the-logit": Input([3]),
  "logsumexp-maximum-alone-from-512": Input(zeros(600)),
  "logsumexp-hard-maximum": Input([0, 0]),
  "log-softmax-last-output-unwritten-at-33": Input(zeros(33)),
  "log-softmax-lane-start-kept-in-16-bits": Input(ramp(69_000), [23, 3000]),
  "logsumexp-lanes-beyond-65535-unwritten": Input(zeros(131_072), [65_536, 2]),

  // Others
  "logsumexp-last-lane-of-four-lost": Input(zeros(8), [4, 2]),
  "log-softmax-logits-clamped-to-50": Input([60, 55]),
  "logsumexp-logits-halved": Input([5, 1]),
  "log-softmax-logits-scaled-by-1.01": Input([0, -30]),
  "log-softmin": Input([0, -1]),
  "logsumexp-power-of-256": Input([0] + Array(repeating: -8, count: 20_000)),
  "log-softmax-exponentials-in-16-bits": Input([0] + Array(repeating: -0.3, count: 8)),
  "logsumexp-exp-vanishes-below-minus-5": Input([0] + Array(repeating: -5.5, count: 400)),
]

/// The faults that show in something else than the outputs of one call.
private let withoutEvidence: Set<String> = [
  "log-softmax-crashes-on-an-empty-axis", "logsumexp-remembers-the-last-sum",
  "log-softmax-batch-size-picks-the-sum", "log-softmax-computes-in-its-input",
  "logsumexp-answers-with-another-shape",
]

@Suite("Faults of log-softmax and logsumexp")
struct LogarithmFaultTests {
  private static let operations: [AuditedOperation] = [.logSoftmax, .logSumExp]
  private static let faults = FaultySoftmax.all.filter { operations.contains($0.operation) }

  /// What is wrong with the outputs of an implementation; nil where nothing is.
  private struct Examination: FormatGenericWork {
    let input: Input
    let implementation: any SoftmaxImplementation

    func run<F: BinaryFloat>(_ format: F.Type) throws -> String? {
      let tensor = try input.tensor(format)
      let operation = implementation.operation
      let outputs = try implementation.renewed().softmax(tensor, as: F.self)
      guard outputs.geometry == operation.outputGeometry(for: tensor.geometry) else {
        return "the shape \(outputs.geometry.shape)"
      }
      let oracle = SoftmaxOracle()
      for lane in 0..<tensor.geometry.laneCount {
        let logits = tensor.lane(lane)
        let inputs = OperationLane(operation, DistinctLogits(of: logits))
        let reference = oracle.reference(of: inputs, in: F.format)
        let own = outputs.lane(lane)
        if reference.special != nil {
          if !own.contains(where: { $0.isNaN }) { return "lane \(lane): \(own.prefix(4))" }
          continue
        }
        let bounds = LaneProfile(logits).flatMap {
          DefaultTolerance(operation, output: F.format, underflow: .gradual).tolerance(of: $0)
        }?.bounds
        for (index, y) in own.enumerated() {
          let value = reference.value(at: index)
          guard !value.isInfinite, y.isFinite else {
            if y.isNaN || y.exactDouble != value.approximate { return "\(y) at \(index)" }
            continue
          }
          let bound = try #require(bounds)[index]
          if abs(y.exactDouble - value.approximate) > bound * (1 + 0x1p-20) {
            return "lane \(lane), output \(index): \(y), exact \(value.approximate)"
          }
        }
      }
      return nil
    }
  }

  @Test("Names are unique, and all but a few that show elsewhere have evidence")
  func names() {
    let names = Self.faults.map(\.name)
    #expect(Set(names).count == names.count && names.count >= 60)
    #expect(withoutEvidence.isDisjoint(with: evidence.keys))
    #expect(Set(names) == withoutEvidence.union(evidence.keys))
    for operation in Self.operations {
      #expect(FaultySoftmax.all(of: operation).count >= 40)
      #expect(SoundSoftmax.all(of: operation).count >= 10)
    }
  }

  @Test(
    "Every fault shows on its input in every format, where the plain recipe shows nothing",
    arguments: evidence.keys.sorted())
  func faultsShow(name: String) throws {
    let fault = try #require(Self.faults.first { $0.name == name })
    let input = try #require(evidence[name])
    let plain = try #require(
      SoundSoftmax.all.first { $0.name == "plain-\(fault.operation.name)" })
    for format in fault.formats {
      let finding = try format.open(Examination(input: input, implementation: fault))
      #expect(finding != nil, "does not show in \(format.rawValue)")
      let falseAlarm = try format.open(Examination(input: input, implementation: plain))
      #expect(falseAlarm == nil, "the plain recipe shows it in \(format.rawValue)")
    }
  }

  private static let lanesOfManyKinds: [Input] = {
    var inputs: [Input] = []
    for length in [1, 2, 3, 7, 31, 64, 65, 300] {
      inputs.append(Input(scattered(length, seed: UInt64(length))))
      inputs.append(Input(zeros(length)))
      inputs.append(Input(zeros(length, [length - 1: 110])))
      inputs.append(Input((0..<length).map { $0 % 3 == 0 ? -.infinity : Double($0 % 5) }))
      inputs.append(Input(Array(repeating: -.infinity, count: length)))
      inputs.append(Input(zeros(length, [length / 2: .nan])))
      inputs.append(Input(zeros(length, [length / 2: .infinity])))
    }
    inputs.append(Input((0..<200).map { -Double($0) * 6 }))
    inputs.append(Input(ramp(60), [3, 4, 5], axis: 1))
    inputs.append(Input([1000, 999, 998.5]))
    inputs.append(Input([], [3, 0, 5], axis: 1))
    return inputs
  }()

  @Test(
    "Every sound one keeps its tolerance on lanes of many kinds",
    arguments: SoundSoftmax.all.filter { operations.contains($0.operation) }.map(\.name))
  func soundOnesKeepTheirTolerance(name: String) throws {
    let sound = try #require(SoundSoftmax.all.first { $0.name == name })
    // Those that declare a model have its bound, which the tests of variants are about.
    guard sound.declaredModel(for: .float32) == nil else { return }
    for format in sound.formats {
      for input in Self.lanesOfManyKinds {
        let finding = try format.open(Examination(input: input, implementation: sound))
        #expect(finding == nil, "\(format.rawValue), \(input.logits.prefix(8))")
      }
    }
  }
}
