/// Signs that results below the normal range are flushed to zero.
extension AccuracyRow {
  /// Whether flushed results have the largest error below the normal range: with those accepted,
  /// less than a quarter of it is left.
  package var flushesLargestError: Bool {
    guard let strict = maxUlpSubnormal?.value, let forgiving = maxUlpFlushToZero?.value else {
      return false
    }
    return forgiving < strict / 4
  }

  /// Whether results below the normal range are known to be kept: there are some, and no output is
  /// a zero.
  package var keepsSubnormalResults: Bool { maxUlpSubnormal != nil && self.zeros == 0 }
}
