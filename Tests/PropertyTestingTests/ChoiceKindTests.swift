import FloatFormats
import PropertyTesting
import Testing

@Suite("ChoiceKind")
struct ChoiceKindTests {
  static let kinds: [ChoiceKind] = [
    .integer(0...10, simplest: 0), .integer(-3...10, simplest: 0), .integer(-10...3, simplest: 2),
    .integer(5...5, simplest: 5), .integer(-10...(-2), simplest: -2),
    .integer(Int64.min...Int64.max, simplest: 0), .integer(Int64.min...0, simplest: -1),
    .boolean(probability: 0.5), .boolean(probability: 0), .boolean(probability: 1),
    .bits(width: 3), .bits(width: 64),
  ]

  @Test(arguments: kinds)
  func `index 0 is the simplest value, and indices lead back to themselves`(kind: ChoiceKind) {
    #expect(kind.index(of: kind.simplest) == 0)
    for index in [0, 1, 2, 3, 4, 5, 8, 9, 1 << 40, .max - 1, .max] as [UInt64] {
      guard let value = kind.value(at: index) else { continue }
      #expect(kind.permits(value))
      #expect(kind.index(of: value) == index)
    }
  }

  @Test func `the indices of a small range are used without a gap`() {
    for kind in Self.kinds {
      guard case .integer(let range, _) = kind, range.upperBound < 100, range.lowerBound > -100
      else {
        continue
      }
      let indices = range.map { kind.index(of: .integer($0)) }
      #expect(indices.sorted() == Array(0...UInt64(range.count - 1)))
      #expect(kind.value(at: UInt64(range.count)) == nil)
    }
  }

  @Test func `integers alternate around the simplest one, above it first`() {
    let kind = ChoiceKind.integer(-2...5, simplest: 0)
    let order = (0..<8).compactMap { kind.value(at: $0) }
    #expect(order == [0, 1, -1, 2, -2, 3, 4, 5].map { .integer($0) })
  }

  @Test(arguments: [
    FloatClasses.all, .finite, .zero, .subnormal, .normal, .infinite, .quietNaN, .signalingNaN,
  ])
  func `a float choice permits its classes and no others, between its bounds`(
    classes: FloatClasses
  ) {
    let hasNaNs = !classes.isDisjoint(with: [.quietNaN, .signalingNaN])
    let lowest: Float16 = hasNaNs ? -.infinity : -2
    let constraint = FloatConstraint(from: lowest, classes: classes)
    let kind = ChoiceKind.float(constraint)
    #expect(kind.permits(kind.simplest))
    for bits in UInt16.min...UInt16.max {
      let value = Float16(bitPattern: bits)
      let floatClass: FloatClasses
      switch value.floatingPointClass {
      case .quietNaN: floatClass = .quietNaN
      case .signalingNaN: floatClass = .signalingNaN
      case .positiveInfinity, .negativeInfinity: floatClass = .infinite
      case .positiveZero, .negativeZero: floatClass = .zero
      case .positiveSubnormal, .negativeSubnormal: floatClass = .subnormal
      default: floatClass = .normal
      }
      let expected = classes.contains(floatClass) && (value.isNaN || value >= lowest)
      if constraint.permits(UInt64(bits)) != expected {
        Issue.record("\(value) is judged wrong for classes \(classes.rawValue)")
        return
      }
    }
  }

  @Test func `with a bound there are no NaNs`() {
    let constraint = FloatConstraint(to: Float(5))
    #expect(!constraint.permits(UInt64(Float.nan.bitPattern)))
    #expect(FloatConstraint(Float.self).permits(UInt64(Float.nan.bitPattern)))
  }

  @Test func `with a lower bound of +0 there is no -0`() {
    let constraint = FloatConstraint(from: Float(0))
    #expect(constraint.permits(0))
    #expect(!constraint.permits(UInt64((-Float(0)).bitPattern)))
  }

  @Test func `a value of another kind is repaired to the simplest one`() {
    let kind = ChoiceKind.integer(3...9, simplest: 3)
    #expect(kind.repaired(.integer(5)) == .integer(5))
    #expect(kind.repaired(.integer(10)) == .integer(3))
    #expect(kind.repaired(.boolean(true)) == .integer(3))
    let float = ChoiceKind.float(FloatConstraint(Float.self, classes: .finite))
    #expect(float.repaired(.float(.float64, bits: 1)) == .float(.float32, bits: 0))
  }
}
