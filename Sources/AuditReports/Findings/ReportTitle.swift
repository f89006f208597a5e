import AuditRecords
import AuditedOperations

extension ReportSources {
  /// The title of a report.
  var title: String {
    guard count == 1 else { return "Softmaxes side by side" }
    let operations = Set(sources.flatMap { $0.results.accuracy.map(\.operation) })
      .union(laws.map(\.row.operation))
    let operation = operations.count == 1 ? operations.first ?? .softmax : .softmax
    return "How wrong is this \(operation)?"
  }
}
