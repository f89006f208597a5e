import FloatFormats
import Oracle
import Testing

@testable import AuditRecords
@testable import AuditedOperations
@testable import ErrorMeasurement

/// Figures of consequences against those of mpmath with 600 bits, rounded up to 30 bits.
@Suite("Consequences of errors")
struct ConsequencesTests {
  /// A lane with its figures.
  struct Case: Sendable, CustomTestStringConvertible {
    var name: String
    var operation: AuditedOperation
    var format: FloatFormat
    var logits: [Double]
    var outputs: [Double]
    var variation: Double
    var divergence: Double
    var likely: Int
    var outside: Int
    var rounded: Int

    init(
      _ name: String, _ operation: AuditedOperation, _ format: FloatFormat, _ logits: [Double],
      _ outputs: [Double], variation: Double, divergence: Double, likely: Int, outside: Int,
      rounded: Int
    ) {
      (self.name, self.operation, self.format) = (name, operation, format)
      (self.logits, self.outputs) = (logits, outputs)
      (self.variation, self.divergence) = (variation, divergence)
      (self.likely, self.outside, self.rounded) = (likely, outside, rounded)
    }

    var testDescription: String { name }
  }

  static let cases = [
    Case(
      "Rounded to three digits", .softmax, .float32,
      [0x1p0, 0x1p1, 0x1.8p1],
      [0x1.70a3d8p-4, 0x1.f5c29p-3, 0x1.547ae2p-1],
      variation: 0x1.1cb546b8p-12, divergence: 0x1.6c1e42bp-23, likely: 3, outside: 0, rounded: 0),
    Case(
      "Correctly rounded", .softmax, .float32,
      [0x1p-1, -0x1.4p0, 0x1p1, 0x1.99999ap-4],
      [0x1.43c12p-3, 0x1.c214a2p-6, 0x1.6abddap-1, 0x1.b209c2p-4],
      variation: 0x1.28834018p-26, divergence: 0x1.600000b8p-26, likely: 4, outside: 0, rounded: 0),
    Case(
      "Off by factors", .softmax, .float32,
      [0, -0x1p0, -0x1.4p2, -0x1.4p4],
      [0x1.ccccccp-1, 0x1.99999ap-5, 0x1.47ae14p-5, 0x1.197998p-40],
      variation: 0x1.b373c32p-3, divergence: 0x1.22a85e8p-2, likely: 3, outside: 3, rounded: 0),
    Case(
      "More than 1 in all", .softmax, .float32,
      [0x1p0, 0x1p1, 0x1.8p1],
      [0x1.99999ap-4, 0x1p-2, 0x1.570a3ep-1],
      variation: 0x1.47ae28p-7, divergence: -0x1.3e0f0a3p-6, likely: 3, outside: 3, rounded: 0),
    Case(
      "Correctly rounded logarithms", .logSoftmax, .float32,
      [0x1p-1, -0x1.4p0, 0x1p1, 0x1.99999ap-4],
      [-0x1.d839ecp0, -0x1.cc1cf6p1, -0x1.60e7bp-2, -0x1.1f502ap1],
      variation: 0x1.6536b42p-27, divergence: -0x1.a99f5518p-29, likely: 4, outside: 0, rounded: 0),
    Case(
      "Logarithms off by hundredths", .logSoftmax, .float32,
      [0x1p0, 0x1p1, 0x1.8p1],
      [-0x1.3p1, -0x1.6p0, -0x1.cp-2],
      variation: 0x1.f6c8943p-7, divergence: 0x1.25fb323p-7, likely: 3, outside: 3, rounded: 0),
    Case(
      "Logarithms off by units", .logSoftmax, .float32,
      [0, -0x1p0, -0x1.4p2, -0x1.4p4],
      [-0x1p-1, -0x1p0, -0x1.2p3, 0x1.ep4],
      variation: 0x1.370470bp42, divergence: 0x1.0aee7828p-4, likely: 3, outside: 3, rounded: 0),
    Case(
      "Off by a few thousandths in bfloat16", .softmax, .bfloat16,
      [
        -0x1.8ap-1, 0x1.88p0, -0x1.5cp-1, -0x1.e4p-1, -0x1.66p1, -0x1.48p-1, 0x1.aap1, 0x1.46p0,
        0x1.8ep1, 0x1.7ep-1, 0x1.3p0, 0x1.1cp-1, -0x1.4p2, 0x1.48p1, 0x1.84p0, 0x1.8p0,
        -0x1.44p2, -0x1.4ep2, -0x1.56p1, -0x1.68p0, 0x1.d6p-1, -0x1.1ap-3, 0x1.9p0, -0x1.eep0,
      ],
      [
        0x1.34p-8, 0x1.8p-5, 0x1.52p-8, 0x1.04p-8, 0x1.44p-11, 0x1.6p-8, 0x1.24p-2, 0x1.2ap-5,
        0x1.d4p-3, 0x1.5ep-6, 0x1.1p-5, 0x1.22p-6, 0x1.2p-14, 0x1.0ep-3, 0x1.7cp-5, 0x1.76p-5,
        0x1.0ep-14, 0x1.cep-15, 0x1.72p-11, 0x1.48p-9, 0x1.ap-6, 0x1.22p-7, 0x1.8ep-5,
        0x1.84p-10,
      ],
      variation: 0x1.486f994p-10, divergence: -0x1.2e3fc08p-11, likely: 24, outside: 15, rounded: 10
    ),
    Case(
      "Correctly rounded logarithms in bfloat16", .logSoftmax, .bfloat16,
      [
        -0x1.8ap-1, 0x1.88p0, -0x1.5cp-1, -0x1.e4p-1, -0x1.66p1, -0x1.48p-1, 0x1.aap1, 0x1.46p0,
        0x1.8ep1, 0x1.7ep-1, 0x1.3p0, 0x1.1cp-1, -0x1.4p2, 0x1.48p1, 0x1.84p0, 0x1.8p0,
        -0x1.44p2, -0x1.4ep2, -0x1.56p1, -0x1.68p0, 0x1.d6p-1, -0x1.1ap-3, 0x1.9p0, -0x1.eep0,
      ],
      [
        -0x1.56p2, -0x1.88p1, -0x1.52p2, -0x1.62p2, -0x1.d8p2, -0x1.4ep2, -0x1.42p0, -0x1.a8p1,
        -0x1.7ap0, -0x1.ecp1, -0x1.b4p1, -0x1.02p2, -0x1.32p3, -0x1.04p1, -0x1.8ap1, -0x1.8cp1,
        -0x1.34p3, -0x1.3ap3, -0x1.dp2, -0x1.8p2, -0x1.d6p1, -0x1.2ep2, -0x1.84p1, -0x1.a2p2,
      ],
      variation: 0x1.bc78b8c8p-10, divergence: 0x1.f8b22ccp-10, likely: 24, outside: 19, rounded: 19
    ),
  ]

