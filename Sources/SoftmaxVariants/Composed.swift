import AuditedOperations
import FloatFormats
import MultiPrecision
import RealModule

/// An algorithm that adds up the exponentials of a lane.
protocol ExponentialSum: SendableMetatype {
  /// The first part of the name of an algorithm.
  static var base: String { get }
  /// The sum in a formula, of an exponential.
  static func formula(of exponential: String) -> String

  static func total<C: BinaryFloat, Argument: ExponentialArgument>(
    _ lane: UnsafeMutableBufferPointer<C>, _ summation: Summation, _ argument: Argument.Type
  ) -> (maximum: C, sum: C)
  /// The sum of the exact weights with the deviations of the computed one.
  static func tracked<C: BinaryFloat, Argument: ExponentialArgument>(
    _ lane: LaneProfile, _ summation: Summation, _ argument: Argument.Type,
    computingIn format: C.Type
  ) -> Tracked<C>
  static func trace<C: BinaryFloat, Argument: ExponentialArgument>(
    _ lane: [C], _ summation: Summation, _ argument: Argument.Type, _ trace: StageTrace
  ) -> (maximum: Staged<C>, sum: Staged<C>)
}

/// The last step, from an exponential or a difference and the sum to a probability.
protocol LastStep: SendableMetatype {
  /// The part that it adds to the name of an algorithm.
  static var modifier: String? { get }
  static func formula(of exponential: String, _ sum: String) -> String
  /// Whether a sum of ones gives fl(1/n).
  static var givesReciprocal: Bool { get }

  static func finish<C: BinaryFloat, Argument: ExponentialArgument>(
    _ lane: UnsafeMutableBufferPointer<C>, maximum: C, sum: C, _ argument: Argument.Type)
  static func deviations<C: BinaryFloat, Argument: ExponentialArgument>(
    on lane: LaneProfile, sum: Tracked<C>, _ argument: Argument.Type
  ) -> [Deviation]?
  static func trace<C: BinaryFloat, Argument: ExponentialArgument>(
    _ logit: Staged<C>, maximum: Staged<C>, sum: Staged<C>, _ argument: Argument.Type,
    _ trace: StageTrace
  ) -> Staged<C>
}

/// A softmax put together from an exponential, a sum and a last step.
///
/// **Bound.** That of its parts in turn: the deviations of the exponentials (``Difference``,
/// ``ScaledDifference``), of the sum, tracked addition by addition and merge by merge (``Tracked``,
/// ``Online``), and of the last step (``Division``, ``ReciprocalProduct``, ``LogSubtraction``).
/// Each part bounds what it adds to any deviations that it is given, so any choice of parts has a
/// bound.
///
/// **Domain.** As ``MaxTrick``; with a logarithm as ``LogSumExp``.
enum Composed<Argument: ExponentialArgument, Sum: ExponentialSum, End: LastStep>:
  SoftmaxAlgorithm
{
  static var name: String {
    ([Sum.base] + [Argument.modifier, End.modifier].compactMap { $0 }).joined(separator: "+")
  }
  static var formula: String {
    let exponential = Argument.formula(of: "x - m")
    return End.formula(of: exponential, Sum.formula(of: exponential))
  }
  static var source: String { "put together from the others; bound derived here" }
  static var addsOnesForEqualLogits: Bool { End.givesReciprocal }
  static var seesDifferencesOnly: Bool { true }
  static var leansByConstant: Bool { Argument.leansByConstant }

  @inline(__always)
  static func evaluate<C: BinaryFloat>(
    _ lane: UnsafeMutableBufferPointer<C>, _ summation: Summation
  ) {
    let (m, sum) = Sum.total(lane, summation, Argument.self)
    End.finish(lane, maximum: m, sum: sum, Argument.self)
  }

  static func trace<C: BinaryFloat>(
    _ lane: [C], _ summation: Summation, at index: Int, _ trace: StageTrace
  ) -> Staged<C> {
    let (m, sum) = Sum.trace(lane, summation, Argument.self, trace)
    return End.trace(Staged(lane[index]), maximum: m, sum: sum, Argument.self, trace)
  }

  static func deviations<C: BinaryFloat>(
    on lane: LaneProfile, _ summation: Summation, computingIn format: C.Type
  ) -> [Deviation]? {
    let sum = Sum.tracked(lane, summation, Argument.self, computingIn: format)
    guard sum.isSound else { return nil }
    return End.deviations(on: lane, sum: sum, Argument.self)
  }
}

