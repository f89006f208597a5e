import FloatFormats

extension OperationInputs {
  /// The outputs of an operation that are computed lane by lane.
  ///
  /// - Parameters:
  ///   - operation: The operation, which tells the shape of the outputs.
  ///   - fill: The output of whatever no lane is written to.
  ///   - lane: Gives the outputs of the lane of a number, as many as the operation gives; `nil`
  ///     leaves the fill.
  @inlinable
  package func outputs<G: BinaryFloat>(
    of operation: AuditedOperation, filling fill: G, _ lane: (_ number: Int) throws -> [G]?
  ) rethrows -> Tensor<G> {
    let geometry = operation.outputGeometry(for: first.geometry)
    var result = Tensor(
      geometry: geometry, elements: Array(repeating: fill, count: geometry.elementCount))
    for number in 0..<geometry.laneCount {
      guard let outputs = try lane(number) else { continue }
      geometry.place(outputs, asLane: number, in: &result.elements)
    }
    return result
  }
}
