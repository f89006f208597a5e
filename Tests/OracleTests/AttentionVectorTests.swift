import AuditedOperations
import FloatFormats
import MultiPrecision
import Testing

@testable import Oracle

/// The exact values of rows of attention, against mpmath.
@Suite("Vectors of attention")
struct AttentionVectorTests {
  @Test("Every located value rounds as mpmath's, and has its digits and its yardstick")
  func valuesAreRight() throws {
    let oracle = SoftmaxOracle()
    let vectors = try AttentionVector.load()
    #expect(vectors.count >= 300)
    #expect(Set(vectors.map(\.format)).count == 4)
    for vector in vectors {
      for (index, output) in vector.outputs.enumerated() {
        let (lane, slot) = vector.lane(ofOutput: index)
        let reference = oracle.reference(of: lane, in: vector.format)
        #expect(reference.special == nil, "\(vector.name)")
        guard reference.special == nil else { continue }
        let value = reference.value(at: slot)
        let name = "\(vector.name), output \(index): \(value), not \(output)"
        #expect(!value.isUndecided, "\(name)")
        #expect(value.rounded(to: vector.format) == output.rounded, "\(name)")
        #expect(value.isZero == (output.digits == "0"), "\(name)")
        let text = oracle.decimalText(slot: slot, of: lane, digits: 30)
        #expect(
          text.map { OperationVector.same($0, output.digits) } == true,
          "\(name): \(text ?? "undecided")")
        guard let yardstick = oracle.yardstick(slot: slot, of: lane, relativeBits: 160) else {
          Issue.record("\(name): no yardstick")
          continue
        }
        let ends = (
          yardstick.lower.decimalText(digits: 30), yardstick.upper.decimalText(digits: 30)
        )
        #expect(
          OperationVector.same(ends.0, output.yardstick)
            || OperationVector.same(ends.1, output.yardstick),
          "\(name): yardstick \(ends.0), not \(output.yardstick)")
      }
    }
  }

  @Test("The distance of the nearest float is at most half an ulp, and certified")
  func distancesAreEnclosed() throws {
    let oracle = SoftmaxOracle()
    for vector in try AttentionVector.load() {
      for (index, output) in vector.outputs.enumerated() where output.rounded.isFinite {
        let (lane, slot) = vector.lane(ofOutput: index)
        let value = oracle.reference(of: lane, in: vector.format).value(at: slot)
        guard !value.isZero else { continue }
        guard
          let distance = oracle.distance(
            from: output.rounded, slot: slot, of: lane, relativeBits: 40)
        else {
          Issue.record("\(vector.name), output \(index): undecided")
          continue
        }
        var half = BigFloat(1)
        half.formProduct(withPowerOfTwo: Int(value.quantumExponent) - 1)
        #expect(distance.lower.compare(half) <= 0, "\(vector.name), output \(index)")
        #expect(!distance.lower.isNegative || distance.lower.isZero, "\(vector.name)")
      }
    }
  }
}
