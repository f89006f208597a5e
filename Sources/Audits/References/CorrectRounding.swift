import AuditedOperations
import Basics
import FloatFormats
import Oracle

/// The correctly rounded softmax of every lane of a tensor, or its logarithm, or log sum exp.
///
/// Lanes are read, rounded and handed on; memory is bounded by some millions of elements where
/// lanes lie side by side, and by the elements between two steps along the dimensions before the
/// axis where they do not. What comes out does not depend on the number of threads.
public struct CorrectRounding: Sendable {
  private let logits: any LaneSource
  private let geometry: LaneGeometry
  private let name: String
  /// What is evaluated.
  public var operation = AuditedOperation.softmax
  /// The format that logits are rounded to first; nil for that of the tensor.
  public var inputFormat: FloatFormat?
  /// The format of the values; nil for that of the logits.
  public var outputFormat: FloatFormat?
  /// What comes out of lanes that have no softmax: NaN wherever the policy allows it.
  public var specialLanes = SpecialLanePolicy.nanSomewhere
  public var threads = 1

  /// What else there is to say of a run.
  public struct Notes: Sendable, Equatable {
    /// How many lanes hold NaN or +inf, or -inf alone.
    public var specialLanes = 0
    /// How many logits were not numbers of the format asked for, and were rounded to it.
    public var roundedLogits = 0
  }

  /// - Parameters:
  ///   - name: What the logits are called in messages.
  /// - Throws: ``UserError`` where the tensor has no such axis, or a shape without logits that only
  ///   takes memory.
  public init(of logits: any LaneSource, axis: Int, name: String) throws(UserError) {
    self.logits = logits
    self.name = name
    geometry = try LaneGeometry(shape: logits.shape, axis: axis)
    if let objection = geometry.objection {
      throw UserError(.malformedInput, "\(name) \(objection)")
    }
  }

  /// The format of the values.
  public var format: FloatFormat { outputFormat ?? inputFormat ?? logits.format }

  /// The shape of the values: that of the logits, without the axis for log sum exp.
  public var shape: [Int] {
    guard operation == .logSumExp else { return geometry.shape }
    var shape = geometry.shape
    shape.remove(at: geometry.axis)
    return shape
  }

  /// How many elements a thread takes at a time, where lanes are shorter.
  private static let pieceSize = 1 << 16
  /// How many elements are put together before they are handed on, where lanes are shorter.
  private static let batchSize = 1 << 22

  /// Evaluates all lanes.
  ///
  /// - Parameter write: Takes the values as their encodings in the byte order of this machine,
  ///   row-major, in parts.
  /// - Throws: ``UserError`` of kind `notMeasured` where a rounding is not decided within the
  ///   oracle's precision cap.
  public func run(_ write: (UnsafeRawBufferPointer) throws -> Void) async throws -> Notes {
    let (inner, length) = (max(geometry.inner, 1), geometry.length)
    let perBatch = max(1, Self.batchSize / max(1, inner * length)) * inner
    var notes = Notes()
    for start in stride(from: 0, to: geometry.laneCount, by: perBatch) {
      let batch = start..<min(start + perBatch, geometry.laneCount)
      let perPiece = max(1, Self.pieceSize / max(1, length))
      let pieces = try await WorkQueue.results(
        of: (batch.count + perPiece - 1) / perPiece, threads: threads
      ) {
        let oracle = SoftmaxOracle()
        return { (number: Int) in
          let first = batch.lowerBound + number * perPiece
          return try logits.format.open(
            Stored(
              run: self, lanes: first..<min(first + perPiece, batch.upperBound), oracle: oracle))
        }
      }
      for piece in pieces {
        notes.specialLanes += piece.notes.specialLanes
        notes.roundedLogits += piece.notes.roundedLogits
      }
      if geometry.inner == 1 || operation == .logSumExp {
        for piece in pieces { try piece.bytes.withUnsafeBytes(write) }
      } else {
        let values = pieces.flatMap(\.bytes)
        try interleaved(values, lanes: batch.count).withUnsafeBytes(write)
      }
    }
    return notes
  }

  /// Lanes one after another, put in the order of the tensor.
  private func interleaved(_ bytes: [UInt8], lanes: Int) -> [UInt8] {
    switch format.bitWidth {
    case 16: interleaved(bytes, lanes: lanes, of: UInt16.self)
    case 32: interleaved(bytes, lanes: lanes, of: UInt32.self)
    default: interleaved(bytes, lanes: lanes, of: UInt64.self)
    }
  }

  private func interleaved<Word: FixedWidthInteger>(
    _ bytes: [UInt8], lanes: Int, of word: Word.Type
  ) -> [UInt8] {
    let (inner, length) = (geometry.inner, geometry.length)
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
    var notes = Notes()
  }

