import AuditRecords

/// The largest |y - p| / bound of outputs in either range of the exact value.
package struct RatioMaxima: Sendable, Equatable {
  /// Over outputs whose exact value is in the normal range.
  var normal = CertifiedMaximum()
  /// Over outputs whose exact value is positive and below it.
  var subnormal = CertifiedMaximum()

  /// The maxima of no outputs.
  package init() {}

  /// That of both ranges together.
  var all: CertifiedMaximum {
    var all = normal
    all.merge(subnormal)
    return all
  }

  subscript(isNormal isNormal: Bool) -> CertifiedMaximum {
    get { isNormal ? normal : subnormal }
    set { if isNormal { normal = newValue } else { subnormal = newValue } }
  }

  /// Takes over what is larger of other lanes.
  mutating func merge(_ other: RatioMaxima) {
    normal.merge(other.normal)
    subnormal.merge(other.subnormal)
  }

  /// The maxima of lanes that are counted from somewhere else.
  func movedLanes(by offset: Int) -> RatioMaxima {
    var moved = self
    moved.normal = normal.movedLanes(by: offset)
    moved.subnormal = subnormal.movedLanes(by: offset)
    return moved
  }
}

extension AccuracyRow.Bound {
  /// The comparison of a row's outputs with their bounds.
  ///
  /// - Parameters:
  ///   - statistics: What was measured.
  ///   - witness: The element at a place, with its lane.
  package init(
    model: String, _ statistics: AccuracyStatistics,
    witness: (ElementLocation) throws -> AccuracyRow.Witness?
  ) rethrows {
    let ratios = statistics.ratios
    let all = ratios.all
    self.init(
      model: model, maxRatio: all.figure.map { Figure($0) },
      outsideDomain: statistics.outsideDomain, worst: try all.location.flatMap(witness))
    func regime(_ maximum: CertifiedMaximum) throws -> Regime {
      Regime(
        maxRatio: maximum.figure.map { Figure($0) },
        worst: maximum == all ? nil : try maximum.location.flatMap(witness))
    }
    guard all.figure != nil, statistics.maxUlp.figure != nil,
      statistics.maxUlpSubnormal.figure != nil
    else { return }
    regimes = Regimes(
      normal: try regime(ratios.normal), subnormal: try regime(ratios.subnormal))
  }
}
