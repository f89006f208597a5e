import AuditRecords
import FloatFormats
import Testing

@testable import AuditReports

@Suite("The table of tolerances and the faults that they let through")
struct ToleranceMatrixReportTests {
  @Test("The report counts what passes, and shows where each fault is noticed")
  func report() {
    let matrix = ToleranceMatrix(
      tolerances: ["numpy.allclose", "WebNN"],
      faulty: [
        .init(
          implementation: "no-maximum", format: .float32, bugClass: "C",
          answers: [.onOtherFamilies, .nowhere], ofAudit: .onOtherFamilies),
        .init(
          implementation: "halved", format: .float64, bugClass: "N",
          answers: [.onNormalLogits, nil], ofAudit: .onNormalLogits),
      ],
      sound: [
        .init(
          implementation: "max-trick", format: .float16, bugClass: nil,
          answers: [.onNormalLogits, .nowhere], ofAudit: .nowhere)
      ])
    #expect(
      ToleranceMatrixReport.render(matrix) == """
        Faulty softmaxes that a tolerance lets through, and sound ones that it rejects

                                             faulty normal logits all families     sound
        numpy.allclose                            2      1 (50 %)      0 (0 %)    1 of 1
        WebNN                                     1     1 (100 %)    1 (100 %)    0 of 1
        an audit of the same lanes                2      1 (50 %)      0 (0 %)    0 of 1

        What shows on no lane of its own (batches, layouts) is for the laws of 'check'.

        Fault by fault: noticed on normal logits (.), on other families alone (o),
        by no output (P, it passes), a tolerance not used for the format (-); sound
        ones last

                                                 numpy webnn audit
        C  no-maximum                                o     P     o
        N  halved                                    .     -     .
           max-trick                                 .     P     P

        """)
    #expect(!ToleranceMatrixReport.render(matrix, isShort: true).contains("Fault by fault"))
  }
}
