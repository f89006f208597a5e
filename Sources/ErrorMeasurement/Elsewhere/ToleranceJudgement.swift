import AuditRecords
import AuditedOperations
import FloatFormats
import MultiPrecision
import Oracle

/// Whether a tolerance accepts an output.
enum Acceptance: Sendable, Equatable {
  case accepted
  case rejected
  /// The answer depends on bits of p that are not known.
  case open

  /// The outcome of a condition that is known to hold, known not to hold, or neither.
  @inline(__always)
  init(holds: Bool, fails: Bool) { self = holds ? .accepted : fails ? .rejected : .open }

  /// The outcome where either of two is enough.
  @inline(__always)
  func or(_ other: @autoclosure () -> Acceptance) -> Acceptance {
    if self == .accepted { return self }
    let other = other()
    return other == .rejected ? self : other
  }
}

/// One condition of a rule, for lanes of one length, without anything that a hot loop would have to
/// count references of.
struct AcceptanceCondition: Sendable {
  enum Kind {
    /// |y - p| <= absolute + relative p; another pair of numbers for p up to a limit.
    case distance
    /// |y - p| < absolute.
    case strictDistance
    /// y stands at most so many places from p rounded to nearest.
    case places
  }

  var kind: Kind
  var relative = 0.0
  var absolute = 0.0
  var limit = -1.0
  var absoluteUpToLimit = 0.0
  var places: Int64 = 0

  /// The conditions of a rule; any of them is enough.
  static func all(of rule: ToleranceInUse.Rule, length: Int) -> [AcceptanceCondition] {
    switch rule {
    case .close(let relative, let absolute):
      [AcceptanceCondition(kind: .distance, relative: relative, absolute: absolute)]
    case .strictlyWithin(let limit):
      [AcceptanceCondition(kind: .strictDistance, absolute: limit)]
    case .nearest:
      [AcceptanceCondition(kind: .places, places: 0)]
    case .places(let each, let more):
      [AcceptanceCondition(kind: .places, places: Int64(each) * Int64(length) + Int64(more))]
    case .byMagnitude(let limit, let absolute, let relative):
      [
        AcceptanceCondition(
          kind: .distance, relative: relative, limit: limit, absoluteUpToLimit: absolute)
      ]
    case .either(let one, let other):
      all(of: one, length: length) + all(of: other, length: length)
    }
  }
}

// MARK: - From an interval

/// A finite output and an interval that holds p, in binary64: decides nearly every element.
struct IntervalJudgement {
  let y: Double
  /// Two numbers between which p lies, ends included.
  let lower: Double
  let upper: Double
  /// The places of the output, and of the roundings of the ends, among the numbers of the format: p
  /// rounds between those.
  let place: Int64
  let lowerPlace: Int64
  let upperPlace: Int64

  @inline(__always)
  func judge(_ condition: AcceptanceCondition) -> Acceptance {
    switch condition.kind {
    case .distance:
      if lower > condition.limit { return within(condition.relative, condition.absolute) }
      let small = within(0, condition.absoluteUpToLimit)
      if upper <= condition.limit { return small }
      return small == within(condition.relative, condition.absolute) ? small : .open
    case .strictDistance:
      let margin = margin(condition.absolute)
      return Acceptance(
        holds: largest(0) + margin < condition.absolute,
        fails: least(0) - margin >= condition.absolute)
    case .places:
      let limit = condition.places
      return Acceptance(
        holds: place - lowerPlace <= limit && upperPlace - place <= limit,
        fails: place - upperPlace > limit || lowerPlace - place > limit)
    }
  }

  @inline(__always)
  private func within(_ relative: Double, _ absolute: Double) -> Acceptance {
    // A masked element is exactly 0, and only that has an interval that ends there: no margin is
    // needed, and any would leave zeros open. Zero is never within r p of a positive p.
    if upper == 0 { return abs(y) <= absolute ? .accepted : .rejected }
    if y == 0, absolute == 0 { return .rejected }
    let margin = margin(absolute)
    return Acceptance(
      holds: largest(relative) + margin <= absolute, fails: least(relative) - margin > absolute)
  }

