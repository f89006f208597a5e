import AuditRecords

extension MarkdownReport {
  /// A column of the table of accuracy.
  struct Column {
    let name: String
    let text: (AccuracySummary) -> String

    /// The columns under a heading, by the leading figure of its operation.
    ///
    /// Of what is no distribution there are no zeros of positive values, norms and sums.
    static func all(for leading: FigureDescriptor) -> [Column] {
      if leading == .maxSteps { return ofSteps }
      let isOfUlp = leading == .maxUlp
      let mean: FigureDescriptor = isOfUlp ? .meanUlp : .meanScaled
      let largest = [
        Column(name: "verdict") { $0.standing.word },
        Column(name: isOfUlp ? "largest found" : "largest scaled") {
          FigureText.maximum($0[leading])
        },
        Column(name: "at") { MarkdownText.escaped($0.placeOfMaximum ?? "-") },
        Column(name: "ordinary") { FigureText.maximum($0.ordinary[leading]) },
        Column(name: isOfUlp ? "mean" : "mean scaled") { FigureText.statistic($0[mean]) },
      ]
      let inUlp = [
        Column(name: "largest ULP") { FigureText.maximum($0.maxUlp) },
        Column(name: "mean ULP") { FigureText.statistic($0.meanUlp) },
      ]
      let rounding = [
        Column(name: "correctly rounded %") { FigureText.share($0.correctlyRounded) },
        Column(name: "faithful %") { FigureText.share($0.faithful) },
      ]
      let distribution = [
        Column(name: "zeros %") { FigureText.share($0.zeros) },
        Column(name: "max subnormal") { FigureText.maximum($0.maxUlpSubnormal) },
        Column(name: "max-norm") { FigureText.maximum($0.maxNormUlp) },
        Column(name: "max abs(sum - 1)") { FigureText.maximum($0.maxSumError) },
      ]
      let judgement = [
        Column(name: "part of bound") { FigureText.ratio($0.maxRatio) },
        Column(name: "mismatches") { FigureText.count($0.mismatches) },
        Column(name: "no bound %") { summary in
          FigureText.share(
            summary.elements > 0
              ? Double(summary.outsideDomain) / Double(summary.elements) : 0)
        },
        Column(name: "ns") { FigureText.statistic($0.nsPerElement) },
      ]
      return largest + (isOfUlp ? [] : inUlp) + rounding + (isOfUlp ? distribution : [])
        + judgement
    }

    /// The columns of quantised outputs.
    private static var ofSteps: [Column] {
      [
        Column(name: "verdict") { $0.standing.word },
        Column(name: "largest steps") { FigureText.maximum($0[.maxSteps]) },
        Column(name: "at") { MarkdownText.escaped($0.placeOfMaximum ?? "-") },
        Column(name: "mean steps") { FigureText.statistic($0[.meanSteps]) },
        Column(name: "mean signed steps") { FigureText.statistic($0[.meanSignedSteps]) },
        Column(name: "correctly rounded %") { FigureText.share($0.correctlyRounded) },
        Column(name: "faithful %") { FigureText.share($0.faithful) },
        Column(name: "zeros %") { FigureText.share($0.zeros) },
        Column(name: "max abs(sum - 1)") { FigureText.maximum($0.maxSumError) },
        Column(name: "part of bound") { FigureText.ratio($0.maxRatio) },
        Column(name: "mismatches") { FigureText.count($0.mismatches) },
      ]
    }
  }
}
