import Basics
import FloatFormats

/// A rule by which the inputs of an operation beside its first follow from a lane of the first.
///
/// Audits and laws draw lanes of logits. Gradients take a number for each output besides, and
/// losses a class. They are functions of the lane's elements and of this rule alone: a lane has the
/// same ones wherever it stands in a tensor, so that laws that batch, move and repeat lanes compare
/// what can be compared, and a witness is told by a lane and a few integers.
package struct AccompanyingInputs: Sendable, Hashable {
  /// The rule that makes derivatives by the outputs.
  package enum Upstream: Int, Sendable, CaseIterable {
    /// 1 at one place, 0 elsewhere: the gradient of one output.
    case oneHot
    /// The same number everywhere: the gradient of a softmax is then 0.
    case constant
    /// Integers from -3 to 3.
    case integers
    /// Numbers from -4 to 4, most of them near 0.
    case scattered
    /// The same with magnitudes scaled by powers of two from 2^-12 to 2^12.
    case wide
    /// Two magnitudes close to each other with changing signs, so that sums cancel.
    case opposed
  }

  /// The rule that chooses classes.
  package enum Target: Int, Sendable, CaseIterable {
    /// The first.
    case first
    /// The last.
    case last
    /// That of the largest logit.
    case largest
    /// That of the least finite logit.
    case least
    /// Any with a finite logit.
    case any
  }

  /// The rule that makes the weights of the classes.
  package enum Weights: Int, Sendable, CaseIterable {
    /// None are given.
    case none
    /// Quarters from 1/4 to 2.
    case varied
    /// The same, with a zero at every third class.
    case withZeros
  }

  package var upstream: Upstream
  package var target: Target
  package var weights: Weights
  /// Whether about a quarter of the lanes has the ignored target.
  package var ignoresLanes: Bool
  /// The number of ``ignoredTargets`` that is ignored.
  package var ignoredTarget: Int
  /// The number of ``smoothings`` that is in force.
  package var smoothing: Int
  /// The source of chance beside the lane.
  package var seed: Int
  /// A power of two, or its negative, by which derivatives are multiplied; laws set it, and it is
  /// no part of ``integers``.
  package var upstreamFactor = 1.0
  /// The rule for modifiers of the logits of a softmax and its logarithms; `nil` for none.
  ///
  /// Its integers follow ``integers``.
  package var modifiers: ModifierRule?
  /// Parameters of losses that a person asked for, in the place of what the rule would have; no
  /// part of ``integers``.
  package var given = GivenLoss.none

  /// The targets that may be the ignored one: of PyTorch and TensorFlow, and some that are classes.
  package static let ignoredTargets: [Int64] = [-100, -1, 0, 1, 255]
  /// The label smoothings, the strongest of them short of 1: there some sound forms take 0 times an
  /// infinite loss.
  package static let smoothings: [Double] = [0, 0.1, 0.5, 0.9]

  package init(
    upstream: Upstream = .scattered, target: Target = .any, weights: Weights = .none,
    ignoresLanes: Bool = false, ignoredTarget: Int = 0, smoothing: Int = 0, seed: Int = 0
  ) {
    self.upstream = upstream
    self.target = target
    self.weights = weights
    self.ignoresLanes = ignoresLanes
    self.ignoredTarget = ignoredTarget
    self.smoothing = smoothing
    self.seed = seed
  }

  /// Whether the parameters of a loss are other than the usual ones.
  package var hasParameters: Bool {
    weights != .none || ignoredTarget != 0 || smoothing != 0 || modifiers != nil || !given.isNone
  }

  /// The largest seed.
  package static let largestSeed = 0xFFFF

  /// The ranges of ``integers``.
  package static let ranges: [ClosedRange<Int>] = [
    0...Upstream.allCases.count - 1, 0...Target.allCases.count - 1,
    0...Weights.allCases.count - 1, 0...1, 0...ignoredTargets.count - 1, 0...smoothings.count - 1,
    0...largestSeed,
  ]

  /// The rule as integers, each in its range.
  package var integers: [Int] {
    [
      upstream.rawValue, target.rawValue, weights.rawValue, ignoresLanes ? 1 : 0, ignoredTarget,
      smoothing, seed,
    ] + (modifiers?.integers ?? [])
  }

  /// The rule of integers; `nil` where they are none.
  package init?(integers all: [Int]) {
    let integers = Array(all.prefix(Self.ranges.count))
    let modifiers =
      all.count > integers.count
      ? ModifierRule(integers: Array(all.dropFirst(integers.count))) : nil
    guard integers.count == Self.ranges.count,
      modifiers != nil || all.count == integers.count,
      zip(integers, Self.ranges).allSatisfy({ $1.contains($0) }),
      let upstream = Upstream(rawValue: integers[0]), let target = Target(rawValue: integers[1]),
      let weights = Weights(rawValue: integers[2])
    else { return nil }
    self.init(
      upstream: upstream, target: target, weights: weights, ignoresLanes: integers[3] == 1,
      ignoredTarget: integers[4], smoothing: integers[5], seed: integers[6])
    self.modifiers = modifiers
  }
}

