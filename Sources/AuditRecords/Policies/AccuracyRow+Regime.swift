extension AccuracyRow {
  /// The largest |y - p| / bound in a range of exact values; nil where nothing of it was compared,
  /// or it is not known.
  ///
  /// - Parameter regime: The range; nil for both.
  package func largestPartOfBound(in regime: PolicyRegime?) -> Figure? {
    guard let bound = self.bound, let regime else { return self.bound?.maxRatio }
    guard let regimes = bound.regimes else { return lies(in: regime) ? bound.maxRatio : nil }
    return regimes[regime].maxRatio
  }

  /// The element with that part of its bound; that with the largest error where no other is known.
  package func worstOfBound(in regime: PolicyRegime?) -> Witness? {
    guard let regime, let regimes = self.bound?.regimes else {
      return self.bound?.worst ?? self.worst
    }
    return regimes[regime].worst ?? self.bound?.worst
  }

  /// Whether there are parts of a bound, and nobody wrote down which of them belong to a range:
  /// results of an earlier version.
  package func hidesPartOfBound(in regime: PolicyRegime?) -> Bool {
    guard regime != nil, let bound = self.bound, bound.maxRatio != nil, bound.regimes == nil else {
      return false
    }
    return self.maxUlp != nil && self.maxUlpSubnormal != nil
  }

  /// Whether all positive exact values lie in a range.
  private func lies(in regime: PolicyRegime) -> Bool {
    switch regime {
    case .normal: self.maxUlp != nil && self.maxUlpSubnormal == nil
    case .subnormal: self.maxUlp == nil && self.maxUlpSubnormal != nil
    }
  }
}

extension AccuracyRow.Bound.Regimes {
  subscript(regime: PolicyRegime) -> AccuracyRow.Bound.Regime {
    switch regime {
    case .normal: normal
    case .subnormal: subnormal
    }
  }
}