  /// Measures lanes of one length and operation by MPFR and, for softmax, through the filters.
  private struct Measuring: FormatGenericWork {
    let lanes: [(logits: [Double], outputs: [Double])]
    let operation: AuditedOperation

    func run<F: BinaryFloat>(_ format: F.Type) throws -> [AccuracyRow] {
      let oracle = SoftmaxOracle()
      let outputs = lanes.map { $0.outputs.map { F(rounding: $0) } }
      let logits = lanes.map { $0.logits.map { F(rounding: $0) } }
      var statistics = AccuracyStatistics()
      var measurement = LaneMeasurement(oracle: oracle)
      let references = lanes.map {
        oracle.reference(of: OperationLane(operation, exactly: $0.logits), in: F.format)
      }
      for (lane, reference) in references.enumerated() {
        measurement.measure(
          outputs[lane], lane: lane, reference: reference, policy: .nanSomewhere, promise: .none,
          into: &statistics)
      }
      ConsequenceMeasurement(LazyLanes(references), oracle: oracle)
        .measure(EncodedLanes(outputs), into: &statistics)
      var rows = [try row(statistics, format)]
      guard operation == .softmax else { return rows }
      let filtered = LazyLanes(count: logits.count) {
        FilteredLane(EncodedLane(logits[$0]), in: F.format, oracle: oracle)
      }
      var byFilter = FilteredMeasurement(lanes: FilteredLanes(filtered), oracle: oracle)
      statistics = byFilter.measure(
        EncodedLanes(outputs), policy: .nanSomewhere,
        promises: LanePromises(lanes.map { _ in .none }))
      ConsequenceMeasurement(filtered, oracle: oracle)
        .measure(EncodedLanes(outputs), into: &statistics)
      rows.append(try row(statistics, format))
      return rows
    }

    private func row<F: BinaryFloat>(
      _ statistics: AccuracyStatistics, _ format: F.Type
    ) throws -> AccuracyRow {
      try AccuracyRow(
        implementation: "i", operation: operation, inputFormat: F.format, outputFormat: F.format,
        family: "f", geometry: LaneGeometry(shape: [lanes.count, lanes[0].logits.count], axis: 1),
        statistics: statistics, bound: nil, nsPerElement: nil, worst: nil)
    }
  }