// MARK: Inputs of lanes

extension AccompanyingInputs {
  /// The derivatives by the outputs of a lane, numbers of a format.
  ///
  /// - Parameters:
  ///   - lane: The elements of the first input.
  ///   - format: The format of the derivatives.
  package func upstream(of lane: [Double], in format: FloatFormat) -> [Double] {
    let plain = unscaledUpstream(of: lane, in: format)
    return upstreamFactor == 1 ? plain : plain.map { $0 * upstreamFactor }
  }

  private func unscaledUpstream(of lane: [Double], in format: FloatFormat) -> [Double] {
    guard !lane.isEmpty else { return [] }
    var scatter = LaneScatter(lane, seed)
    switch upstream {
    case .oneHot:
      let place = scatter.below(lane.count)
      return lane.indices.map { $0 == place ? 1 : 0 }
    case .constant:
      let value = format.rounded(scatter.number())
      return lane.map { _ in value }
    case .integers: return lane.map { _ in Double(scatter.below(7) - 3) }
    case .scattered: return lane.map { _ in format.rounded(scatter.number()) }
    case .wide:
      return lane.map { _ in
        let scale = Double(sign: .plus, exponent: scatter.below(25) - 12, significand: 1)
        return format.rounded(scale * scatter.number())
      }
    case .opposed:
      let size = 1 + Double(scatter.below(64)) / 64
      return lane.indices.map { index in
        let value = size * (1 + Double(scatter.below(8)) / 64)
        return format.rounded(index.isMultiple(of: 2) ? value : -value)
      }
    }
  }

  /// The class of a lane: the ignored one of a lane without elements.
  package func target(of lane: [Double]) -> Int64 {
    var scatter = LaneScatter(lane, seed)
    if lane.isEmpty || (ignoresLanes && scatter.below(4) == 0) {
      return ignoreIndex
    }
    let finite = lane.indices.filter { lane[$0].isFinite }
    guard !finite.isEmpty else { return 0 }
    let index: Int?
    switch target {
    case .first: index = 0
    case .last: index = lane.count - 1
    case .largest: index = finite.max { lane[$0] < lane[$1] }
    case .least: index = finite.min { lane[$0] < lane[$1] }
    case .any: index = finite[scatter.below(finite.count)]
    }
    return Int64(index ?? 0)
  }

  /// The target whose lanes do not count.
  package var ignoreIndex: Int64 { given.ignoreIndex ?? Self.ignoredTargets[ignoredTarget] }

  /// The weights of so many classes; `nil` where none are given.
  private func classWeights(count: Int) -> [Double]? {
    switch weights {
    case .none: nil
    case .varied: (0..<count).map { Double(($0 * 5 + seed) % 8 + 1) / 4 }
    case .withZeros:
      (0..<count).map { $0 % 3 == 1 ? 0 : Double(($0 * 5 + seed) % 8 + 1) / 4 }
    }
  }

  /// The parameters of a loss over so many classes.
  package func parameters(ofLength length: Int) -> CrossEntropyParameters {
    given.replacing(
      in: CrossEntropyParameters(
        labelSmoothing: Self.smoothings[smoothing], ignoreIndex: ignoreIndex,
        classWeights: classWeights(count: length)))
  }

  /// The inputs of an operation whose first input is given.
  @inlinable
  @_specialize(where F == Float16)
  @_specialize(where F == BFloat16)
  @_specialize(where F == Float)
  @_specialize(where F == Double)
  package func inputs<F: BinaryFloat>(
    of operation: AuditedOperation, _ first: Tensor<F>
  ) -> OperationInputs<F> {
    let geometry = first.geometry
    var inputs = OperationInputs(first)
    if operation.inputs.contains(.upstream) {
      var upstream = [F](repeating: .zero, count: geometry.elementCount)
      for number in 0..<geometry.laneCount {
        let lane = self.upstream(of: first.lane(number).exactDoubles, in: F.format)
        geometry.place([F](rounding: lane), asLane: number, in: &upstream)
      }
      inputs.upstream = upstream
    }
    if operation.inputs.contains(.targets) {
      inputs.targets = (0..<geometry.laneCount).map {
        target(of: first.lane($0).exactDoubles)
      }
      inputs.parameters = parameters(ofLength: geometry.length)
    }
    if let modifiers, operation.takesModifiers {
      inputs.modifiers = modifiers.modifiers(of: first)
    }
    return inputs
  }
}
