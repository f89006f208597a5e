import AuditedOperations
import Basics
import FloatFormats

/// The digest of the outputs for some fixed lanes, by which machines that compute differently are
/// told apart.
///
/// An exponential of a mathematical library depends on the instructions of the processor, and so do
/// the outputs of one and the same file.
package enum AnswerDigest {
  /// The digests of implementations, by name and format.
  ///
  /// There is none for an operation that takes more than logits, for one that is not made for any
  /// of these lanes, for one that does not answer, and for one that answers twice in two ways.
  package static func entries(
    of implementations: [any SoftmaxImplementation], in formats: [FloatFormat],
    output: FloatFormat?
  ) -> [String: String] {
    var entries: [String: String] = [:]
    for implementation in implementations where implementation.operation.inputs == [.logits] {
      for format in formats where implementation.formats.contains(format) {
        let work = Work(implementation: implementation)
        let output = output ?? implementation.defaultOutputFormat(for: format)
        guard let first = try? format.open(with: output, work),
          let second = try? format.open(with: output, work), first == second
        else { continue }
        entries["\(implementation.name) in \(format.rawValue)"] = first
      }
    }
    return entries
  }

  /// The lanes of one call, and the lengths of which an implementation takes one.
  private static let lanes = 512
  private static let lengths = [17, 16, 32, 64, 128, 8, 2]

  private struct Work: FormatPairWork {
    let implementation: any SoftmaxImplementation

    /// SHA-256 of the encodings of the outputs, lowest byte first; `nil` where there are no lanes.
    func run<F: BinaryFloat, G: BinaryFloat>(
      _ input: F.Type, _ output: G.Type
    ) throws -> String? {
      let domain = implementation.askedDomain
      for length in lengths {
        let geometry = try LaneGeometry(shape: [lanes, length], axis: 1)
        guard domain.includes(geometry) else { continue }
        let logits = (0..<UInt64(lanes * length)).map { place in
          // 53 bits of a mixed counter, from -16 to 16.
          F(rounding: Double((place + 1).mixed >> 11) * 0x1p-48 - 16)
        }
        let tensor = Tensor(geometry: geometry, elements: domain.limited(logits))
        let outputs = try implementation.softmax(tensor, as: output).elements
        return SHA256.hexDigest(
          of: outputs.flatMap { number in
            let encoding = UInt64(number.bitPattern)
            return (0..<8).map { UInt8(truncatingIfNeeded: encoding >> (8 * UInt64($0))) }
          })
      }
      return nil
    }
  }
}
