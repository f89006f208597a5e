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
        #expect(Self.rounded(value, vector.format) == output.rounded, "\(name)")
        guard output.digits != "-inf" else {
          #expect(value == .negativeInfinity, "\(name)")
          continue
        }
        #expect(value.isZero == (output.digits == "0"), "\(name)")
        let slot = reference.slot(at: index)
        guard slot >= 0 else { continue }
        let text = oracle.decimalText(slot: slot, of: vector.lane, digits: 30)
        #expect(text.map { same($0, output.digits) } == true, "\(name): \(text ?? "undecided")")
        guard let yardstick = oracle.yardstick(slot: slot, of: vector.lane, relativeBits: 160)
        else {
          Issue.record("\(name): no yardstick")
          continue
        }
        let ends = (
          yardstick.lower.decimalText(digits: 30), yardstick.upper.decimalText(digits: 30)
        )
        #expect(
          same(ends.0, output.yardstick) || same(ends.1, output.yardstick),
          "\(name): yardstick \(ends.0), not \(output.yardstick)")
      }
    }
  }

  @Test("The distance of the nearest float is at most half an ulp, and certified")
  func distancesAreEnclosed() throws {
    let oracle = SoftmaxOracle()
    for vector in try OperationVector.load("modifiers-mpmath") {
      let reference = oracle.reference(of: vector.lane, in: vector.format)
      for (index, output) in vector.outputs.enumerated() where output.rounded.isFinite {
        let value = reference.value(at: index)
        guard !value.isZero else { continue }
        let distance = oracle.distance(
          from: output.rounded, slot: reference.slot(at: index), of: vector.lane, relativeBits: 40)
        guard let distance else {
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

  private static func rounded(_ value: ExactValue, _ format: FloatFormat) -> Double {
    switch format {
    case .float16: value.correctlyRounded(Float16.self).exactDouble
    case .bfloat16: value.correctlyRounded(BFloat16.self).exactDouble
    case .float32: value.correctlyRounded(Float.self).exactDouble
    case .float64: value.correctlyRounded(Double.self)
    }
  }

  /// Whether two texts denote one number of thirty digits.
  private func same(_ text: String, _ digits: String) -> Bool {
    guard text != "0", digits != "0" else { return text == digits }
    var one = BigFloat(precision: 400)
    var other = BigFloat(precision: 400)
    guard one.assign(parsing: text, .toNearestOrEven) != nil,
      other.assign(parsing: digits, .toNearestOrEven) != nil
    else { return false }
    return one.compare(other) == 0
  }
}
