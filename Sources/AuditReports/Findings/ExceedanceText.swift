import AuditRecords
import AuditedOperations

/// Sentences about what is wrong in a row by how it was judged.
package struct ExceedanceText {
  private let judging: MeasurementJudging?

  /// - Parameter judging: How the rows were judged; nil where results do not say.
  package init(_ judging: MeasurementJudging?) { self.judging = judging }

  /// The sentence about a row that exceeded its bound: how often, by which element, and what the
  /// outputs look like.
  ///
  /// nil where the bound was kept, or there is none.
  package func sentence(about row: AccuracyRow) -> String? {
    guard row.exceedsBound, let bound = row.bound, let ratio = bound.maxRatio?.value else {
      return nil
    }
    var parts = [
      "judged by \(judge(bound.model, of: row.operation)): exceeded \(FigureText.ratio(ratio)) times"
    ]
    if let worst = bound.worst {
      parts.append(
        "lane \(worst.sample), index \(worst.index): computed "
          + (worst.steps.map { Self.words($0, worst.ulp) }
            ?? "\(worst.computed), exact \(Self.digits(worst.exact)), \(FigureText.maximum(worst.ulp.value)) ulp off")
      )
    }
    parts += remarks(row)
    return parts.joined(separator: "; ")
  }

  /// A quantised output beside the exact one.
  private static func words(_ steps: StepWitness, _ error: Figure) -> String {
    "\(steps.computed), exact \(steps.exact), so \(steps.rounded), "
      + "\(FigureText.maximum(error.value)) steps off"
  }

  /// Further remarks on a failing row: how far sums are off, and the recipe that outputs look like.
  package func remarks(_ row: AccuracyRow) -> [String] {
    var parts: [String] = []
    if let sum = row.maxSumError?.value, !(sum < 1e-3) {
      parts.append("sums are up to \(FigureText.maximum(sum)) off")
    }
    if let recipe = row.resembles { parts.append("these are \(recipe)") }
    return parts
  }

  /// By what a model judges implementations of an operation.
  func judge(_ model: String, of operation: AuditedOperation) -> String {
    guard model == MeasurementJudging.undeclared else { return "the bound of \(model)" }
    let sound = "what any sound \(operation) keeps to"
    return judging?.declare == "none" ? sound : sound + " (nothing is declared)"
  }

  /// The first digits of a decimal text.
  private static func digits(_ text: String) -> String {
    guard let exponent = text.firstIndex(of: "e") else { return text }
    return String(text[..<exponent].prefix(11) + text[exponent...])
  }
}