  private func rows(
    _ lanes: [(logits: [Double], outputs: [Double])], _ operation: AuditedOperation = .softmax,
    in format: FloatFormat = .float32
  ) throws -> [AccuracyRow] {
    try format.open(Measuring(lanes: lanes, operation: operation))
  }

  @Test("Are those of mpmath, by MPFR and through the filters", arguments: cases)
  func figures(_ one: Case) throws {
    for row in try rows([(one.logits, one.outputs)], one.operation, in: one.format) {
      #expect(row.figures[.maxTotalVariation] == Figure(one.variation))
      #expect(row.figures[.maxKL] == Figure(one.divergence))
      #expect(row.likelyPairs == UInt64(one.likely))
      #expect(row.figures[.outsideBand] == Figure(Double(one.outside) / Double(one.likely)))
      #expect(row.figures[.outsideBandRounded] == Figure(Double(one.rounded) / Double(one.likely)))
      #expect(row.figures[.klInfinite] == 0.0 && row.undecided == 0)
      let variation = try #require(row.figures[.meanTotalVariation]?.value)
      #expect(abs(variation - one.variation) <= 1e-6 * one.variation)
    }
  }

  @Test("An output of 0 makes the divergence infinite; one that no rounding explains is lost")
  func zeros() throws {
    // e^-10, e^-103.9 = 7.5e-46 and e^-110 = 1.7e-48, beside eta / 2 = 7.0e-46; the last lane is
    // exact.
    let lanes: [(logits: [Double], outputs: [Double])] = [
      ([0, -10], [1, 0]), ([0, -103.9], [1, 0]), ([0, -110], [1, 0]), ([0, -.infinity], [1, 0]),
    ]
    for row in try rows(lanes) {
      #expect(row.figures[.klInfinite] == 3.0 && row.figures[.klLost] == 2.0)
      #expect(row.figures[.maxKL] == 0.0 && row.undecided == 0)
      // e^-10 is the only likely value that is far away.
      #expect(row.likelyPairs == 5 && row.figures[.outsideBand] == Figure(0.2))
    }
    let logarithms = try rows(
      [([0, -10], [0, -.infinity]), ([0, -10], [0, -10])], .logSoftmax)[0]
    #expect(logarithms.figures[.klInfinite] == 1.0 && logarithms.figures[.klLost] == 1.0)
  }

  @Test("The arg-max flips where no position of the largest output holds the largest logit")
  func flips() throws {
    let lanes: [(logits: [Double], outputs: [Double])] = [
      ([2, 1], [0.25, 0.75]), ([2, 1], [0.5, 0.5]), ([1, 1], [0.25, 0.75]),
      ([1, 2], [0.25, 0.75]),
    ]
    for row in try rows(lanes) { #expect(row.figures[.argmaxFlips] == 1.0) }
    let logarithms = try rows([([2, 1], [-1, -0.5]), ([2, 1], [-0.5, -1])], .logSoftmax)[0]
    #expect(logarithms.figures[.argmaxFlips] == 1.0)
  }

  @Test("Divergences that are 0 by algebra are 0, and what next to nothing keeps apart is decided")
  func algebra() throws {
    // ln(1/2 / (1/4)) / 2 + ln(1/2 / 1) / 2 = 0.
    for row in try rows([([7, 7], [0.25, 1])]) {
      #expect(row.figures[.maxKL] == 0.0 && row.undecided == 0)
    }
    // Exactly rounded probabilities of three: ln(1/3 / fl(1/3)) = -ln(1 + 2^-25), which is just
    // above -2^-25.
    let third = 0x1.555556p-2
    for row in try rows([([0, 0, 0], [third, third, third])]) {
      #expect(row.figures[.maxKL] == Figure(-0x1.ffffff8p-26) && row.undecided == 0)
    }
    // It is negative, and beyond all figures: 10^30 e^(-10^30).
    for row in try rows([([0, -1e30], [1, 0x1p-149])]) {
      #expect(row.figures[.maxKL] == 0.0 && row.undecided == 0)
    }
    // p is e^-727 beside 1, and the second output is an eighth of the least number off.
    let lane = [0, -0x1.6b8f6d1e7666dp+9]
    for row in try rows([(lane, [1, 0x1.fb5964p-1050])], in: .float64) {
      #expect(row.undecided == 0 && row.figures[.maxKL] == Figure(-0x1.fb5963p-1050))
    }
  }

  @Test("A lane with a mismatch has none, and one that is not asked for has no figures")
  func absent() throws {
    let row = try rows([([0, 0], [.nan, 1])])[0]
    #expect(row.figures[.argmaxFlips] == nil && row.likelyPairs == nil)
  }
}
