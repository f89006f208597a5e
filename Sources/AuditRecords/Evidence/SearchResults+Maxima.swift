import AuditedOperations

extension SearchResults {
  /// The worst lanes that the searches have found, in their order.
  package var claimedMaxima: [ClaimedMaximum] { searches.compactMap(\.claimedMaximum) }
}

extension SearchRow {
  fileprivate var claimedMaximum: ClaimedMaximum? {
    guard let found, let value = found.figure(objective)?.value, let ulp = found.ulp?.value else {
      return nil
    }
    let figure: EvidencedFigure
    switch objective {
    // Below the normal range where nothing is in it; the exact value tells.
    case .ulp: figure = .maxUlp
    case .bound: figure = .maxRatio
    case .scaled: figure = .maxScaled
    }
    var bound: ClaimedMaximum.Bound?
    if figure == .maxRatio, let model, let ulps = found.bound?.value {
      bound = .init(model: model, ulps: ulps)
    }
    return ClaimedMaximum(
      figure: figure, value: abs(value), scope: scope, origin: "search, island \(found.island)",
      shape: [1, found.logits.count], axis: 1, sample: 0, logits: found.logits, elided: 0,
      index: found.index, output: found.computed, ulp: ulp,
      scaled: figure == .maxScaled ? value : nil, bound: bound,
      hasAccompanying: found.accompanying != nil)
  }
}
