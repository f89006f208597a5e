extension Certificates {
  /// The largest errors of all certificates, in their order.
  package var claimedMaxima: [ClaimedMaximum] { certificates.flatMap(\.claimedMaxima) }
}

extension ExhaustiveCertificate {
  fileprivate var claimedMaxima: [ClaimedMaximum] {
    [
      claim(.maxUlp, maxUlp, worst), claim(.maxUlpSubnormal, maxUlpSubnormal, worstSubnormal),
      claim(.maxScaled, maxScaled, worstScaled),
    ].compactMap(\.self)
  }

  private func claim(
    _ figure: EvidencedFigure, _ value: Figure?, _ witness: Witness?
  ) -> ClaimedMaximum? {
    guard let value, let witness, let ulp = witness.ulp?.value else { return nil }
    var bound: ClaimedMaximum.Bound?
    if let model, let ulps = witness.bound?.value { bound = .init(model: model, ulps: ulps) }
    return ClaimedMaximum(
      figure: figure, value: value.value, scope: scope, origin: statement,
      shape: [1, witness.logits.count], axis: 1, sample: witness.lane, logits: witness.logits,
      elided: 0, index: witness.index, output: witness.computed, ulp: ulp,
      scaled: figure == .maxScaled ? witness.scaled?.value : nil, bound: bound,
      hasAccompanying: false)
  }
}
