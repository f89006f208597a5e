import AuditRecords
import FloatFormats
import Foundation
import Oracle
import TestSupport
import Testing

@testable import AuditedOperations
@testable import ErrorMeasurement

/// Lanes of quantised outputs: figures against a plain evaluation in binary64 with a slack, and the
/// default tolerance against kernels that are in use and kernels with one mistake.
@Suite("Measurement of quantised outputs")
struct StepMeasurementTests {
  /// The statistics of a kernel on random lanes, with the largest part of the tolerance.
  private static func measured(
    _ kernel: QuantizedKernel, type: CodeType, seed: UInt64, lanes: Int = 24,
    _ function: (QuantizedKernel, [Int]) -> [Int]
  ) throws -> (row: AccuracyRow, ratio: Double) {
    let outputs = try Quantization(
      scale: kernel.scale, zeroPoint: kernel.zeroPoint, type: type)
    let oracle = SoftmaxOracle()
    let measurement = StepMeasurement(outputs, oracle: oracle)
    var statistics = AccuracyStatistics()
    var random = SplitMix64(seed: seed)
    for lane in 0..<lanes {
      let spread = [256, 256, 64, 20][lane % 4]
      let logits = (0..<(2 + lane % 9)).map { _ in
        Int(truncatingIfNeeded: random.next() % UInt64(spread)) - 128 * spread / 256
      }
      measurement.measure(
        function(kernel, logits).map { $0 - kernel.zeroPoint }, lane: lane,
        exact: OperationLane(
          .softmax,
          ModifiedLogits(logits.map { Double($0) }, LaneModifiers(scale: kernel.inputScale))),
        policy: .nanSomewhere, into: &statistics)
    }
    let row = try AccuracyRow(
      implementation: "kernel", operation: .softmax, inputFormat: .float32,
      outputFormat: .float32, family: "random", geometry: LaneGeometry(shape: [1], axis: 0),
      statistics: statistics, bound: nil, nsPerElement: nil, worst: nil)
    let largest = try #require(statistics.largestStep)
    return (row, StepTolerance(of: .softmax, outputs, length: 10).ratio(of: largest.figure))
  }

  private static let kernels: [(QuantizedKernel, CodeType)] = {
    var unsigned = QuantizedKernel()
    (unsigned.zeroPoint, unsigned.range) = (0, 0...255)
    var narrow = QuantizedKernel()
    (narrow.inputScale, narrow.scale, narrow.zeroPoint) = (0x1.99999ap-4, 1.0 / 127, 0)
    return [(QuantizedKernel(), .int8), (unsigned, .uint8), (narrow, .int8)]
  }()

  @Test("Sound kernels keep to the tolerance", arguments: QuantizedKernel.sound.map(\.name))
  func sound(_ name: String) throws {
    let function = try #require(QuantizedKernel.sound.first { $0.name == name }).function
    for (kernel, type) in Self.kernels {
      for seed in 1...5 {
        let (row, ratio) = try Self.measured(kernel, type: type, seed: UInt64(seed), function)
        #expect(ratio <= 1, "\(type), seed \(seed): \(ratio)")
        #expect((row.maxSteps?.value ?? 9) < 0.76)
        // What rounds binary64 once is right but for ties within its error.
        if name == "rounded" {
          #expect(row.correctlyRounded == 1.0 && (row.maxSteps?.value ?? 9) <= 0.5)
        }
        #expect(row.faithful == 1.0)
      }
    }
  }

  @Test("Kernels with one mistake do not", arguments: QuantizedKernel.faulty.map(\.name))
  func faulty(_ name: String) throws {
    let function = try #require(QuantizedKernel.faulty.first { $0.name == name }).function
    for seed in 1...5 {
      let (row, ratio) = try Self.measured(
        QuantizedKernel(), type: .int8, seed: UInt64(seed), function)
      #expect(ratio > 1, "seed \(seed): \(ratio)")
      #expect((row.correctlyRounded?.value ?? 1) < 1)
    }
  }

