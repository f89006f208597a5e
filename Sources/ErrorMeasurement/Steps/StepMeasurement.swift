import AuditRecords
import AuditedOperations
import FloatFormats
import MultiPrecision
import Oracle

/// Measures lanes of quantised outputs in steps, into statistics.
package struct StepMeasurement {
  private let quantization: Quantization
  private let oracle: SoftmaxOracle

  package init(_ quantization: Quantization, oracle: SoftmaxOracle) {
    self.quantization = quantization
    self.oracle = oracle
  }

  /// The exact values of a lane that has some, in the order of its outputs; `nil` where the oracle
  /// left one open.
  package func exactSteps(of lane: OperationLane) -> [ExactSteps?] {
    var known: [Int32: ExactSteps?] = [:]
    let reference = oracle.reference(of: lane, in: .float64)
    return lane.slots.map { slot in
      if let value = known[slot] { return value }
      let value = ExactSteps(
        slot: Int(slot), of: lane, quantization,
        approximate: reference.approximate(ofSlot: Int(slot)), oracle: oracle)
      known[slot] = value
      return value
    }
  }

  /// Measures the outputs of one lane.
  ///
  /// - Parameters:
  ///   - differences: The integers less the zero point, as many as the lane has outputs.
  ///   - number: The number of the lane, for witnesses.
  ///   - policy: What is declared about special lanes.
  ///   - statistics: What the measurement is added to.
  package func measure(
    _ differences: [Int], lane number: Int, exact lane: OperationLane, policy: SpecialLanePolicy,
    into statistics: inout AccuracyStatistics
  ) {
    statistics.lanes += 1
    statistics.elements += UInt64(differences.count)
    if let special = lane.lackOfValue {
      measureSpecial(differences, special, lane, policy, &statistics)
      return
    }
    guard !differences.isEmpty else { return }
    for (index, exact) in exactSteps(of: lane).enumerated() {
      guard let exact else {
        statistics.undecided += 1
        continue
      }
      let difference = differences[index]
      statistics.finitePairs += 1
      if difference == exact.nearest(zeroPoint: quantization.zeroPoint) {
        statistics.correctlyRounded += 1
      }
      if exact.isFaithful(difference) { statistics.faithful += 1 }
      if difference == 0, exact.units != 0 || !exact.isExact { statistics.zeros += 1 }
      statistics.measured.steps.add(
        exact, difference, at: ElementLocation(lane: number, index: index))
    }
    if lane.operation == .softmax {
      statistics.maxSumError.update(
        sumError(of: differences), at: ElementLocation(lane: number, index: 0))
    }
  }

  /// |scale sum (q - zero point) - 1|, exactly, rounded up to a figure.
  ///
  /// The sum of less than 2^46 integers of 17 bits is below 2^63, and 4096 bits hold its product
  /// with a binary64 number and 1 less.
  private func sumError(of differences: [Int]) -> Double {
    let sum = differences.reduce(0, +)
    var error = BigFloat(precision: 4096)
    error.setProduct(
      BigFloat(integer: UInt64(sum.magnitude)), BigFloat(quantization.scale), .toNearestOrEven)
    if sum < 0 { error.formNegation() }
    error.formDifference(BigFloat(1), .toNearestOrEven)
    error.formAbsoluteValue()
    return CertifiedUlp.roundedUp(error, timesPowerOfTwo: 0)
  }

  /// Measures a lane without a value against what the policy expects there, rounded like any other
  /// value.
  ///
  /// No integer is NaN: where the policy asks for one, all are mismatches.
  private func measureSpecial(
    _ differences: [Int], _ special: SpecialLane, _ lane: OperationLane,
    _ policy: SpecialLanePolicy, _ statistics: inout AccuracyStatistics
  ) {
    let limits = quantization.differences
    let isSoftmax = lane.operation == .softmax
    let zero = isSoftmax ? 0 : limits.lowerBound
    /// The lane that the policy puts in the place of this one, and its least steps.
    func expected(_ logits: [Double]) -> [Int?] {
      let exact = OperationLane(lane.operation, exactly: logits)
      guard exact.lackOfValue == nil else { return logits.map { _ in nil } }
      return exactSteps(of: exact).map { $0?.nearest(zeroPoint: quantization.zeroPoint) }
    }
    let infinities = lane.logits.infinityCount
    let wanted: [Int?] =
      switch policy.expectation(for: special, infinityCount: infinities) {
      case .nanSomewhere, .nanEverywhere: differences.map { _ in nil }
      case .zeros: differences.map { _ in zero }
      case .uniform: expected(differences.map { _ in 0 })
      case .oneHot:
        expected(
          lane.logits.slots.map { $0 == DistinctLogits.special ? 0 : -Double.infinity })
      case .withoutNaNs: exactWithoutNaNs(lane, differences.count)
      }
    let agreed = zip(differences, wanted).count { $0 == $1 }
    statistics.agreedSpecial += UInt64(agreed)
    var kinds = MismatchKinds()
    kinds.special = UInt64(differences.count - agreed)
    if kinds.special > 0 { statistics.addMismatches(kinds, .none) }
  }

  private func exactWithoutNaNs(_ lane: OperationLane, _ count: Int) -> [Int?] {
    let hidden = lane.withoutNaNs()
    guard hidden.lackOfValue == nil else { return Array(repeating: nil, count: count) }
    return exactSteps(of: hidden).map { $0?.nearest(zeroPoint: quantization.zeroPoint) }
  }
}

extension LaneReference {
  /// The value of a slot in binary64; `nil` where it is not decided, or there is no such slot.
  func approximate(ofSlot slot: Int) -> Double? {
    guard values.indices.contains(slot), !values[slot].isUndecided else { return nil }
    return values[slot].approximate
  }
}