  private struct Stored: FormatGenericWork {
    let run: CorrectRounding
    let lanes: Range<Int>
    let oracle: SoftmaxOracle

    func run<S: BinaryFloat>(_ type: S.Type) throws -> Piece {
      let read = lanes.map { run.logits.lane($0, of: run.geometry, as: S.self) }
      let wanted = run.inputFormat ?? S.format
      guard wanted != S.format else {
        return try run.format.open(
          Rounding<S>(
            run: run, lanes: read, first: lanes.lowerBound, notes: Notes(), oracle: oracle))
      }
      return try wanted.open(
        Converted(
          run: run, lanes: read.map { $0.map(\.exactDouble) }, first: lanes.lowerBound,
          oracle: oracle))
    }
  }

  private struct Converted: FormatGenericWork {
    let run: CorrectRounding
    let lanes: [[Double]]
    let first: Int
    let oracle: SoftmaxOracle

    func run<F: BinaryFloat>(_ type: F.Type) throws -> Piece {
      var notes = Notes()
      let converted = lanes.map { lane in
        lane.map { logit -> F in
          let rounded = F(rounding: logit)
          if rounded.exactDouble != logit, !logit.isNaN { notes.roundedLogits += 1 }
          return rounded
        }
      }
      return try run.format.open(
        Rounding<F>(run: run, lanes: converted, first: first, notes: notes, oracle: oracle))
    }
  }

  private struct Rounding<F: BinaryFloat>: FormatGenericWork {
    let run: CorrectRounding
    let lanes: [[F]]
    let first: Int
    let notes: Notes
    let oracle: SoftmaxOracle

    func run<G: BinaryFloat>(_ type: G.Type) throws -> Piece {
      let perLane = run.operation == .logSumExp ? 1 : run.geometry.length
      var notes = notes
      var undecided: Int?
      let values = try [G](unsafeUninitializedCapacity: lanes.count * perLane) { values, filled in
        values.initialize(repeating: .zero)
        for (number, lane) in lanes.enumerated() where undecided == nil {
          let place = UnsafeMutableBufferPointer(
            rebasing: values[number * perLane..<(number + 1) * perLane])
          if try !round(lane, to: place, &notes) { undecided = first + number }
        }
        filled = lanes.count * perLane
      }
      if let undecided {
        throw UserError(
          .notMeasured,
          "a rounding in lane \(undecided) of \(run.name) is not decided within \(oracle.precisionCap) bits"
        )
      }
      return Piece(bytes: values.withUnsafeBytes { Array($0) }, notes: notes)
    }

    /// Writes the values of a lane; whether all are decided.
    private func round<G: BinaryFloat>(
      _ lane: [F], to values: UnsafeMutableBufferPointer<G>, _ notes: inout Notes
    ) throws -> Bool {
      if run.operation == .softmax {
        let filtered = FilteredLane(EncodedLane(lane), in: G.format, oracle: oracle)
        guard let special = filtered.special else {
          return filtered.roundCorrectly(to: values) == nil
        }
        notes.specialLanes += 1
        if special == .holdsNaN, run.specialLanes.contains(.nanAsMasked) {
          // The lane with its NaNs masked is counted once, even where it is special again.
          var inner = notes
          return try round(lane.map { $0.isNaN ? -F.infinity : $0 }, to: values, &inner)
        }
        fill(values, of: lane, special)
        return true
      }
      let logits = DistinctLogits(of: lane)
      if logits.hasNaN || logits.infinityCount > 0 || logits.finiteCount == 0 {
        // The logarithm of the empty sum of an empty lane is -inf, and no trouble.
        notes.specialLanes += lane.isEmpty ? 0 : 1
        values.update(repeating: lane.isEmpty ? -G.infinity : .nan)
        return true
      }
      if run.operation == .logSumExp {
        guard let value = oracle.rounded(of: OperationLane(.logSumExp, logits), as: G.self) else {
          return false
        }
        values[0] = value
        return true
      }
      var known = [G?](repeating: nil, count: logits.values.count)
      for (index, slot) in logits.slots.enumerated() {
        guard slot != DistinctLogits.masked else {
          values[index] = -G.infinity
          continue
        }
        let slot = Int(slot)
        guard
          let value = known[slot]
            ?? oracle.rounded(slot: slot, of: OperationLane(.logSoftmax, logits), as: G.self)
        else { return false }
        known[slot] = value
        values[index] = value
      }
      return true
    }

    /// What the policy asks of a lane that has no softmax: NaN wherever that is allowed.
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