  // |y - p| - r p is convex in p for r < 1: largest at an end; least at p = y, or at the end that
  // is nearer to it.

  @inline(__always)
  private func largest(_ relative: Double) -> Double {
    max(abs(y - lower) - relative * lower, abs(y - upper) - relative * upper)
  }

  @inline(__always)
  private func least(_ relative: Double) -> Double {
    if y < lower { return lower - y - relative * lower }
    if y > upper { return y - upper - relative * upper }
    return -relative * y
  }

  /// Covers the roundings of either: a difference, a product, their difference and the comparison's
  /// sum, each good to 2^-53 of something below |y| + upper + absolute; and what underflows, far
  /// below 2^-1000 of anything compared.
  @inline(__always)
  private func margin(_ absolute: Double) -> Double {
    (abs(y) + upper + absolute) * 0x1p-50 + .leastNormalMagnitude
  }
}

// MARK: - From exact numbers

/// A finite output and the oracle: decides what an interval leaves open.
struct ExactJudgement<Lane: ExactLane> {
  /// The output, and its negative beside an exact value below 0.
  let y: Double
  let lane: Lane
  let index: Int
  let oracle: SoftmaxOracle

  func judge(_ condition: AcceptanceCondition) -> Acceptance {
    switch condition.kind {
    case .distance:
      guard condition.limit >= 0 else { return within(condition.relative, condition.absolute) }
      guard let order = compare(with: condition.limit) else { return .open }
      return order > 0
        ? within(condition.relative, condition.absolute) : within(0, condition.absoluteUpToLimit)
    case .strictDistance:
      guard let above = compare(with: y, plus: -condition.absolute),
        let below = compare(with: y, plus: condition.absolute)
      else { return .open }
      return above > 0 && below < 0 ? .accepted : .rejected
    case .places:
      let exact = lane.value(at: index)
      guard !exact.isUndecided else { return .open }
      let nearest = Double(
        sign: .plus, exponent: Int(exact.quantumExponent), significand: Double(exact.nearestUnits))
      let distance = lane.format.orderedIndex(of: y) - lane.format.orderedIndex(of: nearest)
      return abs(distance) <= condition.places ? .accepted : .rejected
    }
  }

  /// y - a <= p (1 + r) and y + a >= p (1 - r).
  private func within(_ relative: Double, _ absolute: Double) -> Acceptance {
    guard let above = compare(times: relative, with: y, plus: -absolute),
      let below = compare(times: -relative, with: y, plus: absolute)
    else { return .open }
    return above >= 0 && below <= 0 ? .accepted : .rejected
  }

  /// Compares |p| (1 + small) with a + b, all of them binary64 numbers; `nil` at the oracle's
  /// precision cap.
  ///
  /// Equality happens only where p is rational, which a probability is for equal logits and for
  /// masked ones alone: those are compared exactly. Every other comparison ends, but for soft caps
  /// and for rational values of other operations.
  private func compare(times small: Double = 0, with a: Double, plus b: Double = 0) -> Int? {
    // No sum of two binary64 numbers has more bits.
    var factor = BigFloat(precision: 2200)
    factor.setSum(BigFloat(1), BigFloat(small), .toNearestOrEven)
    var target = BigFloat(precision: 2200)
    target.setSum(BigFloat(a), BigFloat(b), .toNearestOrEven)
    let exact = lane.value(at: index)
    if exact.isZero { return -target.compare(0) }
    if lane.operation == .softmax, let count = lane.inputs.constantCount {
      // (1/k) factor against the target: both times k, 64 bits more.
      var scaled = BigFloat(precision: 2264)
      scaled.setProduct(target, BigFloat(integer: count), .toNearestOrEven)
      return factor.compare(scaled)
    }
    // Of an undecided value the sign may not be known.
    guard lane.operation == .softmax || !exact.isUndecided else { return nil }
    var bits = 128
    while bits <= oracle.precisionCap {
      guard
        let signed = oracle.enclosure(
          slot: lane.slot(at: index), of: lane.inputs, relativeBits: bits)
      else { return nil }
      let enclosure = signed.magnitude()
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
