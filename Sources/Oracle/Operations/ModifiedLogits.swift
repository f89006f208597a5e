import AuditedOperations
import MultiPrecision

/// The logits of a lane with their modifiers: distinct numbers z with their multiplicities, the
/// sink among them.
///
/// Numbers of outputs come first, in descending order as far as binary64 tells; a sink that is
/// none of them is the last.
public struct ModifiedLogits: Sendable {
  /// x.
  public let elements: [Double]
  /// The modifiers of x.
  public let modifiers: LaneModifiers
  /// The distinct finite numbers z.
  let terms: [ModifiedTerm]
  /// The number of times that each occurs, the sink included.
  let multiplicities: [UInt64]
  /// For each element the place of its number; `DistinctLogits.masked` for -inf, and
  /// `DistinctLogits.special` for NaN and +inf.
  let slots: [Int32]
  /// The number of terms that are numbers of elements.
  let elementTermCount: Int
  /// Whether a number or the sink is NaN.
  let hasNaN: Bool
  /// The count of numbers, the sink among them, are +inf.
  let infinityCount: Int
  /// The numbers of the elements in binary64, good to some units in the last place of their larger
  /// part.
  public let approximations: [Double]
  /// The sink, where it is a finite number.
  public let finiteSink: Double?

  /// The identity that copies of the list share and no other list has.
  let identity = LaneIdentity()

  public init(_ elements: [Double], _ modifiers: LaneModifiers) {
    precondition(modifiers.mask.map { $0.count == elements.count } ?? true, "one for each element")
    self.elements = elements
    self.modifiers = modifiers
    var numbers: [Number] = []
    var (hasNaN, infinityCount) = (false, 0)
    var slots = [Int32](repeating: DistinctLogits.masked, count: elements.count)
    var approximations = [Double](repeating: -.infinity, count: elements.count)
    for (index, x) in elements.enumerated() {
      switch Self.modified(x, modifiers, modifiers.addend(index)) {
      case .term(let term):
        let number = Number(term, index: index)
        approximations[index] = number.approximate
        numbers.append(number)
      case .other(let value):
        approximations[index] = value
        if value.isNaN { hasNaN = true }
        if value == .infinity { infinityCount += 1 }
        if value != -.infinity { slots[index] = DistinctLogits.special }
      }
    }
    numbers.sort { $0.precedes($1) }
    var terms: [ModifiedTerm] = []
    var multiplicities: [UInt64] = []
    for number in numbers {
      if let last = terms.last, last.isEqual(to: number.term) {
        multiplicities[multiplicities.count - 1] += 1
      } else {
        terms.append(number.term)
        multiplicities.append(1)
      }
      slots[number.index] = Int32(terms.count - 1)
    }
    elementTermCount = terms.count
    var finiteSink: Double?
    if let sink = modifiers.sink {
      if sink.isNaN { hasNaN = true }
      if sink == .infinity { infinityCount += 1 }
      if sink.isFinite {
        finiteSink = sink
        let term = ModifiedTerm(sink)
        if let place = terms.firstIndex(where: { $0.isEqual(to: term) }) {
          multiplicities[place] += 1
        } else {
          terms.append(term)
          multiplicities.append(1)
        }
      }
    }
    self.terms = terms
    self.multiplicities = multiplicities
    self.slots = slots
    self.hasNaN = hasNaN
    self.infinityCount = infinityCount
    self.approximations = approximations
    self.finiteSink = finiteSink
  }

  /// The lane with each NaN hidden by the mask, and so without it.
  public func hidingNaNs() -> ModifiedLogits {
    var (elements, modifiers) = (elements, modifiers)
    var mask = modifiers.mask ?? Array(repeating: 0, count: elements.count)
    for index in elements.indices where elements[index].isNaN {
      elements[index] = 0
      mask[index] = -.infinity
    }
    modifiers.mask = mask
    return ModifiedLogits(elements, modifiers)
  }

  /// The number of all that share one value, where the lane is constant and so is every
  /// probability, the reciprocal of this; `nil` for another lane.
  public var constantCount: UInt64? { terms.count == 1 ? multiplicities[0] : nil }

  /// A modified logit.
  private enum Modified {
    case term(ModifiedTerm)
    /// NaN, or an infinity.
    case other(Double)
  }

  private static func modified(
    _ x: Double, _ modifiers: LaneModifiers, _ addend: Double
  ) -> Modified {
    let factor = modifiers.scale ?? 1
    let isFinite = addend.isFinite
    // The product of two finite numbers is a number, whether binary64 holds it or not.
    guard x.isFinite else {
      let product = factor * x
      if let cap = modifiers.softcap, !product.isNaN {
        let limit = product < 0 ? -cap : cap
        return isFinite ? .term(ModifiedTerm(limit, plus: addend)) : .other(limit + addend)
      }
      return .other(product + addend)
    }
    guard isFinite else { return .other(addend) }
    guard factor != 0, x != 0 else { return .term(ModifiedTerm(0, plus: addend)) }
    return .term(
      ModifiedTerm(factor: factor, value: x, addend: addend, cap: modifiers.softcap))
  }

  /// A number with its place in the lane.
  private struct Number {
    let term: ModifiedTerm
    let index: Int
    let approximate: Double
    /// The most that the approximation may be off.
    let slack: Double

    init(_ term: ModifiedTerm, index: Int) {
      self.term = term
      self.index = index
      approximate = term.approximate
      slack =
        (min(abs(term.factor * term.value), .greatestFiniteMagnitude) + abs(term.addend))
        * 0x1p-50 + 0x1p-1000
    }

    /// Whether it comes before another: the larger first, equal ones in the order of the lane.
    ///
    /// Of capped numbers that binary64 does not tell apart the order is that of arguments and
    /// addends: any order will do that brings equal ones together.
    func precedes(_ other: Number) -> Bool {
      let (one, two) = (term, other.term)
      if one.cap != nil || two.cap != nil {
        if approximate != other.approximate { return approximate > other.approximate }
        if (one.cap == nil) != (two.cap == nil) { return two.cap == nil }
        if one.cap != nil {
          if one.value != two.value { return one.value > two.value }
          if one.addend != two.addend { return one.addend > two.addend }
          return index < other.index
        }
      }
      let difference = approximate - other.approximate
      if abs(difference) > slack + other.slack { return difference > 0 }
      if one.factor == two.factor, one.value == two.value {
        if one.addend != two.addend { return one.addend > two.addend }
        return index < other.index
      }
      let order = one.exact().compare(two.exact())
      return order != 0 ? order > 0 : index < other.index
    }
  }
}
