import AuditedOperations
import RealModule

/// Looks for the mistake that quantised outputs come from.
///
/// A mistake gives other integers than the exact ones; where all outputs of some lanes are within
/// one step of those, and not of the exact ones, it is named.
struct QuantizedRecipe {
  /// A lane with finite exact values.
  struct Lane {
    /// The logits, or their integers less the zero point.
    let logits: [Double]
    /// The logits scaled and masked; `nil` where they are as they are.
    let modified: [Double]?
    /// The outputs less the zero point.
    let differences: [Int]
  }

  let operation: AuditedOperation
  let outputs: Quantization
  /// The quantisation of the logits; `nil` where they have none.
  let logits: Quantization?

  /// A mistake, and the integers that it gives.
  private struct Mistake {
    let statement: String
    /// The outputs less the zero point, of a lane.
    let outputs: (Lane) -> [Int]
  }

  /// The mistake as a clause that continues "these are"; `nil` where none is known.
  func statement(ofLanes lanes: [Lane]) -> String? {
    if areTruncated(lanes) { return "the exact values truncated in place of rounded" }
    return mistakes.first { mistake in
      var differs = false
      for lane in lanes {
        let (expected, exact) = (mistake.outputs(lane), rounded(values(lane)))
        for (index, output) in lane.differences.enumerated() {
          guard abs(output - expected[index]) <= 1 else { return false }
          if abs(expected[index] - exact[index]) > 1 { differs = true }
        }
      }
      return differs
    }?.statement
  }

  /// Whether all outputs are exact values rounded down, some of them other ones than rounded to
  /// nearest.
  private func areTruncated(_ lanes: [Lane]) -> Bool {
    var count = 0
    for lane in lanes {
      for (output, value) in zip(lane.differences, values(lane)) {
        let steps = value / outputs.scale
        // What is next to an integer tells nothing.
        guard abs(steps - steps.rounded()) > 1e-6, outputs.differences.contains(Int(steps)) else {
          continue
        }
        guard output == Int(steps.rounded(.down)) || output == Int(steps.rounded(.towardZero))
        else { return false }
        if Int(steps.rounded()) != output { count += 1 }
      }
    }
    return count >= 2
  }

  private var mistakes: [Mistake] {
    let (scale, zero, range) = (outputs.scale, outputs.zeroPoint, outputs.type.range)
    let count = range.count
    func wrapped(_ code: Int) -> Int {
      let offset = (code - range.lowerBound) % count
      return (offset < 0 ? offset + count : offset) + range.lowerBound
    }
    func codes(_ values: [Double], _ scale: Double) -> [Int] {
      values.map { Int(max(-0x1p20, min(0x1p20, $0 / scale)).rounded(.toNearestOrEven)) }
    }
    let role = operation.output.role
    var mistakes = [
      Mistake(
        statement:
          "the exact values wrapped around at the end of \(outputs.type.rawValue) in place of saturated"
      ) { lane in codes(values(lane), scale).map { wrapped($0 + zero) - zero } }
    ]
    if zero != 0 {
      mistakes.append(
        Mistake(statement: "the exact values without the zero point \(zero)") { lane in
          codes(values(lane), scale).map { clamped($0) - zero }
        })
    }
    if let other = otherSign(of: outputs.type) {
      let otherZero = other == .int8 ? -128 : 0
      mistakes.append(
        Mistake(statement: "integers of \(other.rawValue), read as \(outputs.type.rawValue)") {
          lane in
          codes(values(lane), scale).map {
            let code = min(max($0 + otherZero, other.range.lowerBound), other.range.upperBound)
            return wrapped(code) - zero
          }
        })
    }
    if let logits, logits.scale != scale {
      mistakes.append(
        Mistake(statement: "the exact values in steps of the logits, not of the \(role)") { lane in
          codes(values(lane), logits.scale).map { clamped($0 + zero) - zero }
        })
    }
    mistakes.append(
      Mistake(statement: "the exact values in steps of the square of the scale") { lane in
        codes(values(lane), scale * scale).map { clamped($0 + zero) - zero }
      })
    mistakes.append(
      Mistake(statement: "powers of 2 in place of e, divided by their sum") { lane in
        rounded(values(of: numbers(lane).map { $0 * Double.log(2) }))
      })
    guard let logits else { return mistakes }
    mistakes += [
      Mistake(statement: "the \(operation) of the integers, without the scale of the logits") {
        rounded(values(of: $0.logits))
      },
      Mistake(statement: "the \(operation) with the scale of the logits squared") {
        rounded(values(of: numbers($0).map { $0 * logits.scale }))
      },
      Mistake(statement: "the \(operation) with the scale of the \(role) for that of the logits") {
        rounded(values(of: $0.logits.map { $0 * scale }))
      },
    ]
    if let other = otherSign(of: logits.type) {
      mistakes.append(
        Mistake(
          statement: "the \(operation) of the logits read as \(other.rawValue)"
        ) { lane in
          let numbers = lane.logits.map { difference -> Double in
            let code = Int(difference) + logits.zeroPoint
            if other == .uint8, code < 0 { return Double(code + 256) }
            return Double(other == .int8 && code > 127 ? code - 256 : code)
          }
          return rounded(values(of: numbers.map { $0 * logits.scale }))
        })
    }
    return mistakes
  }

  private func otherSign(of type: CodeType) -> CodeType? {
    switch type {
    case .int8: .uint8
    case .uint8: .int8
    case .int16: nil
    }
  }

  private func clamped(_ code: Int) -> Int {
    min(max(code, outputs.type.range.lowerBound), outputs.type.range.upperBound)
  }

  /// Values in steps, rounded and saturated, less the zero point.
  private func rounded(_ values: [Double]) -> [Int] {
    values.map {
      let steps = max(-0x1p20, min(0x1p20, $0 / outputs.scale)).rounded(.toNearestOrEven)
      return clamped(Int(steps) + outputs.zeroPoint) - outputs.zeroPoint
    }
  }

  private func numbers(_ lane: Lane) -> [Double] { lane.modified ?? lane.logits }

  private func values(_ lane: Lane) -> [Double] { values(of: numbers(lane)) }

  /// The outputs of the operation, in binary64.
  private func values(of logits: [Double]) -> [Double] {
    let maximum = logits.max() ?? 0
    let exponentials = logits.map { Double.exp($0 - maximum) }
    let sum = exponentials.reduce(0, +)
    return operation == .softmax
      ? exponentials.map { $0 / sum } : logits.map { $0 - maximum - Double.log(sum) }
  }
}
