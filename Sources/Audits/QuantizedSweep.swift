import AuditRecords
import AuditedOperations
import Basics
import ErrorMeasurement
import FloatFormats

/// The measurement of an implementation of integers: every integer in every place of short lanes,
/// and drawn ones in longer lanes.
///
/// Integers stand as numbers of binary32 less their zero point, as the implementation takes and
/// gives them. Where its logits are floats, they are multiples of 1/16.
package struct QuantizedSweep: Sendable {
  private let implementation: any SoftmaxImplementation
  private let seed: UInt64
  private let settings: MeasurementSettings
  private let threads: Int

  /// The lengths of lanes in which every integer stands in every place.
  private static let shortLengths = [1, 2, 3, 4, 8]
  /// The lengths of lanes of drawn integers, and how many of them.
  private static let longLengths = [(16, 256), (100, 64), (1000, 16)]

  /// - Parameter implementation: One with quantised tensors.
  package init(
    _ implementation: any SoftmaxImplementation, seed: UInt64, settings: MeasurementSettings,
    threads: Int
  ) {
    self.implementation = implementation
    self.seed = seed
    self.settings = settings
    self.threads = threads
  }

  /// Measures all lanes, a row for each kind and length.
  package func run() async throws -> [AccuracyRow] {
    let domain = implementation.domain
    var rows: [AccuracyRow] = []
    for length in domain.fitted(Self.shortLengths) where length <= 64 {
      rows.append(try await row("each-integer", length, everyInteger(length)))
    }
    let fittedLengths = Self.longLengths.map { (domain.fitted([$0.0]).first ?? 0, $0.1) }
    var known: Set<Int> = []
    for (length, count) in fittedLengths where length > 0 && known.insert(length).inserted {
      for (family, spread) in [("drawn-integers", values.count), ("near-integers", 32)] {
        rows.append(try await row(family, length, drawn(length, count, spread)))
      }
    }
    return rows
  }

  private var logits: Quantization? { implementation.quantizations[InputRole.logits.rawValue] }

  /// The logits that a lane can hold: integers less the zero point, of int16 each 128th and the
  /// last.
  private var values: [Float] {
    guard let logits else { return (-128...127).map { Float($0) / 16 } }
    let range = logits.differences
    if range.count <= 256 { return range.map { Float($0) } }
    return stride(from: range.lowerBound, to: range.upperBound, by: 128).map { Float($0) }
      + [Float(range.upperBound)]
  }

  /// Lanes with each value in each place, among the least, the greatest, equal and drawn ones.
  private func everyInteger(_ length: Int) -> [Float] {
    var random = SweepGenerator(seed: seed ^ UInt64(length))
    let values = values
    var lanes: [Float] = []
    for place in 0..<length {
      for value in values {
        for kind in 0..<(length == 1 ? 1 : 4) {
          for other in 0..<length {
            let chosen =
              switch kind {
              case 0: values[0]
              case 1: values[values.count - 1]
              case 2: value
              default: values[random.below(values.count)]
              }
            lanes.append(other == place ? value : chosen)
          }
        }
      }
    }
    return lanes
  }

  /// Lanes of drawn values, none further apart than a spread.
  private func drawn(_ length: Int, _ count: Int, _ spread: Int) -> [Float] {
    var random = SweepGenerator(seed: seed ^ UInt64(length) << 20 ^ UInt64(spread) << 40)
    let values = values
    var lanes: [Float] = []
    for _ in 0..<count {
      let start = random.below(max(values.count - spread, 0) + 1)
      for _ in 0..<length { lanes.append(values[start + random.below(min(spread, values.count))]) }
    }
    return lanes
  }

  private func row(
    _ family: String, _ length: Int, _ elements: [Float]
  ) async throws -> AccuracyRow {
    let geometry = try LaneGeometry(shape: [elements.count / length, length], axis: 1)
    let parameters = RowParameters(quantised: implementation.quantizations)
    func failed(_ failure: AccuracyRow.Failure) -> AccuracyRow {
      .unanswered(
        by: implementation, failure, input: .float32, output: .float32, family: family,
        geometry: geometry, outputs: elements.count, parameters: parameters)
    }
    let call = try ImplementationCall<Float>(
      of: implementation, with: OperationInputs(Tensor(geometry: geometry, elements: elements)))
    switch call {
    case .failed(let failure): return failed(failure)
    case .answered(let answer, _):
      if let output = implementation.quantizations[implementation.operation.output.role],
        let value = answer.probabilities.elements.first(where: {
          Int(exactly: $0).map { !output.differences.contains($0) } ?? true
        })
      {
        return failed(
          .init(
            kind: .rubbish,
            explanation: "\(value) is no \(output.type.rawValue) less its zero point"))
      }
      let inputs = try SavedInputs(
        implementation.operation, TensorLanes(shape: geometry.shape, elements: elements), axis: 1,
        modifiers: LogitModifiers(scale: logits?.scale))
      var pair = try Verification.Pair(
        family: family, inputs: inputs,
        outputs: TensorLanes(shape: geometry.shape, elements: answer.probabilities.elements))
      pair.parameters = parameters
      pair.quantizations = implementation.quantizations
      var row = try await Verification(
        pair, implementation: implementation.name, settings: settings, threads: threads
      ).run()
      row.misconduct = answer.misconduct.isEmpty ? nil : answer.misconduct
      return row
    }
  }
}

/// Numbers that a seed and their count decide.
private struct SweepGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  /// A number below a limit above 0; of 64 bits, so that none is noticeably likelier.
  mutating func below(_ limit: Int) -> Int {
    state &+= 0x9E37_79B9_7F4A_7C15
    return Int(state.mixed % UInt64(limit))
  }
}
