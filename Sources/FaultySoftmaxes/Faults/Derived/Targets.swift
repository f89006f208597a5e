import AuditedOperations
import FloatFormats
import Laws

extension FaultySoftmax {
  /// Lanes that should be ignored are not, or leave something behind.
  static let ignoredTargetFaults = [
    // flagos-ai/FlagGems#73, NVIDIA/TransformerEngine#2476
    FaultySoftmax(
      "cross-entropy-ignored-lanes-counted", "takes the first class for the ignored target",
      .formula, of: .crossEntropy, OtherTargets(.counted)),
    FaultySoftmax(
      "cross-entropy-vjp-ignored-lanes-counted",
      "has the gradient of the first class for the ignored target", .formula,
      of: .crossEntropyVJP, OtherTargets(.counted)),
    // pytorch/pytorch#63004 is about classes that are ignored.
    FaultySoftmax(
      "cross-entropy-ignores-negative-targets-alone", "does not ignore a class", .formula,
      of: .crossEntropy, OtherTargets(.negativeAlone)),
    FaultySoftmax(
      "cross-entropy-vjp-ignores-negative-targets-alone", "has gradients for an ignored class",
      .formula, of: .crossEntropyVJP, OtherTargets(.negativeAlone)),
    // karpathy/nanoGPT#323 asks about it.
    FaultySoftmax(
      "cross-entropy-minus-one-is-the-last-class", "counts negative targets from the end",
      .specialValues, of: .crossEntropy, OtherTargets(.fromTheEnd)),
    // pytorch/pytorch#73205, tinygrad/tinygrad#3570
    FaultySoftmax(
      "cross-entropy-ignored-lanes-smoothed", "keeps the spread loss of an ignored lane",
      .formula, of: .crossEntropy, IgnoredLanes(.smoothed)),
    FaultySoftmax(
      "cross-entropy-ignored-by-multiplication", "multiplies the loss of an ignored lane by 0",
      .specialValues, of: .crossEntropy, IgnoredLanes(.multiplied)),
    // pytorch/pytorch#91383, pytorch/pytorch#69339, pytorch/pytorch#72056
    FaultySoftmax(
      "cross-entropy-crashes-on-ignored-with-weights",
      "looks up the weight of the ignored target", .conduct, of: .crossEntropy,
      IgnoredLanes(.crash)),
    // flagos-ai/FlagGems#264
    FaultySoftmax(
      "cross-entropy-vjp-ignored-lanes-keep-probabilities",
      "subtracts no target from an ignored lane", .formula, of: .crossEntropyVJP,
      IgnoredLanes(.probabilities)),
  ]

  /// A lane gets the class of another one, or another class.
  static let targetFaults = [
    FaultySoftmax(
      "cross-entropy-targets-read-as-32-bits", "reads targets of 64 bits as twice as many of 32",
      .types, of: .crossEntropy, OtherTargets(.asInt32)),
    FaultySoftmax(
      "cross-entropy-target-in-8-bits", "keeps seven bits of a target", .indexWidth,
      of: .crossEntropy, OtherTargets(.inEightBits)),
    FaultySoftmax(
      "cross-entropy-target-of-the-next-lane", "shifts the targets by a lane", .axes,
      of: .crossEntropy, OtherTargets(.nextLane)),
    // tensorflow/tensorflow#3739 has labels that begin with 1.
    FaultySoftmax(
      "cross-entropy-targets-count-from-one", "takes the class before the target", .formula,
      of: .crossEntropy, OtherTargets(.fromOne)),
    FaultySoftmax(
      "cross-entropy-vjp-target-of-the-first-lane", "takes the first target for all lanes",
      .axes, of: .crossEntropyVJP, OtherTargets(.firstLane)),
  ]
}

private struct OtherTargets: DerivedRecipe {
  enum Mistake: Sendable {
    case counted, negativeAlone, fromTheEnd, asInt32, inEightBits, nextLane, fromOne, firstLane
  }
  let mistake: Mistake
  init(_ mistake: Mistake) { self.mistake = mistake }

  func inputs<F: BinaryFloat>(
    ofLane number: Int, of inputs: OperationInputs<F>
  ) -> LaneInputs<F> {
    var lane = inputs.lane(number)
    guard let targets = inputs.targets else { return lane }
    let ignored = inputs.parameters.ignoreIndex
    let last = lane.count - 1
    func read(_ target: Int64) -> Int? {
      target == ignored ? nil : min(max(0, Int(target)), last)
    }
    switch mistake {
    case .counted: lane.target = lane.target ?? min(max(0, Int(targets[number])), last)
    case .negativeAlone:
      let target = Int(targets[number])
      if lane.target == nil, target >= 0, target <= last { lane.target = target }
    case .fromTheEnd:
      let target = Int(targets[number])
      if lane.target == nil, target < 0, lane.count + target >= 0 {
        lane.target = lane.count + target
      }
    case .asInt32:
      let word = targets[number / 2]
      lane.target = read(
        Int64(Int32(truncatingIfNeeded: number.isMultiple(of: 2) ? word : word >> 32)))
    case .inEightBits: lane.target = lane.target.map { $0 & 0x7F }
    case .nextLane: lane.target = read(targets[(number + 1) % targets.count])
    case .fromOne: lane.target = lane.target.map { max(0, $0 - 1) }
    case .firstLane: lane.target = read(targets[0])
    }
    return lane
  }
}

private struct IgnoredLanes: DerivedRecipe {
  enum Mistake: Sendable { case smoothed, multiplied, crash, probabilities }
  let mistake: Mistake
  init(_ mistake: Mistake) { self.mistake = mistake }

  func begin<F: BinaryFloat>(_ inputs: OperationInputs<F>) throws {
    guard mistake == .crash, inputs.parameters.classWeights != nil,
      inputs.parameters.labelSmoothing > 0,
      let outside = inputs.targets?.first(where: { $0 < 0 })
    else { return }
    throw CallFailure(.refusal, "index \(outside) is out of bounds")
  }

  func outputs<C: BinaryFloat>(_ lane: LaneInputs<C>, _ call: DerivedCall) -> [C] {
    let plain = PlainDerived()
    guard lane.target == nil else { return plain.outputs(lane, call) }
    switch mistake {
    case .smoothed:
      var shares = plain.coefficients(lane, target: 0, call)
      let smoothing = C(rounding: lane.labelSmoothing)
      shares[0] = smoothing / C(rounding: Double(lane.count)) * lane.weight(0)
      return [lossOfLogarithms(logarithms(lane, call), shares, call)]
    case .multiplied: return [loss(lane, target: 0, call) * C.zero]
    case .probabilities: return probabilities(lane, call)
    case .crash: return plain.outputs(lane, call)
    }
  }
}
