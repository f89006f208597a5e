extension AccuracyRow {
  /// Whether something in the row is wrong by how it was judged: exit status 1.
  ///
  /// - Parameter judging: How the row was judged; nil stands for its bound and its domain alone.
  public func isFailure(under judging: MeasurementJudging?) -> Bool {
    guard judging?.judge != .nothing else { return false }
    return isFailure || exceeds(judging?.maxUlp)
  }

  /// Whether an error in the normal range is larger than a limit; never where there is none.
  public func exceeds(_ maxUlp: Figure?) -> Bool {
    guard let limit = maxUlp?.value, let largest = self.maxUlp?.value else { return false }
    return !(largest <= limit)
  }

  /// Whether an error is larger than its bound.
  public var exceedsBound: Bool { bound?.maxRatio.map { !($0.value <= 1) } ?? false }

  /// The outputs that should be judged and have no bound: no softmax of lanes so long has one.
  public var withoutBound: UInt64 {
    guard let bound, bound.model == MeasurementJudging.undeclared else { return 0 }
    return bound.outsideDomain
  }

  /// Whether the errors of the row were compared with something: a bound, or a limit.
  ///
  /// A row without a single error, all of whose lanes are special or empty, lacks nothing.
  ///
  /// - Parameter judging: How the row was judged; nil stands for its bound and its domain alone.
  public func isJudged(under judging: MeasurementJudging?) -> Bool {
    guard judging?.judge != .nothing else { return false }
    return judging?.maxUlp != nil || finitePairs == 0 || bound?.maxRatio != nil
  }
}
