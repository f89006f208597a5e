import AuditedOperations
import FloatFormats
import Oracle
import Testing

@testable import SoftmaxVariants

/// The variants of log-softmax and logsumexp and their bounds.
@Suite("Logarithms of sums")
struct LogarithmTests {
  static let operations: [AuditedOperation] = [.logSoftmax, .logSumExp]

  @Test("Outputs are within their bounds, which some come near", arguments: operations)
  func outputsAreWithinBounds(operation: AuditedOperation) throws {
    var largest: [String: Double] = [:]
    for format in FloatFormat.allCases {
      for (name, ratio) in try format.open(LogarithmCheck(operation: operation)) {
        largest[name] = max(largest[name] ?? 0, ratio)
      }
    }
    #expect(largest.count == SoftmaxVariant.all(of: operation).count)
    for (name, ratio) in largest { #expect(ratio >= 0.5, "\(operation.name): \(name)") }
  }

  @Test("Each variant is known by its name, within its operation")
  func variantsHaveNames() {
    for operation in AuditedOperation.all {
      let variants = SoftmaxVariant.all(of: operation)
      #expect(Set(variants.map(\.name)).count == variants.count)
      for variant in variants {
        #expect(SoftmaxVariant(named: variant.name, of: operation) == variant)
        #expect(variant.operation == operation)
      }
    }
    #expect(SoftmaxVariant(named: "two-pass", of: .logSoftmax) == nil)
    #expect(
      SoftmaxVariant(named: "logsumexp-shifted", of: .logSumExp)?.name == "max-trick/sequential")
  }

  @Test("The logarithm of a softmax has no bound where a probability can vanish")
  func logarithmOfVanishingProbability() throws {
    let variant = try #require(SoftmaxVariant(named: "max-trick", of: .logSoftmax))
    #expect(try bound(of: variant, on: [Float(0), -80]) != nil)
    #expect(try bound(of: variant, on: [Float(0), -104]) == nil)
    #expect(try outputs(of: variant, on: [Float(0), -104])[1] == -.infinity)
    let shifted = try #require(SoftmaxVariant(named: "logsumexp-shifted", of: .logSoftmax))
    #expect(try bound(of: shifted, on: [Float(0), -104]) != nil)
    #expect(try outputs(of: shifted, on: [Float(0), -104])[1] == -104)
  }

  @Test("The error of x - logsumexp grows with the offset of the logits, and the bound with it")
  func errorGrowsWithTheOffset() throws {
    let offset = try #require(SoftmaxVariant(named: "logsumexp", of: .logSoftmax))
    let shifted = try #require(SoftmaxVariant(named: "logsumexp-shifted", of: .logSoftmax))
    let lane: [Float] = [1_000_000, 999_999.5, 999_999]
    let far = try #require(try bound(of: offset, on: lane))
    let near = try #require(try bound(of: shifted, on: lane))
    // u |L| = 2^-24 * 10^6 = 0.06 against a few u.
    #expect(far[0] > 0.05 && far[0] < 0.2)
    #expect(near[0] < 1e-6)
    // The spacing of float32 there is 1/16: all digits behind that are lost.
    #expect(try outputs(of: offset, on: lane)[0] == -0.6875)
  }

  @Test("log1p keeps the digits of a dominant logit's log-probability, and its bound says so")
  func dominantLogitKeepsItsDigits() throws {
    let onePlus = try #require(SoftmaxVariant(named: "log1p", of: .logSoftmax))
    let plain = try #require(SoftmaxVariant(named: "logsumexp-shifted", of: .logSoftmax))
    // ln(1 + e^-20) = 0x1.1b48655169016p-29, by mpmath.
    let exact = 0x1.1b48655a5141ep-29
    let lane: [Float] = [0, -20]
    #expect(try outputs(of: plain, on: lane)[0] == 0)
    #expect(abs(Double(try outputs(of: onePlus, on: lane)[0]) / -exact - 1) <= 0x1p-21)
    let near = try #require(try bound(of: onePlus, on: lane))
    let far = try #require(try bound(of: plain, on: lane))
    #expect(near[0] <= 30 * 0x1p-24 * exact && far[0] >= exact)
  }

  @Test("One logit has the log-probability 0 and the logsumexp that it is, without an error")
  func singleLogits() throws {
    for operation in Self.operations {
      for variant in SoftmaxVariant.all(of: operation) where variant.algorithmName == "log1p" {
        let expected: Float = operation == .logSoftmax ? 0 : -3.5
        #expect(try outputs(of: variant, on: [Float(-3.5)]) == [expected])
        if operation == .logSoftmax { #expect(try bound(of: variant, on: [Float(-3.5)]) == [0]) }
      }
    }
  }

  @Test("The logsumexp of infinite logits is the infinity that it is by definition")
  func infiniteLogits() throws {
    let infinity = Double.infinity
    for variant in SoftmaxVariant.all(of: .logSumExp) where variant.accumulation == nil {
      #expect(try outputs(of: variant, on: [-infinity, -infinity]) == [-infinity])
      #expect(try outputs(of: variant, on: [1, infinity]) == [infinity])
      #expect(try outputs(of: variant, on: [infinity, .nan])[0].isNaN)
      #expect(try outputs(of: variant, on: [-infinity, .nan])[0].isNaN)
      let single = try outputs(of: variant, on: [-infinity, 3])[0]
      #expect(abs(single - 3) <= 0x1p-51, "\(variant.name)")
    }
  }
}

/// The largest |output - exact| / bound of each variant of an operation on the test lanes.
private struct LogarithmCheck: FormatGenericWork {
  let operation: AuditedOperation

  func run<F: BinaryFloat>(_ format: F.Type) throws -> [String: Double] {
    let oracle = SoftmaxOracle()
    let lanes = testLanes(of: format)
    let references = lanes.map {
      oracle.reference(of: OperationLane(operation, DistinctLogits(of: $0)), in: F.format)
    }
    var largest: [String: Double] = [:]
    for variant in SoftmaxVariant.all(of: operation) where variant.formats.contains(F.format) {
      var judged = 0
      for (lane, reference) in zip(lanes, references) {
        guard let ratio = try largestRatio(of: variant, on: lane, reference, oracle) else {
          continue
        }
        judged += 1
        #expect(
          ratio <= 1,
          "\(variant.name) in \(F.format.rawValue) on \(lane.prefix(8).map(\.hexText))")
        largest[variant.name] = max(largest[variant.name] ?? 0, ratio)
      }
      // The domain of a bound that excuses most lanes would make the test empty.
      #expect(5 * judged > lanes.count, "\(variant.name) in \(F.format.rawValue)")
    }
    return largest
  }
}