// MARK: - Sums

/// All exponentials relative to the maximum of the lane, added in the order of the summation.
enum DirectSum: ExponentialSum {
  static var base: String { "max-trick" }
  static func formula(of exponential: String) -> String { "sum \(exponential)" }

  @inline(__always)
  static func total<C: BinaryFloat, Argument: ExponentialArgument>(
    _ lane: UnsafeMutableBufferPointer<C>, _ summation: Summation, _ argument: Argument.Type
  ) -> (maximum: C, sum: C) {
    let m = MaxTrick.maximum(lane)
    let total = summation.sum(count: lane.count) {
      Unscaled(Rounded(Argument.exponential(of: lane[$0], minus: m)))
    }
    return (m, total.number.value)
  }

  static func tracked<C: BinaryFloat, Argument: ExponentialArgument>(
    _ lane: LaneProfile, _ summation: Summation, _ argument: Argument.Type,
    computingIn format: C.Type
  ) -> Tracked<C> {
    let terms = Argument.deviations(on: lane, computingIn: format)
    return summation.sum(count: lane.count) {
      Unscaled(Tracked<C>(lane.weights[$0], terms[$0]))
    }.number
  }

  static func trace<C: BinaryFloat, Argument: ExponentialArgument>(
    _ lane: [C], _ summation: Summation, _ argument: Argument.Type, _ trace: StageTrace
  ) -> (maximum: Staged<C>, sum: Staged<C>) {
    let m = MaxTrick.maximum(lane)
    let terms = lane.map { Argument.trace(Staged($0), minus: m, trace) }
    return (m, trace.sum(terms, summation))
  }
}

/// Partial sums relative to their own maxima, rescaled where a larger one comes, see ``Online``.
enum RescaledSum: ExponentialSum {
  static var base: String { "online" }
  static func formula(of exponential: String) -> String {
    "l, one pass of l = l exp(m - m') + \(exponential)"
  }

  @inline(__always)
  static func total<C: BinaryFloat, Argument: ExponentialArgument>(
    _ lane: UnsafeMutableBufferPointer<C>, _ summation: Summation, _ argument: Argument.Type
  ) -> (maximum: C, sum: C) {
    let total = summation.sum(count: lane.count) {
      Online.RunningSum<C, Argument>(maximum: lane[$0], number: Rounded(C.one))
    }
    return (total.maximum, total.number.value)
  }

  static func tracked<C: BinaryFloat, Argument: ExponentialArgument>(
    _ lane: LaneProfile, _ summation: Summation, _ argument: Argument.Type,
    computingIn format: C.Type
  ) -> Tracked<C> {
    summation.sum(count: lane.count) {
      Online.TrackedRunningSum<C, Argument>(
        maximum: lane.logits[$0], number: Tracked<C>(1, .none))
    }.number
  }

  static func trace<C: BinaryFloat, Argument: ExponentialArgument>(
    _ lane: [C], _ summation: Summation, _ argument: Argument.Type, _ trace: StageTrace
  ) -> (maximum: Staged<C>, sum: Staged<C>) {
    let total = summation.sum(count: lane.count) {
      Online.RunningSum<C, Argument>(maximum: lane[$0], number: Rounded(C.one))
    }
    let m = Staged(total.maximum)
    return (m, Online.trace(sum: total.number.value, of: lane, maximum: m, trace))
  }
}

// MARK: - Last steps

/// The quotient of exponential and sum: one rounding.
enum Division: LastStep {
  static var modifier: String? { nil }
  static func formula(of exponential: String, _ sum: String) -> String {
    "\(exponential) / \(sum)"
  }
  static var givesReciprocal: Bool { true }

  @inline(__always)
  static func finish<C: BinaryFloat, Argument: ExponentialArgument>(
    _ lane: UnsafeMutableBufferPointer<C>, maximum: C, sum: C, _ argument: Argument.Type
  ) {
    for index in lane.indices {
      lane[index] = Argument.exponential(of: lane[index], minus: maximum) / sum
    }
  }

