import Foundation

/// A softmax of integers for tests: logits that are `inputScale` times an integer, to integers that
/// mean `scale` (q - `zeroPoint`).
package struct QuantizedKernel: Sendable {
  package var inputScale = 0.1
  package var scale = 0x1p-8
  package var zeroPoint = -128
  /// The integers that there are.
  package var range = -128...127

  package init() {}

  // MARK: Sound ones

  /// Binary64, rounded to nearest, ties to even.
  package func rounded(_ logits: [Int]) -> [Int] { saturated(steps(logits)) }

  /// A table of exponentials in integers of 23 bits, a quotient of integers rounded half up, as
  /// onnxruntime's QLinearSoftmax.
  package func integerTable(_ logits: [Int]) -> [Int] {
    let top = logits.max() ?? 0
    let table = logits.map { (exp(Double($0 - top) * inputScale) * Double(0x7F_FFFF)).rounded() }
    let sum = table.reduce(0, +)
    return table.map { clamped(Int(($0 / scale + (sum / 2).rounded(.down)) / sum) + zeroPoint) }
  }

  /// The fixed-point exponential of gemmlowp, sums in Q12.19, as TensorFlow Lite and CMSIS-NN; the
  /// reciprocal good to 31 bits.
  package func fixedPoint(_ logits: [Int]) -> [Int] {
    let top = logits.max() ?? 0
    let exponentials = logits.map {
      GemmlowpExponential.value(Int64((Double($0 - top) * inputScale * 0x1p26).rounded()))
    }
    let sum = exponentials.reduce(0) { $0 + GemmlowpExponential.rounded($1, shift: 12) }
    return exponentials.map {
      let share = Double($0) * 0x1p-31 / (Double(sum) * 0x1p-19)
      return clamped(Int((share / scale).rounded()) + zeroPoint)
    }
  }

  /// I-BERT's quadratic exponential: 0.3585 (p + 1.353)^2 + 0.344 for p in (-ln 2, 0].
  package func quadratic(_ logits: [Int]) -> [Int] {
    let top = logits.max() ?? 0
    let exponentials = logits.map { logit -> Double in
      let x = Double(logit - top) * inputScale
      let z = (-x / log(2)).rounded(.down)
      let p = x + z * log(2)
      return (0.3585 * (p + 1.353) * (p + 1.353) + 0.344) * exp2(-z)
    }
    let sum = exponentials.reduce(0, +)
    return saturated(exponentials.map { $0 / sum / scale })
  }

  // MARK: Faulty ones

  /// 127 wraps to -128 (onnxruntime#29727), at either end.
  package func wrapping(_ logits: [Int]) -> [Int] {
    steps(logits).map { wrapped(Int($0.rounded(.toNearestOrEven)) + zeroPoint) }
  }

  /// The last step truncates in place of rounding.
  package func truncating(_ logits: [Int]) -> [Int] {
    steps(logits).map { clamped(Int($0) + zeroPoint) }
  }

  package func withoutZeroPoint(_ logits: [Int]) -> [Int] {
    steps(logits).map { clamped(Int($0.rounded(.toNearestOrEven))) }
  }

  /// The outputs in steps of the scale's square.
  package func scaleSquared(_ logits: [Int]) -> [Int] {
    saturated(steps(logits).map { $0 / scale })
  }

  /// The scale of the logits where that of the outputs belongs.
  package func otherScale(_ logits: [Int]) -> [Int] {
    saturated(steps(logits).map { $0 * scale / inputScale })
  }

  /// The integers as logits, without their scale.
  package func withoutInputScale(_ logits: [Int]) -> [Int] {
    var other = self
    other.inputScale = 1
    return other.rounded(logits)
  }

  /// int8 logits taken for uint8.
  package func unsignedLogits(_ logits: [Int]) -> [Int] {
    rounded(logits.map { $0 < 0 ? $0 + 256 : $0 })
  }

  /// uint8 outputs with zero point 0 stored where int8 is read.
  package func unsignedOutputs(_ logits: [Int]) -> [Int] {
    steps(logits).map { wrapped(min(max(Int($0.rounded(.toNearestOrEven)), 0), 255)) }
  }

  /// Powers of 2 in place of e.
  package func baseTwo(_ logits: [Int]) -> [Int] {
    var other = self
    other.inputScale *= log(2)
    return other.rounded(logits)
  }

  /// A table of exponentials that ends 32 below the largest logit.
  package func shortTable(_ logits: [Int]) -> [Int] {
    let top = logits.max() ?? 0
    let terms = logits.map { top - $0 >= 32 ? 0 : exp(Double($0 - top) * inputScale) }
    let sum = terms.reduce(0, +)
    return saturated(terms.map { $0 / sum / scale })
  }

  /// Exponentials that are rounded down to 6 bits.
  package func coarseTable(_ logits: [Int]) -> [Int] {
    let top = logits.max() ?? 0
    let terms = logits.map { (exp(Double($0 - top) * inputScale) * 63).rounded(.down) }
    let sum = terms.reduce(0, +)
    return saturated(terms.map { $0 / sum / scale })
  }

  /// The last output is never written, and holds the 0 of before.
  package func unwritten(_ logits: [Int]) -> [Int] { rounded(logits).dropLast() + [0] }

  /// The sound ones, by name.
  package static let sound: [(name: String, function: @Sendable (Self, [Int]) -> [Int])] = [
    ("rounded", { $0.rounded($1) }), ("integer-table", { $0.integerTable($1) }),
    ("fixed-point", { $0.fixedPoint($1) }), ("quadratic", { $0.quadratic($1) }),
  ]

  /// The faulty ones, by name.
  package static let faulty: [(name: String, function: @Sendable (Self, [Int]) -> [Int])] = [
    ("wrapping", { $0.wrapping($1) }), ("truncating", { $0.truncating($1) }),
    ("without-zero-point", { $0.withoutZeroPoint($1) }),
    ("scale-squared", { $0.scaleSquared($1) }), ("other-scale", { $0.otherScale($1) }),
    ("without-input-scale", { $0.withoutInputScale($1) }),
    ("unsigned-logits", { $0.unsignedLogits($1) }),
    ("unsigned-outputs", { $0.unsignedOutputs($1) }), ("base-two", { $0.baseTwo($1) }),
    ("short-table", { $0.shortTable($1) }), ("coarse-table", { $0.coarseTable($1) }),
    ("unwritten", { $0.unwritten($1) }),
  ]

  // MARK: Parts

  /// The softmax in steps, not rounded.
  private func steps(_ logits: [Int]) -> [Double] {
    let top = logits.max() ?? 0
    let terms = logits.map { exp(Double($0 - top) * inputScale) }
    let sum = terms.reduce(0, +)
    return terms.map { $0 / sum / scale }
  }

  private func saturated(_ steps: [Double]) -> [Int] {
    steps.map { clamped(Int(min($0, 0x1p40).rounded(.toNearestOrEven)) + zeroPoint) }
  }

  private func clamped(_ code: Int) -> Int { min(max(code, range.lowerBound), range.upperBound) }

  private func wrapped(_ code: Int) -> Int {
    let offset = (code - range.lowerBound) % range.count
    return (offset < 0 ? offset + range.count : offset) + range.lowerBound
  }
}

