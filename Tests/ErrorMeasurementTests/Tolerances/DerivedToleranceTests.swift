import FloatFormats
import Oracle
import RealModule
import SoftmaxVariants
import TestSupport
import Testing

@testable import AuditedOperations
@testable import ErrorMeasurement

/// The default tolerance of losses, gradients and Jacobians, against implementations as people
/// write them.
@Suite("The default tolerance of operations with several inputs")
struct DerivedToleranceTests {
  /// Arithmetic of a format in which every stored number is rounded; sums of 16 bits are taken in
  /// float32.
  private struct Arithmetic {
    let format: FloatFormat

    func stored(_ value: Double) -> Double { format.rounded(value) }

    func sum(_ terms: [Double]) -> Double {
      let sums: FloatFormat = format.isNarrow ? .float32 : format
      return stored(terms.reduce(0) { sums.rounded($0 + $1) })
    }

    /// The stored softmax.
    func softmax(_ logits: [Double]) -> [Double] {
      let maximum = logits.max() ?? 0
      let terms = logits.map { stored(Double.exp(stored($0 - maximum))) }
      let total = sum(terms)
      return terms.map { stored($0 / total) }
    }

    /// The stored log-softmax.
    func logSoftmax(_ logits: [Double]) -> [Double] {
      let maximum = logits.max() ?? 0
      let shifted = logits.map { stored($0 - maximum) }
      let logSum = stored(Double.log(sum(shifted.map { stored(Double.exp($0)) })))
      return shifted.map { stored($0 - logSum) }
    }
  }

  /// The inputs of a lane as plain numbers.
  private struct Inputs {
    var logits: [Double] = []
    var upstream: [Double] = []
    var target = 0
    var smoothing = 0.0
    var weights: [Double] = []

    func lane(_ operation: AuditedOperation) -> OperationLane {
      switch operation.inputs {
      case [.logits, .upstream]:
        return OperationLane(
          operation, logits: DistinctLogits(exactly: logits), upstream: upstream)
      case [.probabilities, .upstream]:
        return OperationLane(operation, probabilities: logits, upstream: upstream)
      case [.logits, .targets]:
        return OperationLane(
          operation, logits: DistinctLogits(exactly: logits), target: Int64(target),
          CrossEntropyParameters(labelSmoothing: smoothing, classWeights: weights))
      default: return OperationLane(operation, exactly: logits)
      }
    }
  }

  private typealias Implementation = @Sendable (Arithmetic, Inputs) -> [Double]

  private static func dot(_ a: Arithmetic, _ x: [Double], _ y: [Double]) -> Double {
    a.sum(zip(x, y).map { a.stored($0 * $1) })
  }

  private static func backward(_ a: Arithmetic, _ y: [Double], _ g: [Double]) -> [Double] {
    let sum = dot(a, y, g)
    return zip(y, g).map { a.stored($0 * a.stored($1 - sum)) }
  }

  private static func distributed(_ a: Arithmetic, _ y: [Double], _ g: [Double]) -> [Double] {
    let sum = dot(a, y, g)
    return zip(y, g).map { a.stored(a.stored($0 * $1) - a.stored($0 * sum)) }
  }

  private static func jacobian(_ a: Arithmetic, _ p: [Double]) -> [[Double]] {
    p.indices.map { i in
      p.indices.map { j in a.stored(p[i] * a.stored((i == j ? 1 : 0) - p[j])) }
    }
  }

  private static func coefficients(_ a: Arithmetic, _ x: Inputs) -> [Double] {
    let share = a.stored(x.smoothing / Double(x.logits.count))
    return x.weights.indices.map { index in
      let spread = a.stored(share * x.weights[index])
      guard index == x.target else { return spread }
      return a.stored(a.stored(a.stored(1 - x.smoothing) * x.weights[index]) + spread)
    }
  }

  private static func loss(_ a: Arithmetic, _ x: Inputs, _ logarithms: [Double]) -> [Double] {
    let coefficients = coefficients(a, x)
    return [
      a.sum(
        x.logits.indices.filter { coefficients[$0] != 0 }.map {
          a.stored(coefficients[$0] * -logarithms[$0])
        })
    ]
  }

