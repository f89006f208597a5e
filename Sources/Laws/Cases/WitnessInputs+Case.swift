import AuditRecords
import AuditedOperations
import FloatFormats

extension WitnessInputs {
  /// The inputs of a case beside its first; `nil` where the operation takes one alone.
  ///
  /// - Parameters:
  ///   - format: The format of the inputs.
  ///   - most: How many numbers of each are kept.
  init?(
    _ input: LawCase, of operation: AuditedOperation, in format: FloatFormat, upTo most: Int
  ) {
    guard let rule = input.accompanying else { return nil }
    let geometry = input.geometry
    self.init()
    if operation.inputs.contains(.upstream) {
      var numbers = [Double](repeating: 0, count: geometry.elementCount)
      for lane in 0..<geometry.laneCount {
        let start = geometry.start(ofLane: lane)
        for (index, value) in rule.upstream(of: input.lane(lane), in: format).enumerated() {
          numbers[start + index * geometry.inner] = value
        }
      }
      upstream = numbers.prefix(most).map(\.hexText)
    }
    if operation.inputs.contains(.targets) {
      let parameters = rule.parameters(ofLength: geometry.length)
      targets = (0..<min(most, geometry.laneCount)).map { rule.target(of: input.lane($0)) }
      labelSmoothing = parameters.labelSmoothing == 0 ? nil : parameters.labelSmoothing
      ignoreIndex = parameters.ignoreIndex
      classWeights = parameters.classWeights.map { Array($0.prefix(most)) }
    }
  }
}
