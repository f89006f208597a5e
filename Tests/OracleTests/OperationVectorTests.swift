import AuditedOperations
import FloatFormats
import MultiPrecision
import Testing

@testable import Oracle

/// The exact values of losses, gradients and Jacobians, against mpmath.
@Suite("Vectors of operations with several inputs")
struct OperationVectorTests {
  @Test("Every located value rounds as mpmath's, and has its digits")
  func valuesAreLocated() throws {
    let oracle = SoftmaxOracle()
    let vectors = try OperationVector.load()
    #expect(vectors.count >= 1500)
    for vector in vectors {
      let reference = oracle.reference(of: vector.lane, in: vector.format)
      #expect(reference.special == nil && reference.count == vector.outputs.count, "\(vector.name)")
      for (index, output) in vector.outputs.enumerated() {
        let value = reference.value(at: index)
        let name = "\(vector.name), output \(index): \(value), not \(output)"
        #expect(!value.isUndecided, "\(name)")
        #expect(output.isRounding(of: value, in: vector.format), "\(name)")
        guard output.digits != "inf" else {
          #expect(value == .positiveInfinity, "\(name)")
          continue
        }
        #expect(value.isZero == (output.digits == "0"), "\(name)")
        guard output.digits != "0" else {
          // Only 0 is right where no term is anything else.
          #expect(value.isBalanced == (output.yardstick != "0"), "\(name)")
          continue
        }
        #expect(value.isNegative == output.digits.hasPrefix("-"), "\(name)")
        if value.isNormal { #expect(agree(value.approximate, output.digits, bits: 49), "\(name)") }
      }
    }
  }

  @Test("Every value has mpmath's thirty digits, and its yardstick too")
  func digitsAreRight() throws {
    let oracle = SoftmaxOracle()
    for vector in try OperationVector.load() {
      let slots = oracle.reference(of: vector.lane, in: vector.format)
      for (index, output) in vector.outputs.enumerated() where output.digits != "inf" {
        let slot = slots.slot(at: index)
        guard slot >= 0 else {
          #expect(output.digits == "0" && output.yardstick == "0", "\(vector.name)")
          continue
        }
        let value = slots.value(at: index)
        let name = "\(vector.name), output \(index)"
        if !value.isZero {
          let text = oracle.decimalText(slot: slot, of: vector.lane, digits: 30)
          #expect(output.hasDigits(text), "\(name): \(text ?? "undecided")")
        }
        guard
          let yardstick = oracle.yardstick(slot: slot, of: vector.lane, relativeBits: 160)
        else {
          Issue.record("\(name): no yardstick")
          continue
        }
        let isRight = output.hasYardstick(yardstick)
        #expect(
          isRight,
          "\(name): yardstick \(yardstick.lower.decimalText(digits: 30)), not \(output.yardstick)")
      }
    }
  }

  @Test("The distance of the float nearest to a value is at most half its ulp, and certified")
  func distancesAreEnclosed() throws {
    for vector in try OperationVector.load() { vector.expectEnclosedDistances() }
  }

  /// Whether a number has the digits, up to 2^-bits of itself.
  private func agree(_ value: Double, _ digits: String, bits: Int) -> Bool {
    var exact = BigFloat(precision: 256)
    guard exact.assign(parsing: digits, .toNearestOrEven) != nil else { return false }
    exact.formDifference(BigFloat(value), .toNearestOrEven)
    exact.formAbsoluteValue()
    var limit = BigFloat(abs(value))
    limit.formProduct(withPowerOfTwo: -bits)
    return exact.compare(limit) <= 0
  }
}