  @Test("Means are those of binary64, and truncation shows as half a step below")
  func means() throws {
    let kernel = QuantizedKernel()
    var random = SplitMix64(seed: 77)
    let outputs = try Quantization(scale: kernel.scale, zeroPoint: -128, type: .int8)
    let measurement = StepMeasurement(outputs, oracle: SoftmaxOracle())
    var statistics = AccuracyStatistics()
    var (sum, signed, count) = (0.0, 0.0, 0.0)
    for lane in 0..<60 {
      let logits = (0..<8).map { _ in Int(truncatingIfNeeded: random.next() % 30) }
      let codes = kernel.truncating(logits)
      measurement.measure(
        codes.map { $0 + 128 }, lane: lane,
        exact: OperationLane(
          .softmax, ModifiedLogits(logits.map { Double($0) }, LaneModifiers(scale: 0.1))),
        policy: .nanSomewhere, into: &statistics)
      let terms = logits.map { exp(Double($0) * 0.1) }
      for (code, term) in zip(codes, terms) {
        let error = Double(code + 128) - term / terms.reduce(0, +) * 256
        sum += abs(error)
        signed += error
        count += 1
      }
    }
    let row = try AccuracyRow(
      implementation: "kernel", operation: .softmax, inputFormat: .float32,
      outputFormat: .float32, family: "random", geometry: LaneGeometry(shape: [60, 8], axis: 1),
      statistics: statistics, bound: nil, nsPerElement: nil, worst: nil)
    let mean = try #require(row.meanSteps?.value)
    let bias = try #require(row.meanSignedSteps?.value)
    #expect(abs(mean - sum / count) < 1e-8 && abs(bias - signed / count) < 1e-8)
    #expect(abs(bias + 0.5) < 0.1)
    // Each of 8 outputs is up to a step too low.
    #expect((0.005...8.0 / 256).contains(row.maxSumError?.value ?? 0))
    #expect(row.maxUlp == nil && row.normalPairs == 0)
  }

  @Test("A logit of the least number of float32, as masks have it, gives nothing, and is decided")
  func finiteMask() throws {
    let outputs = try Quantization(scale: 0x1p-8, zeroPoint: -128, type: .int8)
    let measurement = StepMeasurement(outputs, oracle: SoftmaxOracle())
    var statistics = AccuracyStatistics()
    let masked = Double(-Float.greatestFiniteMagnitude)
    for (lane, logits) in [[0, masked], [0, 0, masked, masked], [masked, 3]].enumerated() {
      let codes = logits.map { $0 == masked ? 0 : 256 / logits.count { $0 != masked } }
      measurement.measure(
        codes.map { min($0, 255) }, lane: lane, exact: OperationLane(.softmax, exactly: logits),
        policy: .nanSomewhere, into: &statistics)
    }
    #expect(statistics.undecided == 0 && statistics.correctlyRounded == 8)
    #expect((statistics.largestStep?.figure ?? 1) <= 0x1p-32)
  }

  @Test("Lanes without a softmax are judged by their policy, and no integer is NaN")
  func specialLanes() throws {
    let outputs = try Quantization(scale: 0x1p-8, zeroPoint: -128, type: .int8)
    let measurement = StepMeasurement(outputs, oracle: SoftmaxOracle())
    func agreed(_ codes: [Int], _ logits: [Double], _ policy: SpecialLanePolicy) -> UInt64 {
      var statistics = AccuracyStatistics()
      measurement.measure(
        codes.map { $0 + 128 }, lane: 0, exact: OperationLane(.softmax, exactly: logits),
        policy: policy, into: &statistics)
      #expect(statistics.agreedSpecial + statistics.mismatches == UInt64(codes.count))
      return statistics.agreedSpecial
    }
    let masked = [Double](repeating: -.infinity, count: 4)
    #expect(agreed([-128, -128, -128, -128], masked, .maskedZero) == 4)
    #expect(agreed([-64, -64, -64, -128], masked, .maskedUniform) == 3)
    #expect(agreed([-128, -128, -128, -128], masked, .nanSomewhere) == 0)
    #expect(agreed([-128, 127], [0, .infinity], .infinityOneHot) == 2)
    #expect(agreed([-128, 0, 0], [.nan, 1, 1], .nanAsMasked) == 3)
  }
}
