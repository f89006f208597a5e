import FloatFormats
import Oracle
import Testing

@testable import AuditedOperations
@testable import ErrorMeasurement
@testable import FaultySoftmaxes

/// A tensor of logits and a rule for the inputs beside it.
private struct Trial {
  var input: Input
  var rule = AccompanyingInputs()
  /// The input beside the first that the rule is about.
  var role: InputRole

  init(
    _ input: Input, _ role: InputRole, _ change: (inout AccompanyingInputs) -> Void = { _ in }
  ) {
    self.input = input
    self.role = role
    change(&rule)
  }
}

/// The faults that show in something else than the outputs of one call.
private let withoutEvidence: Set<String> = [
  "cross-entropy-lanes-beyond-65535-unwritten", "cross-entropy-vjp-accumulates",
  "cross-entropy-crashes-on-ignored-with-weights",
  // The stored outputs here sum to 1, up to what 16 bits explain.
  "softmax-backward-normalizes-outputs",
]

@Suite("Faults of losses, gradients and Jacobians")
struct DerivedFaultTests {
  private static let operations: [AuditedOperation] = [
    .crossEntropy, .softmaxVJP, .softmaxBackward, .logSoftmaxVJP, .crossEntropyVJP,
    .softmaxJacobian,
  ]
  private static let faults = FaultySoftmax.all.filter { operations.contains($0.operation) }

  /// The trials that differ in inputs that an operation takes.
  private static func trials(for operation: AuditedOperation) -> [Trial] {
    let role = operation.inputs.contains(.targets) ? InputRole.targets : .upstream
    return trials.filter { $0.role == role }
  }

  /// Lanes of many kinds, with inputs of many kinds beside them.
  private static let trials: [Trial] = {
    var trials: [Trial] = []
    let tensors = [
      Input([3]), Input([0, -0.3]), Input([0, -40]), Input([800, 799]), Input([0, -800]),
      Input([1000, 999.5, 40]), Input(scattered(30, seed: 1), [5, 6]),
      Input(scattered(36, seed: 2), [3, 4, 3], axis: 1), Input(scattered(33, seed: 3)),
      Input([0, -.infinity, 1, 2, -.infinity, -1]), Input(scattered(300, seed: 4)),
      Input([-.infinity, 1, 2, 3], [2, 2]), Input(zeros(3, [1: -25])), Input(zeros(1100)),
    ]
    for (number, input) in tensors.enumerated() {
      for upstream in AccompanyingInputs.Upstream.allCases {
        trials.append(
          Trial(input, .upstream) {
            $0.upstream = upstream
            $0.seed = number
          })
      }
      for target in AccompanyingInputs.Target.allCases {
        for smoothing in [0, 2] {
          for weights in AccompanyingInputs.Weights.allCases {
            trials.append(
              Trial(input, .targets) {
                $0.target = target
                $0.smoothing = smoothing
                $0.weights = weights
                $0.seed = number
              })
          }
        }
      }
      for ignored in AccompanyingInputs.ignoredTargets.indices {
        for smoothing in [0, 1] {
          trials.append(
            Trial(input, .targets) {
              $0.ignoresLanes = true
              $0.ignoredTarget = ignored
              $0.smoothing = smoothing
              $0.seed = 3
            })
        }
      }
    }
    // Sums in 16 bits stick.
    for upstream in [AccompanyingInputs.Upstream.constant, .oneHot] {
      trials.append(Trial(Input(zeros(20_000)), .upstream) { $0.upstream = upstream })
    }
    trials.append(Trial(Input(zeros(20_000)), .targets))
    return trials
  }()

  /// What is wrong with the outputs of an implementation; nil where nothing is.
  private struct Examination: FormatGenericWork {
    let trial: Trial
    let implementation: any SoftmaxImplementation

    func run<F: BinaryFloat>(_ format: F.Type) throws -> String? {
      let operation = implementation.operation
      var tensor = try trial.input.tensor(format)
      if operation.inputs.first == .probabilities {
        for lane in 0..<tensor.geometry.laneCount {
          let made = operation.firstInput(
            of: tensor.lane(lane).map(\.exactDouble), in: F.format)
          tensor.geometry.place(
            made.map { F(rounding: $0) }, asLane: lane, in: &tensor.elements)
        }
      }
      let inputs = trial.rule.inputs(of: operation, tensor)
      let outputs = try implementation.renewed().outputs(for: inputs, as: F.self)
      guard outputs.geometry == operation.outputGeometry(for: tensor.geometry) else {
        return "the shape \(outputs.geometry.shape)"
      }
      let oracle = SoftmaxOracle()
      for number in 0..<tensor.geometry.laneCount {
        let lane = OperationLane(
          operation, exactly: tensor.lane(number).map(\.exactDouble), accompanied: trial.rule,
          in: F.format)
        let reference = oracle.reference(of: lane, in: F.format)
        let own = outputs.lane(number)
        guard reference.special == nil else { continue }
        let bounds = DefaultTolerance(operation, output: F.format, underflow: .gradual)
          .tolerance(of: lane)?.bounds
        for (index, y) in own.enumerated() {
          let value = reference.value(at: index)
          guard !value.isInfinite, y.isFinite else {
            if y.isNaN || y.exactDouble != value.approximate { return "\(y) at \(index)" }
            continue
          }
          guard let bound = bounds?[index] else { continue }
          if abs(y.exactDouble - value.approximate) > bound * (1 + 0x1p-20) {
            return "lane \(number), output \(index): \(y), exact \(value.approximate)"
          }
        }
      }
      return nil
    }
  }

