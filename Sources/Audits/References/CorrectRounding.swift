import AuditedOperations
import Basics
import FloatFormats
import Oracle

/// The correctly rounded outputs of an operation on saved inputs.
///
/// Lanes are read, rounded and handed on; memory is bounded by some millions of elements where
/// lanes lie side by side, and by the elements between two steps along the dimensions before the
/// axis where they do not. What comes out does not depend on the number of threads.
package struct CorrectRounding: Sendable {
  private let inputs: SavedInputs
  private let outputGeometry: LaneGeometry
  private let name: String
  /// The format of the values; nil for that of the first input.
  package var outputFormat: FloatFormat?
  /// The outputs for lanes that have no softmax: NaN wherever the policy allows it.
  ///
  /// Other operations give NaN for lanes without a value.
  package var specialLanes = SpecialLanePolicy.nanSomewhere
  package var threads = 1

  /// - Parameters:
  ///   - inputs: The inputs of the operation.
  ///   - name: The name of the inputs in messages.
  /// - Throws: `UserError` where the tensor has a shape without an element that only takes
  ///   memory.
  package init(of inputs: SavedInputs, name: String) throws(UserError) {
    self.inputs = inputs
    self.name = name
    outputGeometry = try inputs.outputGeometry()
    if let objection = inputs.geometry.objection {
      throw UserError(.malformedInput, "\(name) \(objection)")
    }
  }

  private var operation: AuditedOperation { inputs.operation }

  /// The format of the values.
  package var format: FloatFormat { outputFormat ?? inputs.first.format }

  /// The shape of the values.
  package var shape: [Int] { inputs.writtenShape }

  /// The number of elements that a thread takes at a time, where lanes are shorter.
  private static let pieceSize = 1 << 16
  /// The number of elements put together before they are handed on, where lanes are shorter.
  private static let batchSize = 1 << 22

  /// Evaluates all lanes.
  ///
  /// - Parameter write: Takes the values as their encodings in the byte order of this machine,
  ///   row-major, in parts.
  /// - Returns: How many lanes have no value.
  /// - Throws: `UserError` of kind `notMeasured` where a rounding is not decided within the
  ///   oracle's precision cap.
  package func run(_ write: (UnsafeRawBufferPointer) throws -> Void) async throws -> Int {
    let inner = max(outputGeometry.inner, 1)
    // As long as a lane of inputs or of outputs, for both are kept.
    let length = max(1, inputs.geometry.length, outputGeometry.length)
    let perBatch = max(1, Self.batchSize / (inner * length)) * inner
    let perPiece = max(1, Self.pieceSize / length)
    var specialLanes = 0
    for start in stride(from: 0, to: inputs.outputLaneCount, by: perBatch) {
      let batch = start..<min(start + perBatch, inputs.outputLaneCount)
      let pieces = try await WorkQueue.results(
        of: (batch.count + perPiece - 1) / perPiece, threads: threads
      ) {
        let oracle = SoftmaxOracle()
        return { (number: Int) in
          let first = batch.lowerBound + number * perPiece
          return try inputs.first.format.open(
            Lanes(
              run: self, lanes: first..<min(first + perPiece, batch.upperBound), oracle: oracle))
        }
      }
      for piece in pieces { specialLanes += piece.specialLanes }
      if inner == 1 || outputGeometry.length == 1 {
        for piece in pieces { try piece.bytes.withUnsafeBytes(write) }
      } else {
        let values = pieces.flatMap(\.bytes)
        try interleaved(values, lanes: batch.count).withUnsafeBytes(write)
      }
    }
    return specialLanes
  }

  /// Lanes one after another, put in the order of the tensor.
  private func interleaved(_ bytes: [UInt8], lanes: Int) -> [UInt8] {
    switch format.bitWidth {
    case 8: interleaved(bytes, lanes: lanes, of: UInt8.self)
    case 16: interleaved(bytes, lanes: lanes, of: UInt16.self)
    case 32: interleaved(bytes, lanes: lanes, of: UInt32.self)
    default: interleaved(bytes, lanes: lanes, of: UInt64.self)
    }
  }

  private func interleaved<Word: FixedWidthInteger>(
    _ bytes: [UInt8], lanes: Int, of word: Word.Type
  ) -> [UInt8] {
    let (inner, length) = (outputGeometry.inner, outputGeometry.length)
    return [UInt8](unsafeUninitializedCapacity: bytes.count) { target, filled in
      bytes.withUnsafeBytes { source in
        let target = UnsafeMutableRawBufferPointer(target)
        for lane in 0..<lanes {
          let start = lane / inner * inner * length + lane % inner
          for index in 0..<length {
            let size = MemoryLayout<Word>.size
            let value = source.loadUnaligned(
              fromByteOffset: (lane * length + index) * size, as: Word.self)
            target.storeBytes(
              of: value, toByteOffset: (start + index * inner) * size, as: Word.self)
          }
        }
      }
      filled = bytes.count
    }
  }

  // MARK: One piece

  private struct Piece: Sendable {
    var bytes: [UInt8] = []
    var specialLanes = 0
  }

  private struct Lanes: FormatGenericWork {
    let run: CorrectRounding
    let lanes: Range<Int>
    let oracle: SoftmaxOracle

    func run<F: BinaryFloat>(_ type: F.Type) throws -> Piece {
      try run.format.open(RoundedPiece<F>(run: run, lanes: lanes, oracle: oracle))
    }
  }

  private struct RoundedPiece<F: BinaryFloat>: FormatGenericWork {
    let run: CorrectRounding
    let lanes: Range<Int>
    let oracle: SoftmaxOracle

    func run<G: BinaryFloat>(_ type: G.Type) throws -> Piece {
      let perLane = run.outputGeometry.length
      var specialLanes = 0
      var undecided: Int?
      let values = try [G](unsafeUninitializedCapacity: lanes.count * perLane) { values, filled in
        values.initialize(repeating: .zero)
        for (place, number) in lanes.enumerated() where undecided == nil {
          let outputs = UnsafeMutableBufferPointer(
            rebasing: values[place * perLane..<(place + 1) * perLane])
          switch try round(number, to: outputs) {
          case .decided: break
          case .special: specialLanes += 1
          case .undecided: undecided = number
          }
        }
        filled = lanes.count * perLane
      }
      if let undecided {
        throw UserError(
          .notMeasured,
          "a rounding in lane \(undecided) of \(run.name) is not decided within \(oracle.precisionCap) bits"
        )
      }
      return Piece(bytes: values.withUnsafeBytes { Array($0) }, specialLanes: specialLanes)
    }

    private enum LaneOutcome {
      case decided
      /// The lane has no value.
      case special
      /// The precision cap was reached.
      case undecided
    }

    /// Writes the values of a lane.
    private func round<G: BinaryFloat>(
      _ number: Int, to values: UnsafeMutableBufferPointer<G>
    ) throws -> LaneOutcome {
      let inputs = run.inputs
      if inputs.operation == .softmax, inputs.modifiers.isNone {
        return try round(inputs.first.lane(number, of: inputs.geometry, as: F.self), to: values)
      }
      let reference = oracle.reference(of: inputs.outputLane(number, as: F.self), in: G.format)
      guard reference.special == nil else {
        values.update(repeating: .nan)
        return .special
      }
      for index in values.indices {
        let value = reference.value(at: index)
        if value.isUndecided { return .undecided }
        values[index] = value.correctlyRounded()
      }
      return .decided
    }

    /// Writes the softmax of a lane, for which there are filters: it takes linear time.
    private func round<G: BinaryFloat>(
      _ lane: [F], to values: UnsafeMutableBufferPointer<G>
    ) throws -> LaneOutcome {
      let filtered = FilteredLane(EncodedLane(lane), in: G.format, oracle: oracle)
      guard let special = filtered.special else {
        return filtered.roundCorrectly(to: values) == nil ? .decided : .undecided
      }
      if special == .holdsNaN, run.specialLanes.contains(.nanAsMasked), F.format.hasInfinities {
        let masked = try round(lane.map { $0.isNaN ? -F.infinity : $0 }, to: values)
        return masked == .undecided ? .undecided : .special
      }
      fill(values, of: lane, special)
      return .special
    }

    /// Fills in the outputs that the policy asks of a lane without a softmax: NaN wherever that is
    /// allowed.
    private func fill<G: BinaryFloat>(
      _ values: UnsafeMutableBufferPointer<G>, of lane: [F], _ special: SpecialLane
    ) {
      let infinities = lane.count { $0.isInfinite && !$0.isNegative }
      switch run.specialLanes.expectation(for: special, infinityCount: infinities) {
      // A lane without its NaNs has been rounded as such already.
      case .nanSomewhere, .nanEverywhere, .withoutNaNs: values.update(repeating: .nan)
      case .zeros: values.update(repeating: .zero)
      case .uniform:
        values.update(
          repeating: SoftmaxOracle.reciprocal(of: UInt64(lane.count), in: G.format)
            .correctlyRounded())
      case .oneHot:
        for (index, logit) in lane.enumerated() {
          values[index] = logit.isInfinite && !logit.isNegative ? .one : .zero
        }
      }
    }
  }
}
