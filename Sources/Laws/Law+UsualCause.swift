import AuditRecords

extension Law {
  /// The defects that usually break the law, as a clause; `nil` where it catches no known class.
  private var usualCause: String? {
    guard !catches.isEmpty else { return nil }
    let causes = catches.prefix(3).map { cause in
      cause.summary.prefix(1).lowercased() + cause.summary.dropFirst()
    }
    return "usually: " + causes.joined(separator: "; or ")
  }

  /// The usual cause of a zero in the place of a result below the normal range.
  static let flushing =
    "usually: results below the normal range are flushed to zero; declaring underflow as flush accepts that where it is meant"

  /// The usual cause of a failure.
  ///
  /// - Returns: `nil` where nothing failed, and where a call brought no answer: the defects that
  ///   the law usually catches say nothing of that.
  func usualCause(of row: PropertyRow) -> String? {
    guard row.verdict == .failed || row.verdict == .waived,
      UnansweredCall.sentence(in: row.reason ?? "") == nil
    else { return nil }
    return usualCause
  }
}
