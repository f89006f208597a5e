import AuditRecords
import AuditedOperations

extension WorstCaseSearch {
  /// The findings of the search with the commands that show them again; where a call brought no
  /// answer, the reason.
  ///
  /// - Parameters:
  ///   - command: The command of the search.
  ///   - progress: Called after each island, from any thread, with the number of islands done.
  package func row(
    command: ReplayCommandLine,
    progress: @escaping @Sendable (_ done: Int) -> Void = { _ in }
  ) async throws -> SearchRow {
    var row: SearchRow
    do {
      row = try await run { done, _ in progress(done) }
    } catch let failure as CallFailure {
      row = emptyRow
      row.failure = "\(failure.kind.rawValue): \(failure.explanation)"
    }
    for place in [\SearchRow.found, \.mismatch] {
      guard let genome = row[keyPath: place]?.genome else { continue }
      row[keyPath: place]?.replay =
        command.adding("--replay", GenomeToken.text(of: genome)).text
    }
    return row
  }
}
