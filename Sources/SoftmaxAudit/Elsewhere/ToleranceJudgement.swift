import FloatFormats
import MultiPrecision
import SoftmaxOracle

/// Whether a tolerance accepts an output.
enum Acceptance: Sendable, Equatable {
  case accepted
  case rejected
  /// What is known of p leaves it open.
  case open

  /// The outcome of a condition that is known to hold, known not to hold, or neither.
  init(holds: Bool, fails: Bool) { self = holds ? .accepted : fails ? .rejected : .open }
}

// MARK: - From an interval

/// A finite output and an interval that holds p, in binary64: decides nearly every element.
struct IntervalJudgement<G: BinaryFloat> {
  let output: G
  /// The same number.
  let y: Double
  /// Two numbers between which p lies, ends included.
  let lower: Double
  let upper: Double
  /// The number of logits in the lane.
  let length: Int

  func judge(_ rule: ToleranceInUse.Rule) -> Acceptance {
    switch rule {
    case .close(let relative, let absolute):
      let margin = margin(absolute)
      return Acceptance(
        holds: largest(relative) + margin <= absolute, fails: least(relative) - margin > absolute)
    case .strictlyWithin(let limit):
      let margin = margin(limit)
      return Acceptance(holds: largest(0) + margin < limit, fails: least(0) - margin >= limit)
    case .nearest:
      let (low, high) = (place(lower), place(upper))
      let own = output.orderedIndex
      return Acceptance(holds: own == low && own == high, fails: own < low || own > high)
    case .places(let each, let more):
      let limit = Int64(each) * Int64(length) + Int64(more)
      let (low, high) = (place(lower), place(upper))
      let own = output.orderedIndex
      return Acceptance(
        holds: own - low <= limit && high - own <= limit,
        fails: own - high > limit || low - own > limit)
    case .byMagnitude(let limit, let upTo, let above):
      if lower > limit { return judge(above) }
      if upper <= limit { return judge(upTo) }
      let (small, large) = (judge(upTo), judge(above))
      return small == large ? small : .open
    case .either(let one, let other):
      let first = judge(one)
      if first == .accepted { return .accepted }
      let second = judge(other)
      return second == .rejected ? first : second
    }
  }

  // |y - p| - r p is convex in p for r < 1: largest at an end; least at p = y, or at the end that is nearer to it.

  private func largest(_ relative: Double) -> Double {
    max(abs(y - lower) - relative * lower, abs(y - upper) - relative * upper)
  }

  private func least(_ relative: Double) -> Double {
    if y < lower { return lower - y - relative * lower }
    if y > upper { return y - upper - relative * upper }
    return -relative * y
  }

  /// Covers the roundings of either: a difference, a product, their difference and the comparison's sum, each good to
  /// 2^-53 of something below |y| + upper + absolute; and what underflows, far below 2^-1000 of anything compared.
  private func margin(_ absolute: Double) -> Double {
    (abs(y) + upper + absolute) * 0x1p-50 + .leastNormalMagnitude
  }

  /// Where a number of binary64 rounds to; rounding keeps the order, so that p rounds between the places of its ends.
  private func place(_ value: Double) -> Int64 { G(rounding: value).orderedIndex }
}

// MARK: - From exact numbers

/// A finite output and the oracle: decides what an interval leaves open.
struct ExactJudgement<G: BinaryFloat, Lane: ExactLane> {
  let output: G
  let lane: Lane
  let index: Int
  let oracle: SoftmaxOracle

  func judge(_ rule: ToleranceInUse.Rule) -> Acceptance {
    let y = output.exactDouble
    switch rule {
    case .close(let relative, let absolute):
      // y - a <= p (1 + r) and y + a >= p (1 - r).
      guard
        let above = compare(times: 1, plus: relative, with: y, plus: -absolute),
        let below = compare(times: 1, plus: -relative, with: y, plus: absolute)
      else { return .open }
      return above >= 0 && below <= 0 ? .accepted : .rejected
    case .strictlyWithin(let limit):
      guard let above = compare(times: 1, plus: 0, with: y, plus: -limit),
        let below = compare(times: 1, plus: 0, with: y, plus: limit)
      else { return .open }
      return above > 0 && below < 0 ? .accepted : .rejected
    case .nearest:
      guard let nearest else { return .open }
      return nearest.orderedIndex == output.orderedIndex ? .accepted : .rejected
    case .places(let each, let more):
      guard let nearest else { return .open }
      let limit = Int64(each) * Int64(lane.count) + Int64(more)
      return abs(output.orderedIndex - nearest.orderedIndex) <= limit ? .accepted : .rejected
    case .byMagnitude(let limit, let upTo, let above):
      guard let order = compare(times: 1, plus: 0, with: limit, plus: 0) else { return .open }
      return judge(order > 0 ? above : upTo)
    case .either(let one, let other):
      let first = judge(one)
      if first == .accepted { return .accepted }
      let second = judge(other)
      return second == .rejected ? first : second
    }
  }

  /// p rounded to nearest.
  private var nearest: G? {
    let exact = lane.probability(at: index)
    return exact.isUndecided ? nil : exact.correctlyRounded(G.self)
  }

  /// How p (one + small) compares with a + b, all of them binary64 numbers; nil at the oracle's precision cap.
  ///
  /// Equality happens only where p is rational, which it is for equal logits and for masked ones alone: those are
  /// compared exactly. Every other comparison ends.
  private func compare(
    times one: Double, plus small: Double, with a: Double, plus b: Double
  ) -> Int? {
    // No sum of two binary64 numbers has more bits.
    var factor = BigFloat(precision: 2200)
    factor.setSum(BigFloat(one), BigFloat(small), .toNearestOrEven)
    var target = BigFloat(precision: 2200)
    target.setSum(BigFloat(a), BigFloat(b), .toNearestOrEven)
    let logits = lane.logits
    let slot = logits.slots[index]
    if slot == DistinctLogits.masked { return -target.compare(0) }
    if logits.values.count == 1 {
      // (1/k) factor against the target: both times k, 64 bits more.
      var scaled = BigFloat(precision: 2264)
      scaled.setProduct(target, BigFloat(integer: logits.multiplicities[0]), .toNearestOrEven)
      return factor.compare(scaled)
    }
    var bits = 128
    while bits <= oracle.precisionCap {
      guard
        let enclosure = oracle.enclosure(
          of: .softmax, slot: Int(slot), logits: logits, relativeBits: bits)
      else { return nil }
      var end = BigFloat(precision: bits + 64)
      end.setProduct(enclosure.lower, factor, .down)
      if end.compare(target) > 0 { return 1 }
      end.setProduct(enclosure.upper, factor, .up)
      if end.compare(target) < 0 { return -1 }
      bits *= 2
    }
    return nil
  }
}
