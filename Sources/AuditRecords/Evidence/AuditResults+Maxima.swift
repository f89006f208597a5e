extension AuditResults {
  /// Of each implementation, pair of formats, operation and parameters the largest error and the
  /// largest part of the bound, in the order of the rows; of equal ones the first.
  ///
  /// A row without outputs has no maximum. Rows keep a witness of errors below the normal range
  /// where they have none in it; so those count where no row of an implementation has.
  package var claimedMaxima: [ClaimedMaximum] {
    struct Key: Hashable {
      let scope: RowScope
      let role: String?
      let figure: EvidencedFigure
    }
    var order: [Key] = []
    var largest: [Key: ClaimedMaximum] = [:]
    for maximum in accuracy.lazy.flatMap(\.claimedMaxima) {
      let key = Key(scope: maximum.scope, role: maximum.outputRole, figure: maximum.figure)
      if let present = largest[key] {
        guard maximum.value > present.value else { continue }
      } else {
        order.append(key)
      }
      largest[key] = maximum
    }
    return order.compactMap { key in
      let normal = Key(scope: key.scope, role: key.role, figure: .maxUlp)
      return key.figure == .maxUlpSubnormal && largest[normal] != nil ? nil : largest[key]
    }
  }
}

extension AccuracyRow {
  /// The largest errors that the row has a witness of.
  fileprivate var claimedMaxima: [ClaimedMaximum] {
    let largest =
      maxUlp.map { claim(.maxUlp, $0, self.worst) }
      ?? claim(.maxUlpSubnormal, maxUlpSubnormal, self.worst)
    return [
      largest, claim(.maxScaled, self.worstScaled?.scaled, self.worstScaled),
      claim(.maxRatio, self.bound?.maxRatio, self.bound?.worst),
    ].compactMap(\.self)
  }

  private func claim(
    _ figure: EvidencedFigure, _ value: Figure?, _ witness: Witness?
  ) -> ClaimedMaximum? {
    guard let value, let witness else { return nil }
    var bound: ClaimedMaximum.Bound?
    if figure == .maxRatio, let own = self.bound, let ulps = witness.bound?.value {
      bound = .init(model: own.model, ulps: ulps)
    }
    return ClaimedMaximum(
      figure: figure, value: value.value, scope: scope, outputRole: self.outputRole,
      origin: self.family, shape: self.shape, axis: self.axis, sample: UInt64(witness.sample),
      logits: witness.logits, elided: witness.elided, index: witness.index,
      output: witness.computed, ulp: witness.ulp.value,
      scaled: figure == .maxScaled ? witness.scaled?.value : nil, bound: bound,
      hasAccompanying: witness.accompanying != nil)
  }
}
