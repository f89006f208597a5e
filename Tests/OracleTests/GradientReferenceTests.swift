import AuditedOperations
import FloatFormats
import MultiPrecision
import Testing

@testable import Oracle

/// Values of losses and gradients that no working precision tells by itself.
@Suite("Extremes of losses and gradients")
struct GradientReferenceTests {
  private let oracle = SoftmaxOracle()

  private func lane(
    _ operation: AuditedOperation, _ logits: [Double], upstream: [Double]
  ) -> OperationLane {
    OperationLane(operation, logits: DistinctLogits(exactly: logits), upstream: upstream)
  }

  @Test("What a dominant logit leaves is kept: 1 - p is e^-690 and not 0")
  func dominantLogit() {
    // e^-690.
    let rest = 2.171_738_281_389_827e-300
    let gradient = lane(.logSoftmaxVJP, [0, -690], upstream: [1, 0])
    let loss = OperationLane(
      .crossEntropy, logits: DistinctLogits(exactly: [0, -690]), target: 0)
    let slope = OperationLane(
      .crossEntropyVJP, logits: DistinctLogits(exactly: [0, -690]), target: 0)
    let jacobian = OperationLane(.softmaxJacobian, exactly: [0, -690])
    for (lane, index, sign) in [
      (gradient, 0, 1.0), (gradient, 1, -1), (loss, 0, 1), (slope, 0, -1), (slope, 1, 1),
      (jacobian, 0, 1), (jacobian, 1, -1), (jacobian, 3, 1),
    ] {
      let value = oracle.reference(of: lane, in: .float64).value(at: index)
      let rounded: Double = value.correctlyRounded()
      #expect(abs(rounded / (sign * rest) - 1) < 1e-12, "\(lane.operation) \(index): \(rounded)")
    }
  }

  @Test(
    "Logits further apart than any precision leave nothing open", arguments: [1e4, 1e9, 1e300])
  func farLogits(distance: Double) {
    let far = lane(.softmaxVJP, [0, 0, 0, -distance], upstream: [1, -1, 0, 5])
    let values = oracle.reference(of: far, in: .float32)
    #expect(values.value(at: 0).correctlyRounded(Float.self) == Float(1) / 3)
    #expect(values.value(at: 1).correctlyRounded(Float.self) == -Float(1) / 3)
    // The three maxima balance; what pulls the third down is -5 e^-d / 9.
    #expect(!values.value(at: 2).isZero && values.value(at: 2).isNegative)
    #expect(values.value(at: 2).correctlyRounded(Float.self) == 0)
    let one = lane(.logSoftmaxVJP, [0, -distance], upstream: [1, 0])
    let reference = oracle.reference(of: one, in: .bfloat16)
    #expect(!reference.value(at: 0).isUndecided && !reference.value(at: 0).isZero)
    // y beside v: what lies between them has no figure of its own, but a sign.
    for (lane, y, index) in [
      (one, 0.0, 0), (lane(.softmaxVJP, [0, 0, -distance], upstream: [1, 0, 3]), 0.25, 0),
      (lane(.logSoftmaxVJP, [0, -distance], upstream: [1, 2]), 2, 1),
      (OperationLane(.softmaxJacobian, exactly: [0, 0, -distance]), 0.25, 4),
    ] {
      let off = oracle.distance(from: y, slot: index, of: lane, relativeBits: 40)
      #expect(off?.isExact == false, "\(lane.operation)")
    }
  }

