import AuditRecords

/// The figure by which reports compare implementations of an operation, and its words.
extension AccuracySummary {
  /// The figure that says how far the outputs are off, see `FigureDescriptor.leading(of:)`.
  ///
  /// Of quantised outputs the largest error in steps; the largest error in ULP where the results of
  /// an older version have no other.
  var leading: FigureDescriptor {
    if rows.contains(where: { $0.maxSteps != nil }) { return .maxSteps }
    let figure = FigureDescriptor.leading(of: operation)
    return rows.contains { $0.figures[figure] != nil } ? figure : .maxUlp
  }

  /// The leading figure of all rows together; nil where no row has it.
  var largest: Double? { self[leading] }

  /// The row with the largest leading figure, and its witness.
  var worstOfLeading: (row: AccuracyRow, witness: AccuracyRow.Witness)? {
    switch leading {
    case .maxScaled:
      rows.filter { $0.worstScaled != nil }
        .max { ($0.maxScaled?.value ?? 0) < ($1.maxScaled?.value ?? 0) }
        .flatMap { row in row.worstScaled.map { (row, $0) } }
    case .maxSteps:
      rows.filter { $0.worst?.steps != nil }
        .max { ($0.maxSteps?.value ?? 0) < ($1.maxSteps?.value ?? 0) }
        .flatMap { row in row.worst.map { (row, $0) } }
    default: worstRow.flatMap { row in row.worst.map { (row, $0) } }
    }
  }
}

extension Sequence<AccuracySummary> {
  /// The leading figure of summaries under one heading.
  var leading: FigureDescriptor { first { $0.leading != .maxUlp }?.leading ?? .maxUlp }

  /// The leading figures in words that follow "the largest error".
  var leadingWords: String {
    let steps = contains { $0.leading == .maxSteps }
    let others = contains { $0.leading != .maxSteps }
    let own =
      switch (contains { $0.leading == .maxUlp }, contains { $0.leading == .maxScaled }) {
      case (_, false): "in ULP"
      case (false, true): "as a scaled error"
      case (true, true): "in ULP for softmax, as a scaled error for other operations"
      }
    return !steps ? own : others ? "\(own), of quantised outputs in steps" : "in steps"
  }
}

extension FigureDescriptor {
  /// A leading figure as the title of an axis.
  var axisTitle: String { self == .maxUlp ? "largest error, ULP" : label }

  /// The kind of error in a word or two.
  var word: String {
    switch self {
    case .maxUlp: "ULP"
    case .maxSteps: "steps"
    default: "scaled error"
    }
  }

  /// The value of a leading figure in words.
  func words(_ value: Double?) -> String {
    let number = FigureText.maximum(value)
    return self == .maxScaled ? "scaled error \(number)" : "\(number) \(word)"
  }

  /// The meaning of a leading figure, as a clause of a legend.
  var legend: String {
    switch self {
    case .maxUlp: "max ulp: largest error found in the normal range"
    case .maxSteps:
      "steps: largest error found, in steps of the outputs, the exact value saturated like them"
    default:
      "scaled: largest error found, over u times the size of the terms, which is max(1, |exact|) for logarithms"
    }
  }
}