/// e^x in fixed point as gemmlowp has it: x in Q5.26, not positive, the result in Q0.31.
private enum GemmlowpExponential {
  static func value(_ x: Int64) -> Int64 {
    guard x != 0 else { return Int64(Int32.max) }
    guard x > -(31 << 26) else { return 0 }
    let quarter = Int64(1) << 24
    let rest = (x & (quarter - 1)) - quarter
    var result = onLastQuarter(rest << 5)
    let remainder = rest - x
    for (exponent, factor) in factors where remainder & (1 << (26 + exponent)) != 0 {
      result = product(result, factor)
    }
    return result
  }

  /// e^(-2^k) in Q0.31.
  private static let factors: [(Int64, Int64)] = [
    (-2, 1_672_461_947), (-1, 1_302_514_674), (0, 790_015_084), (1, 290_630_308),
    (2, 39_332_535), (3, 720_401), (4, 242),
  ]

  /// e^a for a in [-1/4, 0), by a Taylor polynomial at -1/8.
  private static func onLastQuarter(_ a: Int64) -> Int64 {
    let constant: Int64 = 1_895_147_668
    let x = a + (1 << 28)
    let x2 = product(x, x)
    let x3 = product(x2, x)
    let x4 = product(x2, x2)
    let higher = rounded(
      product(rounded(x4, shift: 2) + x3, 715_827_883) + x2, shift: 1)
    return constant + product(constant, x + higher)
  }

  /// A product in Q0.31, rounded to nearest.
  private static func product(_ a: Int64, _ b: Int64) -> Int64 { (a * b + (1 << 30)) >> 31 }

  /// A quotient by a power of two, rounded to nearest.
  static func rounded(_ value: Int64, shift: Int64) -> Int64 {
    (value + (1 << (shift - 1))) >> shift
  }
}
