import FloatFormats
import Oracle
import RealModule
import SoftmaxVariants
import Testing

@testable import AuditRecords
@testable import AuditedOperations
@testable import Audits
@testable import ErrorMeasurement
@testable import LogitFamilies

@Suite("Tiers of the oracle")
struct OracleTierTests {
  private func rows(
    _ cells: [AuditPlan.Cell], _ names: [String], output: FloatFormat? = nil, tier: OracleTier,
    level: KernelLevel = .best, measuresConsequences: Bool = false
  ) async throws -> [AccuracyRow] {
    let implementations = try names.map {
      BuiltInImplementation(try #require(SoftmaxVariant(named: $0)))
    }
    return try await rows(
      cells, of: implementations, output: output, tier: tier, level: level,
      measuresConsequences: measuresConsequences)
  }

  private func rows(
    _ cells: [AuditPlan.Cell], of implementations: [any SoftmaxImplementation],
    output: FloatFormat? = nil, tier: OracleTier, level: KernelLevel = .best,
    measuresConsequences: Bool = false, smoothing: Double? = nil
  ) async throws -> [AccuracyRow] {
    var plan = AuditPlan(
      implementations: implementations, cells: cells, outputFormat: output, threads: 2)
    if let smoothing {
      for format in FloatFormat.allCases {
        plan.loss[format] = GivenLoss(labelSmoothing: smoothing)
      }
    }
    plan.oracleTier = tier
    plan.kernelLevel = level
    plan.settings.measuresConsequences = measuresConsequences
    return try await Audit(plan).run()
  }

  private static let names = [
    "naive/sequential", "max-trick/compensated", "max-trick/sequential/float32", "logsumexp",
    "online/lanes-8",
  ]

  @Test(
    "Certified figures and percentiles are the same in both tiers, and means to six digits",
    arguments: FloatFormat.allCases)
  func sameFigures(format: FloatFormat) async throws {
    let cells = AuditPlan.cells(
      families: LogitFamily.all, formats: [format], lengths: [0, 1, 2, 17, 300], samples: 2)
    let filtered = try await rows(
      cells, Self.names, tier: .filtered, measuresConsequences: true)
    let arbiter = try await rows(cells, Self.names, tier: .mpfr, measuresConsequences: true)
    expectAgreement(filtered, arbiter)
    #expect(filtered.allSatisfy { $0.undecided == 0 })
    for row in filtered {
      guard let bound = row.bound, let ratio = bound.maxRatio?.value else { continue }
      // The witness of the bound errs by the largest part of it.
      let worst = try #require(bound.worst)
      let limit = try #require(worst.bound?.value)
      let part = limit > 0 && limit < .infinity ? abs(worst.ulp.value) / limit : ratio
      let slack = ratio * 0x1p-28 + 0x1p-1020
      #expect(abs(part - ratio) <= slack, "\(row.implementation) \(row.family)")
      if let own = row.worst, let limit = own.bound?.value, limit > 0 {
        #expect(abs(own.ulp.value) / limit <= ratio + slack)
      }
    }
  }

  /// Outputs of every kind: good, flushed, negative, no numbers, positive under a mask, not
  /// written.
  private static let careless = LaneFunction("careless") { (logits: [Float]) in
    let top = logits.max() ?? 0
    let weights = logits.map { Double.exp(Double($0) - Double(top)) }
    let sum = weights.reduce(0, +)
    return weights.enumerated().map { index, weight in
      let y = Float(weight / sum)
      return switch (index % 11, logits[index]) {
      case (_, -.infinity): index % 2 == 0 ? 0 : 0x1p-30
      case (3, _): .nan
      case (4, _): -y
      case (5, _): .infinity
      case (6, _): -.infinity
      case (7, _): .outputFill
      case (8, _): 0
      default: y < .leastNormalMagnitude ? (index % 2 == 0 ? 0 : -0.0) : y
      }
    }
  }

  @Test("Zeros and kinds of mismatches are the same in both tiers, and each mismatch has one kind")
  func sameKinds() async throws {
    let cells = AuditPlan.cells(
      families: LogitFamily.all, formats: [.float32], lengths: [1, 2, 17, 600], samples: 2)
    func rows(_ tier: OracleTier) async throws -> [AccuracyRow] {
      var plan = AuditPlan(implementations: [Self.careless], cells: cells, threads: 2)
      plan.oracleTier = tier
      plan.settings.measuresConsequences = true
      return try await Audit(plan).run()
    }
    let filtered = try await rows(.filtered)
    let arbiter = try await rows(.mpfr)
    var all = MismatchKinds()
    for (a, b) in zip(filtered, arbiter) {
      #expect(a.certified == b.certified, "\(a.family)/\(a.length)")
      #expect((a.mismatchKinds?.total ?? 0) == a.mismatches)
      all.merge(a.mismatchKinds ?? MismatchKinds())
    }
    #expect(filtered.contains { ($0.zeros ?? 0) > 0 && $0.maxUlpSubnormal != nil })
    #expect(all.nan > 0 && all.infinite > 0 && all.negative > 0)
    #expect(all.masked > 0 && all.unwritten > 0)
  }

  @Test("Means of long lanes with large errors are those of MPFR")
  func largeErrors() async throws {
    let families = LogitFamily.all.filter { $0.name == "normal-4" }
    let cells = AuditPlan.cells(
      families: families, formats: [.float32], lengths: [32_768], samples: 1)
    let names = ["logsumexp/sequential"]
    let filtered = try await rows(cells, names, tier: .filtered)
    // Beyond what 64 bits hold on a grid of 2^-40 ulp.
    #expect(filtered.allSatisfy { ($0.meanUlp?.value ?? 0) * 32_768 > 0x1p23 })
    expectAgreement(filtered, try await rows(cells, names, tier: .mpfr))
  }

  @Test("Outputs of another format than the logits are judged alike")
  func otherOutputs() async throws {
    for (input, output) in [
      (FloatFormat.bfloat16, FloatFormat.float32), (.float32, .float16), (.float32, .float64),
      (.float64, .float32),
    ] {
      let cells = AuditPlan.cells(
        families: LogitFamily.all, formats: [input], lengths: [33], samples: 1)
      let names = ["max-trick/pairwise"]
      let filtered = try await rows(cells, names, output: output, tier: .filtered)
      let arbiter = try await rows(cells, names, output: output, tier: .mpfr)
      for (a, b) in zip(filtered, arbiter) {
        #expect(a.certified == b.certified, "\(input) \(output) \(a.family)")
      }
    }
  }

  @Test(
    "No certified figure depends on the dispatch level, and none on which of those with fused multiply-add it is",
    arguments: FloatFormat.allCases)
  func sameOnAllLevels(format: FloatFormat) async throws {
    let families = LogitFamily.all.filter { ["normal-4", "masked", "dust"].contains($0.name) }
    let cells = AuditPlan.cells(
      families: families, formats: [format], lengths: [2, 257, 1000], samples: 2)
    func figures(_ level: KernelLevel) async throws -> [AccuracyRow] {
      try await rows(cells, Self.names, tier: .filtered, level: level).map {
        var row = $0
        row.nsPerElement = nil
        return row
      }
    }
    let best = try await figures(.best)
    for level in KernelLevel.available.dropLast() {
      let rows = try await figures(level)
      if level.isFused { #expect(rows == best, "\(level.name)") }
      expectAgreement(rows, best)
    }
  }

  @Test("The filters leave next to nothing of ordinary lanes to MPFR")
  func fallbacks() async throws {
    let families = LogitFamily.all.filter { $0.name.hasPrefix("normal-") }
    #expect(!families.isEmpty)
    for format in FloatFormat.allCases {
      let cells = AuditPlan.cells(
        families: families, formats: [format], lengths: [1000], samples: 8)
      for row in try await rows(cells, ["max-trick/compensated"], tier: .filtered) {
        #expect(row.oracleFallbacks == 0, "\(row.family) \(format)")
      }
    }
  }

  // MARK: Other operations

  /// An operation that has a filter, with the label smoothing of its loss.
  struct FilteredOperation: Sendable, CustomTestStringConvertible {
    let operation: AuditedOperation
    var smoothing: Double?

    var testDescription: String {
      operation.name + (smoothing.map { ", label smoothing \($0)" } ?? "")
    }

    /// Some of the built-in variants.
    var variants: [any SoftmaxImplementation] {
      let all = BuiltInImplementation.all(of: operation)
      return stride(from: 0, to: all.count, by: max(1, all.count / 3)).map { all[$0] }
    }
  }

  private static let operations: [FilteredOperation] =
    [
      .logSoftmax, .logSumExp, .crossEntropy, .crossEntropyVJP, .softmaxVJP, .softmaxBackward,
      .logSoftmaxVJP,
    ].map { FilteredOperation(operation: $0) } + [
      FilteredOperation(operation: .crossEntropy, smoothing: 0.1),
      FilteredOperation(operation: .crossEntropyVJP, smoothing: 0.1),
    ]

  private func rows(
    _ cells: [AuditPlan.Cell], of operation: FilteredOperation, output: FloatFormat? = nil,
    tier: OracleTier
  ) async throws -> [AccuracyRow] {
    try await rows(
      cells, of: operation.variants, output: output, tier: tier, smoothing: operation.smoothing)
  }

  @Test(
    "Figures of other operations are the same in both tiers too",
    arguments: operations, [FloatFormat.float16, .bfloat16, .float32])
  func sameFiguresOfOperations(_ tested: FilteredOperation, format: FloatFormat) async throws {
    let cells = AuditPlan.cells(
      families: LogitFamily.all, formats: [format], lengths: [0, 1, 2, 40], samples: 1)
    let filtered = try await rows(cells, of: tested, tier: .filtered)
    let arbiter = try await rows(cells, of: tested, tier: .mpfr)
    expectAgreement(filtered, arbiter)
    #expect(filtered.allSatisfy { $0.operation == tested.operation && $0.undecided == 0 })
  }

  /// Those that have a filter in double-double.
  private static let pairOperations = operations.filter {
    FilteredOperationLane.servesPairs($0.operation)
  }

  @Test("In float64 they are the same where there is a filter in double-double")
  func sameFiguresInPairs() async throws {
    #expect(Self.pairOperations.count == 4)
    for tested in Self.pairOperations {
      let cells = AuditPlan.cells(
        families: LogitFamily.all, formats: [.float64], lengths: [1, 2, 40], samples: 1)
      let filtered = try await rows(cells, of: tested, tier: .filtered)
      expectAgreement(filtered, try await rows(cells, of: tested, tier: .mpfr))
      #expect(filtered.allSatisfy { $0.operation == tested.operation && $0.undecided == 0 })
    }
  }

  @Test("Outputs of another format than the logits are judged alike in other operations")
  func otherOutputsOfOperations() async throws {
    for operation in Self.operations {
      for (input, output) in [
        (FloatFormat.bfloat16, FloatFormat.float32), (.float32, .float16), (.float32, .float64),
      ] where output != .float64 || FilteredOperationLane.servesPairs(operation.operation) {
        let cells = AuditPlan.cells(
          families: LogitFamily.all, formats: [input], lengths: [33], samples: 1)
        let filtered = try await rows(cells, of: operation, output: output, tier: .filtered)
        let arbiter = try await rows(cells, of: operation, output: output, tier: .mpfr)
        expectAgreement(filtered, arbiter)
      }
    }
  }

  /// Outputs of every kind in place of those of an operation.
  private static func careless<F: BinaryFloat>(
    _ operation: AuditedOperation, as format: F.Type
  ) -> LaneFunction<F> {
    LaneFunction(
      "careless", of: operation,
      ofInputs: { lane in
        let logits = lane.first.map { $0.exactDouble }
        let top = logits.max() ?? 0
        let weights = logits.map { Double.exp($0 - top) }
        let sum = weights.reduce(0, +)
        let target = lane.target ?? 0
        let upstream = lane.upstream.map { $0.exactDouble }
        let spread = lane.labelSmoothing / Double(max(logits.count, 1))
        func centred(_ shares: [Double]) -> [Double] {
          let mean = zip(shares, upstream).reduce(0) { $0 + $1.0 * $1.1 }
          return zip(shares, upstream).map { $0 * ($1 - mean) }
        }
        let good: [Double] =
          switch operation {
          case .logSoftmax: logits.map { $0 - top - Double.log(sum) }
          case .logSumExp: [top + Double.log(sum)]
          case .crossEntropy:
            [
              (1 - lane.labelSmoothing) * (top - logits[target])
                + logits.reduce(Double.log(sum)) { $0 + spread * (top - $1) }
            ]
          case .softmaxVJP: centred(weights.map { $0 / sum })
          case .softmaxBackward: centred(logits)
          case .logSoftmaxVJP:
            zip(weights, upstream).map { $1 - $0 / sum * upstream.reduce(0, +) }
          default:
            weights.indices.map {
              weights[$0] / sum - spread - ($0 == target ? 1 - lane.labelSmoothing : 0)
            }
          }
        // Lanes of one output differ in their number.
        let shift = logits.first.map { abs($0) < 1e9 ? Int(abs($0) * 1000) % 13 : 0 } ?? 0
        return good.enumerated().map { index, value in
          let y = F(rounding: value)
          // Between the least subnormal number and the least normal one.
          let small = F.format.leastNormal * 0x1.6p-14
          return switch (index + shift) % 13 {
          case 2: y.nextUp
          case 3: F(rounding: .nan)
          case 4: F(rounding: -value)
          case 5: F(rounding: .infinity)
          case 6: F(rounding: -.infinity)
          case 7: F.outputFill
          case 8: F.zero
          case 9: F(rounding: -0.0)
          case 10: F(rounding: value * 1e20)
          case 11: F(rounding: index % 2 == 0 ? small : -small)
          case 12: F(rounding: value * F.format.greatestFinite.squareRoot())
          default: y
          }
        }
      })
  }

  @Test("Whatever the outputs of other operations are, both tiers judge them alike")
  func sameKindsOfOperations() async throws {
    try await expectSameKinds(Self.operations, as: Float.self)
    try await expectSameKinds(Self.pairOperations, as: Double.self)
  }

  private func expectSameKinds<F: BinaryFloat>(
    _ operations: [FilteredOperation], as format: F.Type
  ) async throws {
    for tested in operations {
      let cells = AuditPlan.cells(
        families: LogitFamily.all, formats: [F.format], lengths: [1, 2, 17, 270], samples: 1)
      let careless: [any SoftmaxImplementation] = [
        Self.careless(tested.operation, as: F.self)
      ]
      let filtered = try await rows(
        cells, of: careless, tier: .filtered, smoothing: tested.smoothing)
      let arbiter = try await rows(cells, of: careless, tier: .mpfr, smoothing: tested.smoothing)
      for (a, b) in zip(filtered, arbiter) {
        let isSame = a.certified == b.certified
        #expect(isSame, "\(tested.testDescription) \(a.family)/\(a.length)")
      }
      #expect(filtered.contains { $0.mismatches > 0 } && filtered.contains { ($0.zeros ?? 0) > 0 })
    }
  }

  @Test("The filters of other operations leave next to nothing of ordinary lanes to MPFR")
  func fallbacksOfOperations() async throws {
    let families = LogitFamily.all.filter { $0.name == "normal-4" }
    for operation in Self.operations {
      let hasPairs = Self.pairOperations.contains { $0.operation == operation.operation }
      for format in FloatFormat.allCases
      where format != .float64 || hasPairs {
        let cells = AuditPlan.cells(
          families: families, formats: [format], lengths: [1000], samples: 2)
        for row in try await rows(cells, of: operation, tier: .filtered) {
          // Products of stored numbers of few bits lie halfway between two outputs now and then.
          let isRational = operation.operation == .softmaxBackward && format != .float32
          let most = isRational ? row.elements / 20 : 0
          #expect(
            row.oracleFallbacks <= most, "\(row.operation) \(row.implementation) \(format)")
        }
      }
    }
  }
}
