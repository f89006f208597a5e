import Basics
import FloatFormats
import SoftmaxVariants
import Synchronization
import TestSupport
import Testing

@testable import AuditRecords
@testable import AuditedOperations
@testable import Audits
@testable import ErrorMeasurement
@testable import LogitFamilies

@Suite("Cells in parts")
struct CellPartsTests {
  private func rows(
    of implementations: [any SoftmaxImplementation], _ families: [String],
    formats: [FloatFormat], lengths: [Int], samples: Int, largestPart: Int?
  ) async throws -> [AccuracyRow] {
    var plan = AuditPlan(
      implementations: implementations,
      cells: AuditPlan.cells(
        families: try families.map { try LogitFamily.named($0) }, formats: formats,
        lengths: lengths, samples: samples))
    plan.largestPart = largestPart
    plan.settings.measuresConsequences = true
    plan.settings.judgesElsewhere = true
    return try await Audit(plan).run().map { row in
      var row = row
      row.nsPerElement = nil
      return row
    }
  }

  @Test("Every certified figure and witness is that of the cell as a whole")
  func sameFigures() async throws {
    let names = ["naive/sequential", "max-trick/compensated", "logsumexp"]
    let softmaxes: [any SoftmaxImplementation] =
      try names.map { BuiltInImplementation(try #require(SoftmaxVariant(named: $0))) }
    let others = [AuditedOperation.logSumExp, .crossEntropy, .softmaxVJP].compactMap {
      BuiltInImplementation.all(of: $0).first
    }
    for largest in [1, 40, 200] {
      let families = ["normal-4", "special", "dust"]
      let whole = try await rows(
        of: softmaxes + others, families, formats: [.float32, .float16], lengths: [1, 17],
        samples: 23, largestPart: 1 << 20)
      let parted = try await rows(
        of: softmaxes + others, families, formats: [.float32, .float16], lengths: [1, 17],
        samples: 23, largestPart: largest)
      #expect(whole.count > 20)
      // A part can need the next tier where the whole does not.
      expectAgreement(parted, whole)
    }
  }

  @Test("Wrong outputs are named by the part that they stand in")
  func wrongRecipe() async throws {
    let zeros = LaneFunction("zeros") { (logits: [Float]) in logits.map { _ in 0 } }
    for largest in [16, 1 << 20] {
      let rows = try await rows(
        of: [zeros], ["normal-4"], formats: [.float32], lengths: [8], samples: 40,
        largestPart: largest)
      #expect(rows.count == 1 && rows[0].lanes == 40)
      #expect(rows[0].resembles == "all zeros")
    }
  }

  @Test("No lanes are made once the time of the run is over")
  func timeIsOver() async throws {
    let made = Mutex(0)
    let counted = LogitFamily("counted", "Counts its lanes.", reach: { _, _ in 0 }) { request, _ in
      made.withLock { $0 += 1 }
      return Array(repeating: 0, count: request.length)
    }
    let plan = AuditPlan(
      implementations: [BuiltInImplementation(try #require(SoftmaxVariant(named: "max-trick")))],
      cells: AuditPlan.cells(
        families: [counted], formats: [.float32], lengths: [8], samples: 4))
    let late = try await RunDeadline.$current.withValue(RunDeadline(seconds: 0)) {
      try await Audit(plan).run()
    }
    #expect(late.map { $0.failure?.kind } == [.notMeasured])
    #expect(made.withLock { $0 } == 0)
    #expect(try await Audit(plan).run().map(\.lanes) == [4])
    #expect(made.withLock { $0 } == 4)
  }

  @Test("Parts hold all lanes once, in order, and sixteen for what comes from outside")
  func division() throws {
    let family = try LogitFamily.named("normal-1")
    for (length, samples) in [(0, 3), (1, 1), (1000, 64), (131_072, 50), (1 << 20, 40)] {
      let source = AuditPlan.Source.family(family, length: length, samples: samples)
      for isFromOutside in [false, true] {
        let parts = source.parts(isFromOutside: isFromOutside)
        #expect(parts.flatMap { Array($0) } == Array(0..<samples))
        if isFromOutside {
          #expect(parts.dropLast().allSatisfy { $0.count >= 16 })
        } else {
          #expect(parts.allSatisfy { $0.count == 1 || $0.count * length <= 1 << 18 })
        }
      }
    }
    // Whatever is audited by default is one call.
    for length in AuditPlan.shortLengths + AuditPlan.longLengths {
      let samples = AuditPlan.defaultSamples(length: length, isFromOutside: true)
      let source = AuditPlan.Source.family(family, length: length, samples: samples)
      #expect(source.parts(isFromOutside: true).count == 1)
    }
  }
}