  @Test("Names are unique, and every operation has faults and sound forms")
  func names() {
    let names = Self.faults.map(\.name)
    #expect(Set(names).count == names.count && names.count >= 60)
    #expect(withoutEvidence.isSubset(of: names))
    for operation in Self.operations {
      #expect(FaultySoftmax.all(of: operation).count >= 4)
      #expect(SoundSoftmax.all(of: operation).count >= 4)
    }
  }

  @Test(
    "Every fault shows in every format on some of many inputs",
    arguments: faults.map(\.name).filter { !withoutEvidence.contains($0) })
  func faultsShow(name: String) throws {
    let fault = try #require(Self.faults.first { $0.name == name })
    for format in fault.formats {
      let shows = try Self.trials(for: fault.operation).contains {
        try format.open(Examination(trial: $0, implementation: fault)) != nil
      }
      #expect(shows, "does not show in \(format.rawValue)")
    }
  }

  @Test(
    "Every sound one keeps its tolerance on all of them",
    arguments: SoundSoftmax.all.filter { operations.contains($0.operation) }.map(\.name))
  func soundOnesKeepTheirTolerance(name: String) throws {
    let sound = try #require(SoundSoftmax.all.first { $0.name == name })
    for format in sound.formats {
      for trial in Self.trials(for: sound.operation) {
        // A Jacobian has n n entries; long lanes are about sums in 16 bits.
        guard sound.operation != .softmaxJacobian || trial.input.logits.count <= 40,
          format.isNarrow || trial.input.logits.count <= 300,
          sound.domain.largestLogit.map({ largest in
            trial.input.logits.allSatisfy { !$0.isFinite || abs($0) <= largest }
          }) ?? true
        else { continue }
        let finding = try format.open(Examination(trial: trial, implementation: sound))
        #expect(
          finding == nil, "\(format.rawValue), \(trial.input.logits.prefix(8)), \(trial.rule)")
      }
    }
  }

  @Test("A weight is looked up for an ignored target where there are weights and smoothing")
  func crash() throws {
    let fault = try #require(
      Self.faults.first { $0.name == "cross-entropy-crashes-on-ignored-with-weights" })
    let tensor = try Input(scattered(6, seed: 1), [2, 3]).tensor(Float.self)
    var inputs = OperationInputs(tensor, targets: [1, -100])
    #expect(try fault.outputs(for: inputs, as: Float.self).elements.count == 2)
    inputs.parameters = CrossEntropyParameters(labelSmoothing: 0.1, classWeights: [1, 2, 3])
    #expect(throws: CallFailure.self) { try fault.outputs(for: inputs, as: Float.self) }
  }

  @Test("A gradient that accumulates is right in the first call alone")
  func accumulation() throws {
    let fault = try #require(Self.faults.first { $0.name == "cross-entropy-vjp-accumulates" })
    let tensor = try Input([0, 0]).tensor(Float.self)
    let inputs = OperationInputs(tensor, targets: [1])
    let used = fault.renewed()
    #expect(try used.outputs(for: inputs, as: Float.self).elements == [0.5, -0.5])
    #expect(try used.outputs(for: inputs, as: Float.self).elements == [1, -1])
    #expect(try used.renewed().outputs(for: inputs, as: Float.self).elements == [0.5, -0.5])
  }

  @Test("Lanes beyond 65 535 have no loss where a grid ends")
  func grid() throws {
    let fault = try #require(
      Self.faults.first { $0.name == "cross-entropy-lanes-beyond-65535-unwritten" })
    let lanes = 65_537
    let tensor = Tensor<Float>(
      geometry: try LaneGeometry(shape: [lanes, 2], axis: 1),
      elements: Array(repeating: 0, count: 2 * lanes))
    let outputs = try fault.outputs(
      for: OperationInputs(tensor, targets: Array(repeating: 0, count: lanes)), as: Float.self)
    #expect(outputs.elements[65_534] > 0.69 && outputs.elements[65_535] == 0)
  }
}
