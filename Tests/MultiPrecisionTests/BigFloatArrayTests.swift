import MultiPrecision
import TestSupport
import Testing

@Suite("BigFloatArray and the exact sum")
struct BigFloatArrayTests {
  private static func sum(
    _ values: [Double], _ rounding: BigFloat.Rounding = .toNearestOrEven, precision: Int = 53
  ) -> (value: Double, ternary: Int) {
    var total = BigFloat(precision: precision)
    let ternary = total.setSum(of: values, rounding)
    return (total.double(.toNearestOrEven), Int(ternary.signum()))
  }

  @Test func `cancelling giants leave the small term behind`() {
    #expect(Self.sum([1e308, 1, -1e308]) == (1, 0))
    #expect(Self.sum([1e308, 0x1p-1074, -1e308]) == (0x1p-1074, 0))
    #expect(Self.sum([1e308, 1e308, -1e308, -1e308, 3, -5]) == (-2, 0))
    #expect(Self.sum([0x1p1023, 0x1p1023, -0x1p1023]) == (0x1p1023, 0))
  }

  @Test func `a sum that is not representable is rounded once, in the direction asked for`() {
    let values = [1, 0x1p-1074]
    #expect(Self.sum(values, .down) == (1, -1))
    #expect(Self.sum(values, .up) == (1.0.nextUp, 1))
    #expect(Self.sum(values) == (1, -1))
    #expect(Self.sum([-1, -0x1p-1074], .down) == (-(1.0.nextUp), -1))
    #expect(Self.sum([-1, -0x1p-1074], .towardZero) == (-1, 1))
    // A tie of the 53-bit sum, broken by the least subnormal.
    #expect(Self.sum([1, 0x1p-53]) == (1, -1))
    #expect(Self.sum([1, 0x1p-53, 0x1p-1074]) == (1.0.nextUp, 1))
    #expect(Self.sum([1, 0x1p-52, 0x1p-53, -0x1p-1074]) == (1.0.nextUp, -1))
  }

  @Test func `an empty sum is zero and the order of terms does not matter`() {
    #expect(Self.sum([]) == (0, 0))
    var generator = SplitMix64(seed: 0x5A)
    var values = (0..<100).map { _ in generator.finiteDouble() / 256 }
    let first = Self.sum(values)
    for _ in 0..<10 {
      values.shuffle(using: &generator)
      #expect(Self.sum(values) == first)
    }
  }

  @Test func `random sums agree with integer arithmetic`() {
    var generator = SplitMix64(seed: 0x5B)
    for _ in 0..<300 {
      let integers = (0..<20).map { _ in
        Int128(Int64(truncatingIfNeeded: generator.next()) >> 11)
          << Int128(Int.random(in: 0...40, using: &generator))
      }
      let exact = integers.reduce(0, +)
      var total = BigFloat(precision: 128)
      #expect(total.setSum(of: integers.map { Double($0) }, .down) == 0)
      #expect(Kind(total) == .number(negative: exact < 0))
      #expect(total.magnitudeFloor(inUnitsOfPowerOfTwo: 0) == exact.magnitude)
    }
  }

  @Test func `numbers start as zero and keep what is stored`() {
    var array = BigFloatArray(count: 5, precision: 70)
    #expect(array.count == 5)
    #expect(array.precision == 70)
    var number = BigFloat(precision: 70)
    for index in 0..<5 {
      number.assign(array, at: index, .down)
      #expect(Kind(number) == .zero(negative: false))
    }
    for index in 0..<5 { array.assign(at: index, Double(index) - 2.5) }
    for index in 0..<5 {
      #expect(number.assign(array, at: index, .down) == 0)
      #expect(number.compare(Double(index) - 2.5) == 0)
    }
    array.formProduct(at: 1, 3)
    number.assign(array, at: 1, .down)
    #expect(number.compare(-4.5) == 0)
    var other = BigFloatArray(count: 1, precision: 70)
    other.assign(at: 0, array, at: 4, times: 7)
    number.assign(other, at: 0, .down)
    #expect(number.compare(10.5) == 0)
  }

  @Test func `an empty array can be made`() {
    let array = BigFloatArray(count: 0, precision: 64)
    #expect(array.count == 0)
  }

  @Test func `the sum covers the range and no more`() {
    var array = BigFloatArray(count: 6, precision: 64)
    for index in 0..<6 { array.assign(at: index, Double(1 << index)) }
    var total = BigFloat(precision: 64)
    total.setSum(of: array, 1..<4, .down)
    #expect(total.compare(14) == 0)
    total.setSum(of: array, 2..<2, .down)
    #expect(Kind(total) == .zero(negative: false))
  }

  @Test func `terms count as often as their multiplicity and are left as they were`() {
    var array = BigFloatArray(count: 4, precision: 64)
    for (index, value) in [1e300, 3, 0.25, -1e300].enumerated() { array.assign(at: index, value) }
    var total = BigFloat(precision: 64)
    total.setSum(of: array, 0..<4, multiplicities: [1, 5, 2, 1])
    #expect(total.compare(15.5) == 0)
    total.setSum(of: array, 0..<4, multiplicities: [1, 1, 1, 1])
    #expect(total.compare(3.25) == 0)
    total.setSum(of: array, 1..<3, multiplicities: [9, 2, 4, 9])
    #expect(total.compare(7) == 0)
    var term = BigFloat(precision: 64)
    for (index, value) in [1e300, 3, 0.25, -1e300].enumerated() {
      term.assign(array, at: index, .down)
      #expect(term.compare(value) == 0)
    }
  }

  @Test func `the exponential of a difference has at most the error of its three roundings`() {
    var generator = SplitMix64(seed: 0x5C)
    for _ in 0..<300 {
      let a = Double.random(in: -60...60, using: &generator)
      let b = Double.random(in: 0...1, using: &generator) * 0x1p-30 + 10
      var array = BigFloatArray(count: 1, precision: 96)
      array.setExponentialOfDifference(at: 0, a, BigFloat(b))
      var stored = BigFloat(precision: 96)
      stored.assign(array, at: 0, .down)
      var difference = BigFloat(precision: 300)
      #expect(difference.setDifference(BigFloat(a), BigFloat(b), .down) == 0)
      var exact = BigFloat(precision: 300)
      exact.setExponential(difference, .toNearestOrEven)
      var error = BigFloat(precision: 300)
      error.setDifference(stored, exact, .toNearestOrEven)
      error.formQuotient(exact, .toNearestOrEven)
      error.formAbsoluteValue()
      #expect(error.compare((abs(a - b) + 1.001) * 0x1p-96) <= 0, "\(a) - \(b)")
    }
  }

  @Test func `a quotient of a stored number is rounded as asked`() {
    var array = BigFloatArray(count: 2, precision: 64)
    array.assign(at: 1, 1)
    var down = BigFloat(precision: 64)
    var up = BigFloat(precision: 64)
    #expect(down.setQuotient(array, at: 1, by: BigFloat(3), .down) < 0)
    #expect(up.setQuotient(array, at: 1, by: BigFloat(3), .up) > 0)
    var difference = BigFloat(precision: 64)
    difference.setDifference(up, down, .toNearestOrEven)
    #expect(difference.compare(0x1p-65) == 0)
  }
}
