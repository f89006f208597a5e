import AuditedOperations
import FloatFormats
import Laws

extension FaultySoftmax {
  /// Label smoothing and class weights give classes other shares of a loss than they should.
  static let shareFaults = [
    // TimDettmers/ConvE#55
    FaultySoftmax(
      "cross-entropy-smoothing-of-one-over-n", "spreads 1/n over every class, not e/n", .formula,
      of: .crossEntropy, OtherShares(.oneOverClasses)),
    // mindspore-ai/mindspore#73, fastai/fastai#1814
    FaultySoftmax(
      "cross-entropy-smoothing-over-the-other-classes",
      "spreads e over all classes but the target", .formula, of: .crossEntropy,
      OtherShares(.overOthers)),
    // ildoonet/pytorch-randaugment#30
    FaultySoftmax(
      "cross-entropy-smoothing-not-taken-from-the-target",
      "takes e/n from the target in place of e", .formula, of: .crossEntropy,
      OtherShares(.targetKeeps)),
    // eladhoffer/utils.pytorch#14
    FaultySoftmax(
      "cross-entropy-smoothing-taken-twice", "takes e/n from the target beside e", .formula,
      of: .crossEntropy, OtherShares(.takenTwice)),
    FaultySoftmax(
      "cross-entropy-smoothing-not-divided", "spreads e over every class, not e/n", .formula,
      of: .crossEntropy, OtherShares(.notDivided)),
    FaultySoftmax(
      "cross-entropy-smoothing-ignored", "takes the label smoothing and does not use it",
      .formula, of: .crossEntropy, OtherShares(.smoothingIgnored)),
    FaultySoftmax(
      "cross-entropy-vjp-smoothing-ignored", "has the gradient of a loss without label smoothing",
      .formula, of: .crossEntropyVJP, OtherShares(.smoothingIgnored)),
    FaultySoftmax(
      "cross-entropy-vjp-smoothing-over-the-other-classes",
      "subtracts no spread share from the target", .formula, of: .crossEntropyVJP,
      OtherShares(.overOthers)),
    // pytorch/pytorch#104776 asks what weights do to smoothing.
    FaultySoftmax(
      "cross-entropy-spread-without-weights", "weighs the target and not the spread loss",
      .formula, of: .crossEntropy, OtherShares(.spreadUnweighted)),
    FaultySoftmax(
      "cross-entropy-spread-with-the-weight-of-the-target",
      "weighs the spread loss by the weight of the target", .formula, of: .crossEntropy,
      OtherShares(.spreadByTarget)),
    // Jittor/jittor#233
    FaultySoftmax(
      "cross-entropy-weights-ignored", "takes class weights and does not use them", .formula,
      of: .crossEntropy, OtherShares(.weightsIgnored)),
    FaultySoftmax(
      "cross-entropy-vjp-weights-ignored", "has the gradient of a loss without class weights",
      .formula, of: .crossEntropyVJP, OtherShares(.weightsIgnored)),
    // EthanRosenthal/spacecutter#16 asks for it.
    FaultySoftmax(
      "cross-entropy-weights-normalized", "divides class weights by their sum", .formula,
      of: .crossEntropy, OtherShares(.weightsNormalized)),
    FaultySoftmax(
      "cross-entropy-weight-of-the-next-class", "reads class weights a place too far",
      .indexWidth, of: .crossEntropy, OtherShares(.weightsShifted)),
    FaultySoftmax(
      "cross-entropy-weight-of-zero-taken-for-one", "takes a class weight of 0 for none",
      .specialValues, of: .crossEntropy, OtherShares(.zeroWeightIsOne)),
    // kvark/meganeura#102
    FaultySoftmax(
      "cross-entropy-vjp-probabilities-without-weights",
      "subtracts weighted targets from probabilities that have no weight", .formula,
      of: .crossEntropyVJP, OtherShares(.gradientOfWholeOne)),
  ]
}

private struct OtherShares: DerivedRecipe {
  enum Mistake: Sendable {
    case oneOverClasses, overOthers, targetKeeps, takenTwice, notDivided, smoothingIgnored
    case spreadUnweighted, spreadByTarget, weightsIgnored, weightsNormalized, weightsShifted
    case zeroWeightIsOne, gradientOfWholeOne
  }
  let mistake: Mistake
  init(_ mistake: Mistake) { self.mistake = mistake }

  func coefficients<C: BinaryFloat>(
    _ given: LaneInputs<C>, target: Int, _ call: DerivedCall
  ) -> [C] {
    var lane = given
    switch mistake {
    case .smoothingIgnored: lane.labelSmoothing = 0
    case .weightsIgnored: lane.classWeights = nil
    case .weightsNormalized:
      let whole = total(lane.classWeights ?? [])
      lane.classWeights = lane.classWeights?.map { whole.isZero ? $0 : $0 / whole }
    case .weightsShifted:
      lane.classWeights = lane.classWeights.map { weights in
        weights.indices.map { weights[($0 + 1) % weights.count] }
      }
    case .zeroWeightIsOne:
      lane.classWeights = lane.classWeights?.map { $0.isZero ? C.one : $0 }
    default: break
    }
    let smoothing = C(rounding: lane.labelSmoothing)
    guard !smoothing.isZero else {
      return PlainDerived().coefficients(lane, target: target, call)
    }
    let count = C(rounding: Double(lane.count))
    let share = smoothing / count
    return (0..<lane.count).map { index in
      let own = index == target
      let weight = lane.weight(index)
      let rest = (C.one - smoothing) * lane.weight(target)
      return switch mistake {
      case .oneOverClasses: weight / count + (own ? rest : C.zero)
      case .overOthers:
        own ? rest : smoothing / C(rounding: Double(lane.count - 1)) * weight
      case .targetKeeps:
        share * weight + (own ? (C.one - share) * weight : C.zero)
      case .takenTwice: share * weight + (own ? rest - share * weight : C.zero)
      case .notDivided: smoothing * weight + (own ? rest : C.zero)
      case .spreadUnweighted: share + (own ? rest : C.zero)
      case .spreadByTarget: share * lane.weight(target) + (own ? rest : C.zero)
      default: share * weight + (own ? rest : C.zero)
      }
    }
  }

  func lossGradient<C: BinaryFloat>(
    _ probabilities: [C], _ coefficients: [C], _ call: DerivedCall
  ) -> [C] {
    guard mistake == .gradientOfWholeOne else {
      return PlainDerived().lossGradient(probabilities, coefficients, call)
    }
    return zip(probabilities, coefficients).map { $0 - $1 }
  }
}