  @Test(
    "Padding far below shows where the upstream is constant elsewhere",
    arguments: [1e4, 1e9, 3e38])
  func padding(distance: Double) {
    // sum p_j (g_i - g_j) = 2 e^-d / s for every logit that is no padding, and 1 for the padding.
    let padded = lane(
      .softmaxVJP, [1, 0.5, 0.5, 0, -distance, -distance],
      upstream: [1, 0.75, 1.25, 1, 0, 0])
    let reference = oracle.reference(of: padded, in: .float32)
    for index in [0, 3] {
      let value = reference.value(at: index)
      #expect(!value.isUndecided && !value.isZero && !value.isNegative)
      #expect(value.correctlyRounded(Float.self) == 0)
    }
    #expect(reference.value(at: 4).isNegative && !reference.value(at: 4).isUndecided)
    #expect(reference.value(at: 1).isNegative && reference.value(at: 2).isNormal)
    // Many logits, so that some sum rounds to 0 at one of its ends.
    let logits = (0..<64).map { Double(($0 * 37) % 101) / 7 } + [-distance]
    for own in [1.0, 0.3, -7.1] {
      let many = lane(.softmaxVJP, logits, upstream: Array(repeating: own, count: 64) + [0])
      let values = oracle.reference(of: many, in: .bfloat16)
      #expect(
        (0..<64).allSatisfy {
          !values.value(at: $0).isUndecided && values.value(at: $0).isNegative == (own < 0)
        })
    }
  }

  @Test(
    "Maxima that tie beside logits out of sight are beside a rational number, on a side of it",
    arguments: [1e9, 1e38])
  func tiesBesideFarLogits(distance: Double) {
    // (k g_i - G) / k^2 for k maxima, up to e^-d.
    for (logits, upstream, expected) in [
      ([0, 0, -distance], [1, 0, 0.0], [0.25, -0.25, 0]),
      ([0, 0, 0, -distance], [3, -3, 0, 2], [1, -1, 0, 0]),
      ([0, 0, -distance, -2 * distance], [1, 2, 3, 0], [-0.25, 0.25, 0, 0]),
      ([0, -distance, -2 * distance], [1, 1, 2], [0, 0, 0]),
    ] as [([Double], [Double], [Double])] {
      for format in [FloatFormat.float32, .float64] {
        let values = oracle.reference(
          of: lane(.softmaxVJP, logits, upstream: upstream), in: format)
        for (index, exact) in expected.enumerated() {
          let value = values.value(at: index)
          #expect(!value.isUndecided, "\(logits) \(upstream) \(index)")
          #expect(value.correctlyRounded(Double.self) == exact)
          let figure = oracle.distance(
            from: exact, slot: index, of: values.inputs, relativeBits: 40)
          #expect(figure?.isBeyondFigures == true)
        }
      }
    }
    // A midpoint of float32 on the way: (g_0 - g_1) / 4 + e^-d ((g_0 - g_2) - (g_0 - g_1)) / 4.
    for (third, isUp) in [(1.0, true), (9, false)] {
      let upstream = [4 * (1 + 0x1p-24) + 2, 2.0, third]
      let value = oracle.reference(
        of: lane(.softmaxVJP, [0, 0, -distance], upstream: upstream), in: .float32
      ).value(at: 0)
      #expect(!value.isUndecided)
      #expect(value.correctlyRounded(Float.self) == (isUp ? 1 + Float.ulpOfOne : 1))
    }
    let jacobian = oracle.reference(
      of: OperationLane(.softmaxJacobian, exactly: [0, 0, -distance]), in: .float32)
    for (index, exact) in [0.25, -0.25, 0, -0.25, 0.25, 0, 0, 0, 0].enumerated() {
      #expect(!jacobian.value(at: index).isUndecided)
      #expect(jacobian.value(at: index).correctlyRounded(Float.self) == Float(exact))
    }
  }

  @Test("Ties of rational values are told exactly")
  func ties() {
    // p = 1/2, so that the gradient is (g_0 - g_1) / 4: between two numbers of float16.
    let upstream = [4 * (1 + 0x1p-11), 0]
    for lane in [
      lane(.softmaxVJP, [3, 3], upstream: upstream),
      OperationLane(.softmaxBackward, probabilities: [0.5, 0.5], upstream: upstream),
    ] {
      let value = oracle.reference(of: lane, in: .float16).value(at: 0)
      #expect(value.width == 0 && value.correctlyRounded(Float16.self) == 1)
      #expect(oracle.rounded(slot: 0, of: lane, as: Float16.self) == 1)
    }
  }

  @Test("Zeros are told by algebra: of one term at all, or of terms that cancel")
  func zeros() {
    func value(_ lane: OperationLane, _ index: Int) -> ExactValue {
      oracle.reference(of: lane, in: .float32).value(at: index)
    }
    let logits = [1, 1, 2, -Double.infinity]
    let balanced = lane(.softmaxVJP, logits, upstream: [0.5, 1.5, 1, 7])
    #expect(value(balanced, 2) == .balanced && value(balanced, 3) == .zero)
    #expect(!value(balanced, 0).isZero)
    #expect(value(lane(.softmaxVJP, logits, upstream: [3, 3, 3, 9]), 0) == .balanced)
    #expect(value(lane(.softmaxVJP, logits, upstream: [0, 0, 0, 9]), 0) == .zero)
    #expect(value(lane(.logSoftmaxVJP, [5, 5], upstream: [2, 2]), 0) == .balanced)
    #expect(value(lane(.logSoftmaxVJP, logits, upstream: [1, -1, 0, 0]), 3) == .zero)
    #expect(value(lane(.logSoftmaxVJP, logits, upstream: [1, -1, 0, 0]), 2) == .balanced)
    #expect(
      value(OperationLane(.softmaxBackward, probabilities: [1, 0], upstream: [2, 5]), 0)
        == .balanced)
    #expect(
      value(OperationLane(.softmaxBackward, probabilities: [1, 0], upstream: [2, 5]), 1) == .zero)
    let ignored = OperationLane(
      .crossEntropy, logits: DistinctLogits(exactly: [.nan]), target: -100)
    #expect(value(ignored, 0) == .zero)
    let masked = OperationLane(
      .crossEntropy, logits: DistinctLogits(exactly: [0, -.infinity]), target: 1)
    #expect(value(masked, 0) == .positiveInfinity)
    let weightless = OperationLane(
      .crossEntropy, logits: DistinctLogits(exactly: [0, -.infinity]), target: 0,
      CrossEntropyParameters(labelSmoothing: 0.5, classWeights: [1, 0]))
    #expect(value(weightless, 0) == .balanced)
  }

  @Test("Yardsticks of softmax and its logarithms are p, max(1, |l|) and max(1, |L|, ln s)")
  func yardsticksOfSoftmax() {
    func yardstick(
      _ operation: AuditedOperation, _ logits: [Double], _ slot: Int = 0
    ) -> Double {
      let lane = OperationLane(operation, exactly: logits)
      guard let found = oracle.yardstick(slot: slot, of: lane, relativeBits: 60) else {
        return .nan
      }
      return found.lower.double(.toNearestOrEven)
    }
    let logTwo = 0x1.62e42fefa39efp-1
    #expect(yardstick(.softmax, [0, 0]) == 0.5)
    #expect(yardstick(.logSoftmax, [0, 0]) == 1)
    #expect(yardstick(.logSoftmax, [0, -100], 1) == 100)
    #expect(abs(yardstick(.logSumExp, [-5, -5]) - (5 - logTwo)) < 1e-15)
    #expect(yardstick(.logSumExp, [0, 0]) == 1)
    // m = -4, ln s = ln 64 = 6 ln 2, L = 6 ln 2 - 4.
    #expect(abs(yardstick(.logSumExp, Array(repeating: -4, count: 64)) - 6 * logTwo) < 1e-15)
  }

  @Test("A lane with a NaN or an infinity in any input has no value")
  func specialLanes() {
    for (upstream, special) in [
      ([Double.nan, 0], SpecialLane.holdsNaN), ([0, -Double.infinity], .holdsInfinity),
    ] {
      #expect(lane(.softmaxVJP, [0, 1], upstream: upstream).lackOfValue == special)
      #expect(lane(.logSoftmaxVJP, [0, 1], upstream: upstream).lackOfValue == special)
      #expect(
        OperationLane(.softmaxBackward, probabilities: upstream, upstream: [0, 1]).lackOfValue
          == special)
    }
    #expect(
      lane(.softmaxVJP, [-.infinity, -.infinity], upstream: [0, 1]).lackOfValue == .fullyMasked)
  }

  @Test("The mean of losses is that of the weights that count, and of none it has no value")
  func reductions() {
    let parameters = CrossEntropyParameters(classWeights: [1, 3])
    let logits = DistinctLogits(exactly: [0, 0])
    func part(_ target: Int64) -> OperationLane {
      OperationLane(.crossEntropy, logits: logits, target: target, parameters)
    }
    let mean = OperationLane(reducing: [part(0), part(1), part(-100)], by: .mean)
    // (ln 2 + 3 ln 2) / 4.
    let rounded: Double = oracle.reference(of: mean, in: .float64).value(at: 0).correctlyRounded()
    #expect(rounded == 0x1.62e42fefa39efp-1)
    let sum = OperationLane(reducing: [part(0), part(1), part(-100)], by: .sum)
    let total: Double = oracle.reference(of: sum, in: .float64).value(at: 0).correctlyRounded()
    #expect(total == 0x1.62e42fefa39efp+1)
    #expect(OperationLane(reducing: [part(-100)], by: .mean).lackOfValue == .fullyMasked)
    let nothing = OperationLane(reducing: [part(-100)], by: .sum)
    #expect(oracle.reference(of: nothing, in: .float32).value(at: 0) == .zero)
  }
}
