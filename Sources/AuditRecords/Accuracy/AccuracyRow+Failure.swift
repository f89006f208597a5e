extension AccuracyRow {
  /// Whether something in the row is wrong by how it was judged: exit status 1.
  ///
  /// - Parameter judging: How the row was judged; nil stands for its bound and its domain alone.
  package func isFailure(under judging: MeasurementJudging?) -> Bool {
    guard judging?.judge != .nothing else { return false }
    return isFailure || !exceededLimits(of: judging).isEmpty
  }

  /// The limits that an error of the row is larger than.
  package func exceededLimits(of judging: MeasurementJudging?) -> [MeasurementJudging.Limit] {
    (judging?.limits ?? []).filter { limit in
      self.figures[limit.figure].map { !($0.value <= limit.most) } ?? false
    }
  }

  /// Whether an error in the normal range is larger than a limit; never where there is none.
  public func exceeds(_ maxUlp: Figure?) -> Bool {
    guard let limit = maxUlp?.value, let largest = self.maxUlp?.value else { return false }
    return !(largest <= limit)
  }

  /// Whether an error is larger than its bound.
  public var exceedsBound: Bool { self.bound?.maxRatio.map { !($0.value <= 1) } ?? false }

  /// The outputs that should be judged and have no bound, which is no pass.
  ///
  /// No softmax of lanes so long has one, or the model has none there that somebody declared who is
  /// not this program.
  public var withoutBound: UInt64 {
    guard let bound = self.bound else { return 0 }
    return bound.model == MeasurementJudging.undeclared
      ? bound.outsideDomain : bound.notJudged ?? 0
  }

  /// The reason for the missing bound, in words that follow "because".
  public var reasonWithoutBound: String {
    guard let model = self.bound?.model, model != MeasurementJudging.undeclared else {
      return "lanes so long have no bound"
    }
    return "the declared \(model) has no bound on their lanes"
  }

  /// Whether the errors of the row were compared with something: a bound, or a limit.
  ///
  /// A row without a single error, all of whose lanes are special or empty, lacks nothing.
  ///
  /// - Parameter judging: How the row was judged; nil stands for its bound and its domain alone.
  package func isJudged(under judging: MeasurementJudging?) -> Bool {
    guard judging?.judge != .nothing else { return false }
    return !(judging?.limits ?? []).isEmpty || self.finitePairs == 0 || self.bound?.maxRatio != nil
  }
}
