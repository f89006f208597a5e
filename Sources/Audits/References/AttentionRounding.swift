import AuditedOperations
import Basics
import FloatFormats
import Oracle

/// The correctly rounded outputs of an attention on saved inputs.
///
/// Rows are read, rounded and handed on; what comes out does not depend on the number of threads.
package struct AttentionRounding: Sendable {
  private let inputs: SavedAttention
  private let part: AttentionPart
  /// The format of the values.
  package let format: FloatFormat
  private let threads: Int

  /// - Parameter format: That of the values; `nil` for that of the inputs.
  package init(
    of inputs: SavedAttention, _ part: AttentionPart, as format: FloatFormat? = nil, threads: Int
  ) {
    self.inputs = inputs
    self.part = part
    self.format = format ?? inputs.format
    self.threads = threads
  }

  /// The shape of the values.
  package var shape: [Int] { inputs.shape(of: part) }

  /// The number of parts that are put together before they are handed on.
  private static let batchSize = 64

  /// Evaluates all rows.
  ///
  /// - Parameter write: Takes the values as their encodings in the byte order of this machine,
  ///   row-major, in parts.
  /// - Returns: How many rows have no value, for which NaN is written.
  /// - Throws: `UserError` of kind `notMeasured` where a rounding is not decided within the
  ///   oracle's precision cap.
  package func run(_ write: (UnsafeRawBufferPointer) throws -> Void) async throws -> Int {
    let parts = AttentionParts(inputs.shape)
    var specialRows = 0
    for start in stride(from: 0, to: parts.count, by: Self.batchSize) {
      let batch = start..<min(start + Self.batchSize, parts.count)
      let pieces = try await WorkQueue.results(of: batch.count, threads: threads) {
        let oracle = SoftmaxOracle()
        let reader = HeadReader(inputs)
        return { (number: Int) in
          try format.open(
            RoundedRows(
              run: self, rows: parts.rows(batch.lowerBound + number), oracle: oracle,
              reader: reader))
        }
      }
      for piece in pieces {
        specialRows += piece.specialRows
        try piece.bytes.withUnsafeBytes(write)
      }
    }
    return specialRows
  }

  private struct Piece: Sendable {
    var bytes: [UInt8] = []
    var specialRows = 0
  }

  private struct RoundedRows: FormatGenericWork {
    let run: AttentionRounding
    let rows: Range<Int>
    let oracle: SoftmaxOracle
    let reader: HeadReader

    func run<G: BinaryFloat>(_ type: G.Type) throws -> Piece {
      var specialRows = 0
      var values: [G] = []
      for number in rows {
        let reference = reader.filtered(number, run.part, in: G.format, oracle)
        guard reference.special == nil else {
          specialRows += 1
          values += Array(repeating: G.nan, count: run.inputs.outputCount(of: run.part))
          continue
        }
        for index in 0..<reference.count {
          let value = reference.value(at: index)
          guard !value.isUndecided else {
            throw UserError(
              .notMeasured,
              "a rounding in row \(number) is not decided within \(oracle.precisionCap) bits")
          }
          values.append(value.correctlyRounded())
        }
      }
      return Piece(bytes: values.withUnsafeBytes { Array($0) }, specialRows: specialRows)
    }
  }
}
