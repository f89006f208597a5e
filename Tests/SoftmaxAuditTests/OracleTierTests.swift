import FloatFormats
import SoftmaxOracle
import SoftmaxVariants
import Testing

@testable import SoftmaxAudit

@Suite("Tiers of the oracle")
struct OracleTierTests {
  private func rows(
    _ cells: [AuditPlan.Cell], _ names: [String], output: FloatFormat? = nil, tier: OracleTier,
    level: KernelLevel = .best
  ) async throws -> [AccuracyRow] {
    let implementations = try names.map {
      BuiltInImplementation(try #require(SoftmaxVariant(named: $0)))
    }
    var plan = AuditPlan(
      implementations: implementations, cells: cells, outputFormat: output, threads: 2)
    plan.oracleTier = tier
    plan.kernelLevel = level
    return try await Audit(plan).run()
  }

  private static let names = [
    "naive/sequential", "max-trick/compensated", "max-trick/sequential/float32", "logsumexp",
    "online/lanes-8",
  ]

  /// The figures that may differ between tiers, taken out.
  private func certified(_ row: AccuracyRow) -> AccuracyRow {
    var row = row
    row.meanUlp = nil
    row.rmsUlp = nil
    row.meanSignedUlp = nil
    row.oracleFallbacks = 0
    row.nsPerElement = nil
    return row
  }

  private func isNear(_ a: Figure?, _ b: Figure?, scale: Figure?) -> Bool {
    guard let a, let b, let scale else { return a == nil && b == nil }
    return a == b || abs(a.value - b.value) <= 1e-6 * scale.value
  }

  /// Expects the same certified figures and percentiles, and means to six digits.
  private func expectAgreement(_ these: [AccuracyRow], _ those: [AccuracyRow]) {
    #expect(these.count == those.count && !these.isEmpty)
    for (a, b) in zip(these, those) {
      let name = "\(a.implementation) \(a.family)/\(a.length)"
      #expect(certified(a) == certified(b), "\(name)")
      #expect(isNear(a.meanUlp, b.meanUlp, scale: b.meanUlp), "\(name)")
      #expect(isNear(a.rmsUlp, b.rmsUlp, scale: b.rmsUlp), "\(name)")
      // Positive and negative errors cancel: six digits of what they were.
      #expect(isNear(a.meanSignedUlp, b.meanSignedUlp, scale: b.meanUlp), "\(name)")
    }
  }

  @Test(
    "Certified figures and percentiles are the same in both tiers, and means to six digits",
    arguments: FloatFormat.allCases)
  func sameFigures(format: FloatFormat) async throws {
    let cells = AuditPlan.cells(
      families: LogitFamily.all, formats: [format], lengths: [0, 1, 2, 17, 300], samples: 2)
    let filtered = try await rows(cells, Self.names, tier: .filtered)
    let arbiter = try await rows(cells, Self.names, tier: .mpfr)
    expectAgreement(filtered, arbiter)
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
        #expect(certified(a) == certified(b), "\(input) \(output) \(a.family)")
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
}
