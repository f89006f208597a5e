import FloatFormats
import Foundation

/// What `scripts/vectors/make-float8-vectors` wrote down of ml_dtypes' 8-bit formats.
struct Float8Vectors: Sendable {
  /// A number of a format, and the next larger one; NaN where there is none.
  struct Value: Sendable {
    let encoding: UInt8
    let number: Double
    let nextUp: Double
  }

  /// A number, and the encoding of what it rounds to.
  struct Rounded: Sendable {
    let number: Double
    let encoding: UInt8
  }

  /// A checksum of an operation on all pairs of numbers, and the one NaN in its place.
  struct Checksum: Sendable {
    let operation: String
    let nan: UInt8
    let state: UInt64
  }

  private struct Malformed: Error {
    let line: String
  }

  var values: [Value] = []
  var rounded: [Rounded] = []
  var checksums: [Checksum] = []

  /// The vectors by format.
  static func load() throws -> [FloatFormat: Float8Vectors] {
    guard
      let file = Bundle.module.url(
        forResource: "float8-ml-dtypes", withExtension: "txt", subdirectory: "Vectors")
    else { throw CocoaError(.fileNoSuchFile) }
    var vectors: [FloatFormat: Float8Vectors] = [:]
    let text = String(decoding: try Data(contentsOf: file), as: UTF8.self)
    for line in text.split(separator: "\n") where !line.hasPrefix("#") {
      let words = line.split(separator: " ").map(String.init)
      let malformed = Malformed(line: String(line))
      guard words.count >= 4, let format = FloatFormat(rawValue: words[1]) else {
        throw malformed
      }
      func encoding(_ word: String) throws -> UInt8 {
        guard let encoding = UInt8(word, radix: 16) else { throw malformed }
        return encoding
      }
      func number(_ word: String) throws -> Double {
        guard let number = Double(word) else { throw malformed }
        return number
      }
      switch words[0] {
      case "value":
        guard words.count == 5 else { throw malformed }
        try vectors[format, default: Float8Vectors()].values.append(
          Value(
            encoding: encoding(words[2]), number: number(words[3]), nextUp: number(words[4])))
      case "rounded":
        try vectors[format, default: Float8Vectors()].rounded.append(
          Rounded(number: number(words[2]), encoding: encoding(words[3])))
      default:
        guard let state = UInt64(words[3], radix: 16) else { throw malformed }
        try vectors[format, default: Float8Vectors()].checksums.append(
          Checksum(operation: words[0], nan: encoding(words[2]), state: state))
      }
    }
    return vectors
  }
}
