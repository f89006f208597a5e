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

  /// A cause that outputs show, as a clause.
  static func words(for cause: Violation.Cause) -> String {
    switch cause {
    case .flushed:
      "usually: results below the normal range are flushed to zero; declaring underflow as flush accepts that where it is meant"
    case .unwritten:
      "usually: a tail, a lane or a block is left out: nothing was written where the output is"
    case .vanished:
      "usually: the sum overflows, or every exponential underflows because the maximum is not subtracted"
    case .leftOut:
      "usually: the lane is left out: zeros stand where its outputs are, and nothing in it can overflow or vanish"
    case .notIgnored:
      "usually: the target that is ignored is taken for a class, or its lane is not set to 0"
    case .history:
      "usually: a cache or plan that is looked up by too little; or scratch memory that threads or calls share; or memory that nobody set"
    }
  }

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