  private static func lossGradient(_ a: Arithmetic, _ x: Inputs, _ p: [Double]) -> [Double] {
    let coefficients = coefficients(a, x)
    let total = a.sum(coefficients)
    return p.indices.map { a.stored(a.stored(p[$0] * total) - coefficients[$0]) }
  }

  /// Implementations as they stand in libraries and tutorials.
  private static let sound: [(AuditedOperation, String, Implementation)] = [
    (.softmaxVJP, "of the stored softmax", { backward($0, $0.softmax($1.logits), $1.upstream) }),
    (
      .softmaxVJP, "distributed",
      { distributed($0, $0.softmax($1.logits), $1.upstream) }
    ),
    (
      .softmaxVJP, "by the Jacobian",
      { a, x in
        jacobian(a, a.softmax(x.logits)).map { dot(a, $0, x.upstream) }
      }
    ),
    (.softmaxBackward, "of stored outputs", { backward($0, $1.logits, $1.upstream) }),
    (.softmaxBackward, "distributed", { distributed($0, $1.logits, $1.upstream) }),
    (
      .logSoftmaxVJP, "of the stored log-softmax",
      { a, x in
        let sum = a.sum(x.upstream)
        return zip(a.logSoftmax(x.logits), x.upstream).map {
          a.stored($1 - a.stored(a.stored(Double.exp($0)) * sum))
        }
      }
    ),
    (
      .logSoftmaxVJP, "of the softmax",
      { a, x in
        let sum = a.sum(x.upstream)
        return zip(a.softmax(x.logits), x.upstream).map { a.stored($1 - a.stored($0 * sum)) }
      }
    ),
    (.crossEntropy, "of the log-softmax", { loss($0, $1, $0.logSoftmax($1.logits)) }),
    (
      .crossEntropy, "fused",
      { a, x in
        let maximum = x.logits.max() ?? 0
        let wide = Arithmetic(format: a.format.isNarrow ? .float32 : a.format)
        let sum = wide.sum(x.logits.map { wide.stored(Double.exp(wide.stored($0 - maximum))) })
        let logSum = wide.stored(wide.stored(Double.log(sum)) + maximum)
        return loss(wide, x, x.logits.map { wide.stored($0 - logSum) }).map(a.stored)
      }
    ),
    (.crossEntropyVJP, "of the softmax", { lossGradient($0, $1, $0.softmax($1.logits)) }),
    (
      .crossEntropyVJP, "of the log-softmax",
      { a, x in
        lossGradient(a, x, a.logSoftmax(x.logits).map { a.stored(Double.exp($0)) })
      }
    ),
    (.softmaxJacobian, "p (1 - p)", { a, x in jacobian(a, a.softmax(x.logits)).flatMap { $0 } }),
    (
      .softmaxJacobian, "diag(p) - p p'",
      { a, x in
        let p = a.softmax(x.logits)
        return p.indices.flatMap { i in
          p.indices.map { j in a.stored((i == j ? p[i] : 0) - a.stored(p[i] * p[j])) }
        }
      }
    ),
  ]

