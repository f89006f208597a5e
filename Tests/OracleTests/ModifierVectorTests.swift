import AuditedOperations
import FloatFormats
import MultiPrecision
import Testing

@testable import Oracle

/// The exact values of lanes with modifiers, against mpmath.
@Suite("Vectors of modified logits")
struct ModifierVectorTests {
  @Test("Every located value rounds as mpmath's, and has its digits and its yardstick")
  func valuesAreRight() throws {
    let oracle = SoftmaxOracle()
    let vectors = try OperationVector.load("modifiers-mpmath")
    #expect(vectors.count >= 700)
    #expect(Set(vectors.map(\.lane.operation)) == [.softmax, .logSoftmax, .logSumExp])
    for vector in vectors {
      let reference = oracle.reference(of: vector.lane, in: vector.format)
      #expect(reference.special == nil && reference.count == vector.outputs.count, "\(vector.name)")
      guard reference.special == nil else { continue }
      for (index, output) in vector.outputs.enumerated() {
        let value = reference.value(at: index)
        let name = "\(vector.name), output \(index): \(value), not \(output)"
        #expect(!value.isUndecided, "\(name)")
        #expect(output.isRounding(of: value, in: vector.format), "\(name)")
        guard output.digits != "-inf" else {
          #expect(value == .negativeInfinity, "\(name)")
          continue
        }
        #expect(value.isZero == (output.digits == "0"), "\(name)")
        let slot = reference.slot(at: index)
        guard slot >= 0 else { continue }
        let text = oracle.decimalText(slot: slot, of: vector.lane, digits: 30)
        #expect(output.hasDigits(text), "\(name): \(text ?? "undecided")")
        guard let yardstick = oracle.yardstick(slot: slot, of: vector.lane, relativeBits: 160)
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

  @Test("The distance of the nearest float is at most half an ulp, and certified")
  func distancesAreEnclosed() throws {
    for vector in try OperationVector.load("modifiers-mpmath") { vector.expectEnclosedDistances() }
  }
}
