import FloatFormats
import Oracle

/// Scaled errors as certified figures, see ``CertifiedUlp``.
package enum CertifiedScaled {
  /// |y - v| / max(u Y, eta / 2), rounded up; `nil` where the precision cap of the oracle was
  /// reached.
  ///
  /// - Parameters:
  ///   - y: A finite output.
  ///   - index: Its place in a lane whose exact value there is finite, decided and not 0.
  package static func figure<G: BinaryFloat>(
    of y: G, at index: Int, in reference: LaneReference, oracle: SoftmaxOracle
  ) -> Double? {
    let exact = reference.value(at: index)
    return ErrorScale(of: exact, at: index, in: reference, oracle: oracle)?.figure(
      of: y.exactDouble, isBelow: UlpError(of: y, against: exact).isNegative,
      slot: reference.slot(at: index), inputs: reference.inputs, oracle: oracle)
  }
}
