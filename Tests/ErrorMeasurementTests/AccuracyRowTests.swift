import FloatFormats
import Foundation
import Testing

@testable import AuditRecords
@testable import AuditedOperations
@testable import ErrorMeasurement

@Suite("Rows of an audit")
struct AccuracyRowTests {
  @Test("A row fails by a mismatch in the domain, or by a ratio that is not at most 1")
  func failures() throws {
    func row(
      mismatches: UInt64 = 0, inDomain: UInt64 = 0, ratio: Double? = nil, model: String? = "m"
    )
      throws -> AccuracyRow
    {
      var statistics = AccuracyStatistics()
      statistics.mismatches = mismatches
      statistics.mismatchesInDomain = inDomain
      if let ratio {
        statistics.ratios.normal.update(ratio, at: ElementLocation(lane: 0, index: 0))
      }
      return try AccuracyRow(
        implementation: "i", operation: .softmax, inputFormat: .float32, outputFormat: .float64,
        family: "f",
        geometry: LaneGeometry(shape: [2, 3], axis: 0), statistics: statistics,
        bound: model.map { .init(model: $0, statistics) { _ in nil } },
        nsPerElement: nil, worst: nil)
    }
    #expect(try !row().isFailure)
    #expect(try row(mismatches: 1, inDomain: 1).isFailure)
    #expect(try !row(mismatches: 1).isFailure)
    #expect(try !row(ratio: 1).isFailure && !row(ratio: 0).isFailure)
    #expect(try row(ratio: 1 + 0x1p-29).isFailure)
    #expect(try row(ratio: .infinity).isFailure && row(ratio: .nan).isFailure)
    #expect(try row(model: nil).bound == nil)
    let plain = try row()
    #expect(plain.inputFormat == .float32 && plain.outputFormat == .float64)
    #expect(plain.shape == [2, 3] && plain.axis == 0 && plain.length == 2)
    #expect(plain.maxUlp == nil && plain.meanUlp == nil && plain.correctlyRounded == nil)
    #expect(plain.p50Ulp == nil && plain.bound?.maxRatio == nil)
    let data = try JSONEncoder().encode(plain)
    #expect(try JSONDecoder().decode(AccuracyRow.self, from: data) == plain)
  }

  @Test("Shares, means and percentiles of a row come from its statistics")
  func summaries() throws {
    var statistics = AccuracyStatistics()
    statistics.finitePairs = 8
    statistics.correctlyRounded = 3
    statistics.faithful = 6
    statistics.normalCount = 4
    // Errors +1, +2, -3 and 0 on the grid of 2^-40.
    for error in [1, 2] as [UInt64] { statistics.positive.add(error << 40) }
    statistics.negative.add(UInt64(3) << 40)
    for square in [1, 4, 9] as [UInt128] { statistics.squares.add(square << 80) }
    for error in [0, 1, 2, 3] as [Double] { statistics.histogram.add(error) }
    let row = try AccuracyRow(
      implementation: "i", operation: .softmax, inputFormat: .float32, outputFormat: .float32,
      family: "f",
      geometry: LaneGeometry(shape: [8], axis: 0), statistics: statistics, bound: nil,
      nsPerElement: nil, worst: nil)
    #expect(row.correctlyRounded == 0.375 && row.faithful == 0.75)
    #expect(row.meanUlp == 1.5 && row.meanSignedUlp == 0.0)
    #expect(row.rmsUlp?.value == 3.5.squareRoot())
    #expect(row.p50Ulp?.value == 1 + 1.0 / 64)
    #expect(row.p95Ulp?.value == 3 + 1.0 / 32 && row.p99Ulp == row.p95Ulp)
  }
}
