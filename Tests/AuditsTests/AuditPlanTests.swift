import FloatFormats
import TestSupport
import Testing

@testable import Audits
@testable import LogitFamilies

@Suite("Plans of audits")
struct AuditPlanTests {
  @Test("Cells are the formats, each with the families that apply, each with its lengths")
  func cells() throws {
    let families = try ["normal-1", "dust-float32", "constant"].map { try LogitFamily.named($0) }
    let cells = AuditPlan.cells(
      families: families, formats: [.bfloat16, .float32], lengths: [3, 0], samples: 2)
    let described = cells.map { cell -> String in
      guard case .family(let family, let length, let samples) = cell.source else { return "" }
      return "\(cell.format) \(family.name) \(length) \(samples)"
    }
    #expect(
      described == [
        "bfloat16 normal-1 3 2", "bfloat16 normal-1 0 2", "bfloat16 dust-float32 3 2",
        "bfloat16 dust-float32 0 2", "bfloat16 constant 3 2", "bfloat16 constant 0 2",
        "float32 normal-1 3 2", "float32 normal-1 0 2", "float32 constant 3 2",
        "float32 constant 0 2",
      ])
  }

  @Test("Where no lengths are asked for, families that separate summations go on to long lanes")
  func defaultLengths() throws {
    func lengths(_ name: String) throws -> [Int] {
      let families = [try LogitFamily.named(name)]
      return AuditPlan.cells(families: families, formats: [.float64], lengths: nil, samples: nil)
        .compactMap { cell in
          guard case .family(_, let length, let samples) = cell.source else { return nil }
          #expect(samples == AuditPlan.defaultSamples(length: length))
          return length
        }
    }
    #expect(try lengths("normal-1") == AuditPlan.shortLengths)
    #expect(try lengths("dust") == AuditPlan.shortLengths + AuditPlan.longLengths)
    let swept = try lengths("normal-4")
    #expect(swept == swept.sorted() && Set(swept).count == swept.count)
    let powers = (3...17).map { 1 << $0 }
    #expect(Set(swept).isSuperset(of: [0, 1, 2, 3, 4] + powers.flatMap { [$0 - 1, $0, $0 + 1] }))
  }

  @Test(
    "A cell has up to 64 lanes, fewer where they are long, and one at least",
    arguments: [(0, 64), (1, 64), (256, 64), (257, 63), (1000, 16), (16_384, 1), (131_072, 1)])
  func defaultSamples(length: Int, samples: Int) {
    #expect(AuditPlan.defaultSamples(length: length) == samples)
  }
}