  /// Implementations that compute something else.
  private static let wrong: [(AuditedOperation, String, Implementation)] = [
    (
      .softmaxVJP, "without the sum",
      { a, x in zip(a.softmax(x.logits), x.upstream).map { a.stored($0 * $1) } }
    ),
    (
      .softmaxVJP, "twice as large",
      { backward($0, $0.softmax($1.logits), $1.upstream).map { 2 * $0 } }
    ),
    (
      .softmaxVJP, "of the other sign",
      { backward($0, $0.softmax($1.logits), $1.upstream).map { -$0 } }
    ),
    (
      .softmaxVJP, "with the sum of all upstream",
      { a, x in
        let sum = a.sum(x.upstream)
        return zip(a.softmax(x.logits), x.upstream).map { a.stored($0 * a.stored($1 - sum)) }
      }
    ),
    (
      .softmaxVJP, "off by a percent",
      { backward($0, $0.softmax($1.logits), $1.upstream).map { 1.02 * $0 } }
    ),
    (
      .softmaxBackward, "without the sum",
      { a, x in zip(x.logits, x.upstream).map { a.stored($0 * $1) } }
    ),
    (.softmaxBackward, "of the other sign", { backward($0, $1.logits, $1.upstream).map { -$0 } }),
    (
      .logSoftmaxVJP, "without the softmax",
      { a, x in
        let sum = a.sum(x.upstream)
        return x.upstream.map { a.stored($0 - sum / Double(x.logits.count)) }
      }
    ),
    (.logSoftmaxVJP, "of softmax", { backward($0, $0.softmax($1.logits), $1.upstream) }),
    (
      .crossEntropy, "without smoothing",
      { a, x in
        var plain = x
        plain.smoothing = 0
        return loss(a, plain, a.logSoftmax(x.logits))
      }
    ),
    (
      .crossEntropy, "of the next class",
      { a, x in
        var other = x
        other.target = (x.target + 1) % x.logits.count
        return loss(a, other, a.logSoftmax(x.logits))
      }
    ),
    (
      .crossEntropy, "without weights",
      { a, x in
        var plain = x
        plain.weights = x.weights.map { _ in 1 }
        return loss(a, plain, a.logSoftmax(x.logits))
      }
    ),
    (
      .crossEntropyVJP, "without the target",
      { a, x in
        let total = a.sum(coefficients(a, x))
        return a.softmax(x.logits).map { a.stored($0 * total) }
      }
    ),
    (
      .crossEntropyVJP, "of the other sign",
      { lossGradient($0, $1, $0.softmax($1.logits)).map { -$0 } }
    ),
    (
      .softmaxJacobian, "without the outer product",
      { a, x in
        let p = a.softmax(x.logits)
        return p.indices.flatMap { i in p.indices.map { i == $0 ? p[i] : 0 } }
      }
    ),
    (
      .softmaxJacobian, "the diagonal's alone",
      { a, x in
        let p = a.softmax(x.logits)
        return p.indices.flatMap { i in
          p.indices.map { i == $0 ? a.stored(p[i] * a.stored(1 - p[i])) : 0 }
        }
      }
    ),
  ]

  /// Lanes of many sizes and spreads, with masks, sizes of upstream, weights and smoothing.
  private static func inputs(_ format: FloatFormat, count: Int) -> [Inputs] {
    var random = SplitMix64(seed: UInt64(17 + format.bitWidth))
    func unit() -> Double { Double(random.next() >> 11) * 0x1p-53 }
    return (0..<count).map { number in
      let length = [2, 3, 5, 17, 64][number % 5]
      let spread = [1.0, 8, 30, 60][number % 4]
      var x = Inputs()
      x.logits = (0..<length).map { _ in
        format.rounded(spread * (unit() - 0.5) + (number % 3 == 0 ? 20 : 0))
      }
      let constant = number % 7 == 0
      x.upstream = (0..<length).map { _ in
        format.rounded(constant ? 0.75 : (unit() - 0.5) * Double.exp(6 * unit()))
      }
      x.target = Int(random.next() % UInt64(length))
      x.smoothing = [0, 0.1, 0.5, 1][number / 2 % 4]
      x.weights = (0..<length).map { _ in number % 2 == 0 ? 1 : format.rounded(2 * unit()) }
      return x
    }
  }

