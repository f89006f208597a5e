import AuditedOperations

extension LawCase {
  /// The most logits that a case grows to when its lanes are lengthened.
  private static var mostFittedLogits: Int { 1 << 20 }

  /// The same case with lanes of the nearest length that a domain includes.
  ///
  /// A longer lane repeats itself, a shorter one is cut; the last logit stays the last, for a law
  /// may have put there what matters. A case in the domain, one without logits and one that would
  /// become too large come back as they are.
  func fitted(to domain: InputDomain) -> LawCase {
    guard !logits.isEmpty, !domain.includes(geometry),
      let length = domain.fitted([geometry.length]).first, length > 0,
      laneCount * length <= max(logits.count, Self.mostFittedLogits)
    else { return self }
    var shape = geometry.shape
    shape[geometry.axis] = length
    guard let fitted = try? LaneGeometry(shape: shape, axis: geometry.axis) else { return self }
    var moved = [Double](repeating: 0, count: fitted.elementCount)
    for number in 0..<laneCount {
      let (from, to) = (geometry.start(ofLane: number), fitted.start(ofLane: number))
      for index in 0..<length {
        let source = index == length - 1 ? geometry.length - 1 : index % geometry.length
        moved[to + index * fitted.inner] = logits[from + source * geometry.inner]
      }
    }
    return LawCase(
      geometry: fitted, logits: moved, arguments: arguments, accompanying: accompanying)
  }
}