  static func deviations<C: BinaryFloat, Argument: ExponentialArgument>(
    on lane: LaneProfile, sum: Tracked<C>, _ argument: Argument.Type
  ) -> [Deviation]? {
    let terms = Argument.deviations(on: lane, computingIn: C.self)
    return lane.weights.indices.map {
      ArithmeticModel<C>.quotient(
        terms[$0], by: sum.total, sum.deviation, value: lane.probability($0))
    }
  }

  static func trace<C: BinaryFloat, Argument: ExponentialArgument>(
    _ logit: Staged<C>, maximum: Staged<C>, sum: Staged<C>, _ argument: Argument.Type,
    _ trace: StageTrace
  ) -> Staged<C> {
    trace.quotient(Argument.trace(logit, minus: maximum, trace), sum)
  }
}

/// The product of the exponential and the rounded reciprocal of the sum: two roundings.
enum ReciprocalProduct: LastStep {
  static var modifier: String? { "reciprocal" }
  static func formula(of exponential: String, _ sum: String) -> String {
    "\(exponential) * (1 / \(sum))"
  }
  static var givesReciprocal: Bool { true }

  @inline(__always)
  static func finish<C: BinaryFloat, Argument: ExponentialArgument>(
    _ lane: UnsafeMutableBufferPointer<C>, maximum: C, sum: C, _ argument: Argument.Type
  ) {
    let reciprocal = C.one / sum
    for index in lane.indices {
      lane[index] = Argument.exponential(of: lane[index], minus: maximum) * reciprocal
    }
  }

  static func deviations<C: BinaryFloat, Argument: ExponentialArgument>(
    on lane: LaneProfile, sum: Tracked<C>, _ argument: Argument.Type
  ) -> [Deviation]? {
    let terms = Argument.deviations(on: lane, computingIn: C.self)
    let inverse = 1 / sum.total
    let reciprocal = ArithmeticModel<C>.quotient(
      .none, by: sum.total, sum.deviation, value: inverse)
    return lane.weights.indices.map {
      ArithmeticModel<C>.product(lane.weights[$0], terms[$0], inverse, reciprocal)
    }
  }

  static func trace<C: BinaryFloat, Argument: ExponentialArgument>(
    _ logit: Staged<C>, maximum: Staged<C>, sum: Staged<C>, _ argument: Argument.Type,
    _ trace: StageTrace
  ) -> Staged<C> {
    let term = Argument.trace(logit, minus: maximum, trace)
    return trace.product(term, trace.quotient(Staged(C.one), sum, .reciprocal))
  }
}

/// exp((x - m) - log of the sum), see ``LogSumExpShifted``; the last exponential is exp whatever
/// those of the sum are.
enum LogSubtraction: LastStep {
  static var modifier: String? { "log" }
  static func formula(of exponential: String, _ sum: String) -> String {
    "exp((x - m) - log \(sum))"
  }
  static var givesReciprocal: Bool { false }

  @inline(__always)
  static func finish<C: BinaryFloat, Argument: ExponentialArgument>(
    _ lane: UnsafeMutableBufferPointer<C>, maximum: C, sum: C, _ argument: Argument.Type
  ) {
    let logSum = C.log(sum)
    for index in lane.indices { lane[index] = C.exp((lane[index] - maximum) - logSum) }
  }

  static func deviations<C: BinaryFloat, Argument: ExponentialArgument>(
    on lane: LaneProfile, sum: Tracked<C>, _ argument: Argument.Type
  ) -> [Deviation]? {
    LogSumExpShifted.deviations(on: lane, logError: LogSumExp.logError(of: sum, lane), C.self)
  }

  static func trace<C: BinaryFloat, Argument: ExponentialArgument>(
    _ logit: Staged<C>, maximum: Staged<C>, sum: Staged<C>, _ argument: Argument.Type,
    _ trace: StageTrace
  ) -> Staged<C> {
    let logSum = trace.logarithm(sum)
    return trace.exponential(
      trace.difference(trace.difference(logit, maximum), logSum, .secondSubtraction),
      .secondExponential)
  }
}