  /// The largest part of the tolerance that errors of a lane take; infinite for a mismatch.
  private static func ratio(
    _ outputs: [Double], _ lane: OperationLane, _ format: FloatFormat, oracle: SoftmaxOracle
  ) throws -> Double {
    let reference = oracle.reference(of: lane, in: format)
    let tolerance = try #require(
      DefaultTolerance(lane.operation, output: format, underflow: .gradual).tolerance(of: lane))
    var largest = 0.0
    for (index, y) in outputs.enumerated() {
      let exact = reference.value(at: index)
      #expect(!exact.isUndecided)
      guard case .measured = OutputClass(y, against: exact, of: lane.operation.output, in: format)
      else {
        return .infinity
      }
      let error =
        exact.isZero
        ? abs(y)
        : UlpError(of: y, against: exact).magnitude
          * Double(sign: .plus, exponent: Int(exact.quantumExponent), significand: 1)
      largest = max(largest, error == 0 ? 0 : error / tolerance.bounds[index])
    }
    return largest
  }

  /// The inputs as an operation takes them: probabilities for one that takes those.
  private static func given(_ x: Inputs, _ operation: AuditedOperation, _ a: Arithmetic) -> Inputs {
    guard operation == .softmaxBackward else { return x }
    var x = x
    x.logits = a.softmax(x.logits)
    return x
  }

  @Test(
    "Straightforward implementations keep to it",
    arguments: [FloatFormat.float32, .float64, .bfloat16, .float16])
  func soundOnesPass(_ format: FloatFormat) throws {
    let (arithmetic, oracle) = (Arithmetic(format: format), SoftmaxOracle())
    for (operation, name, implementation) in Self.sound {
      // The entries of a Jacobian are below the normal range of float16.
      if name == "by the Jacobian", format == .float16 { continue }
      var largest = 0.0
      for x in Self.inputs(format, count: 40) {
        let x = Self.given(x, operation, arithmetic)
        largest = max(
          largest,
          try Self.ratio(
            implementation(arithmetic, x), x.lane(operation), format, oracle: oracle))
      }
      #expect(largest <= 1, "\(operation) \(name) in \(format): \(largest)")
      // A bound that nothing comes near would let through what is wrong.
      #expect(largest > 0x1p-12, "\(operation) \(name) in \(format): \(largest)")
    }
  }

  @Test(
    "Implementations of something else do not",
    arguments: [FloatFormat.float32, .float64, .bfloat16])
  func wrongOnesFail(_ format: FloatFormat) throws {
    let (arithmetic, oracle) = (Arithmetic(format: format), SoftmaxOracle())
    for (operation, name, implementation) in Self.wrong {
      // A percent is less than the roundings of 16 bits may come to.
      if name == "off by a percent", format.isNarrow { continue }
      var caught = 0
      for x in Self.inputs(format, count: 40) {
        let x = Self.given(x, operation, arithmetic)
        let ratio = try Self.ratio(
          implementation(arithmetic, x), x.lane(operation), format, oracle: oracle)
        if ratio > 1 { caught += 1 }
      }
      #expect(caught > 2, "\(operation) \(name) in \(format): \(caught) lanes")
    }
  }

  @Test("Masked entries have gradient 0, and a mask that is ignored is noticed")
  func masks() throws {
    let (arithmetic, oracle) = (Arithmetic(format: .float32), SoftmaxOracle())
    var x = Inputs()
    x.logits = [1, -.infinity, 2, 0.5]
    x.upstream = [1, 100, -1, 0.25]
    x.weights = [1, 1, 1, 1]
    for (operation, _, implementation) in Self.sound
    where operation != .softmaxBackward && operation != .crossEntropy {
      #expect(
        try Self.ratio(
          implementation(arithmetic, x), x.lane(operation), .float32, oracle: oracle) <= 1,
        "\(operation)")
    }
    var unmasked = x
    unmasked.logits[1] = 0
    for operation in [AuditedOperation.softmaxVJP, .crossEntropyVJP, .softmaxJacobian] {
      let (_, _, implementation) = try #require(Self.sound.first { $0.0 == operation })
      #expect(
        try Self.ratio(
          implementation(arithmetic, unmasked), x.lane(operation), .float32, oracle: oracle)
          == .infinity)
    }
  }

  @Test("Ignored targets and weights of 0 leave exactly 0 and nothing else")
  func ignoredTargets() throws {
    for operation in [AuditedOperation.crossEntropy, .crossEntropyVJP] {
      for (target, weights) in [(Int64(-100), [1.0, 1, 1]), (1, [1.0, 0, 1])] {
        let lane = OperationLane(
          operation, logits: DistinctLogits(exactly: [1, 2, 3]), target: target,
          CrossEntropyParameters(classWeights: weights))
        let zeros = [Double](repeating: 0, count: lane.outputCount)
        let oracle = SoftmaxOracle()
        #expect(try Self.ratio(zeros, lane, .float64, oracle: oracle) == 0)
        var other = zeros
        other[0] = .leastNonzeroMagnitude
        #expect(try Self.ratio(other, lane, .float64, oracle: oracle) == .infinity)
      }
    }
  }

  @Test("The loss of the least logit beside the largest of float64 has a bound, if a wide one")
  func largestLogits() throws {
    let lane = OperationLane(
      .crossEntropy, logits: DistinctLogits(exactly: [0x1.8p1023, -0x1p1022, 0]), target: 1)
    let bound = DefaultTolerance(.crossEntropy, output: .float64, underflow: .gradual)
      .tolerance(of: lane)?.bounds.first
    #expect(try #require(bound).isFinite)
  }
}
