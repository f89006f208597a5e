import FloatFormats
import Foundation

/// One element of a lane, as mpmath found it.
struct VectorElement {
  let index: Int
  /// The probability to 40 digits; nil where the file has no digits.
  let digits: String?
  /// The probability correctly rounded to the format of the lane.
  let rounded: Double
  /// The logarithm of the probability to 30 digits; nil where the file has no digits.
  let logDigits: String?
}

/// A lane of logits and the exact values that belong to it.
struct VectorLane {
  /// Where the lane stands in the file, and what it is.
  let name: String
  let format: FloatFormat
  let logits: [Double]
  let logSumExpDigits: String?
  var elements: [VectorElement] = []
}

/// The file of exact values that `scripts/vectors/make-oracle-vectors` writes.
struct OracleVectors {
  static let softmaxDigits = 40
  static let logDigits = 30

  private(set) var lanes: [VectorLane] = []

  /// A line that is not as the header of the file says.
  struct Malformed: Error, CustomStringConvertible {
    let line: Int
    var description: String { "softmax-mpmath.txt:\(line): malformed" }
  }

  static func load() throws -> OracleVectors {
    guard
      let file = Bundle.module.url(
        forResource: "softmax-mpmath", withExtension: "txt", subdirectory: "Vectors")
    else { throw CocoaError(.fileNoSuchFile) }
    return try OracleVectors(parsing: Data(contentsOf: file))
  }

  private init(parsing data: Data) throws {
    var head: (format: FloatFormat, count: Int, name: String, logSumExp: String?)?
    let lines = Array(data).split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    for (offset, line) in lines.enumerated() {
      if line.isEmpty || line.first == UInt8(ascii: "#") { continue }
      let malformed = Malformed(line: offset + 1)
      let words = line.split(separator: UInt8(ascii: " ")).map {
        String(decoding: $0, as: UTF8.self)
      }
      switch words[0] {
      case "lane":
        guard words.count == 5, head == nil, let format = FloatFormat(rawValue: words[1]),
          let count = Int(words[3])
        else { throw malformed }
        head = (format, count, "line \(offset + 1), \(words[1]) \(words[2])", Self.digits(words[4]))

      case "x":
        let logits = words.dropFirst().compactMap { Double($0) }
        guard let lane = head, logits.count == lane.count, words.count == lane.count + 1 else {
          throw malformed
        }
        lanes.append(
          VectorLane(
            name: lane.name, format: lane.format, logits: logits, logSumExpDigits: lane.logSumExp))
        head = nil

      case "p":
        guard words.count == 5, head == nil, let lane = lanes.last, let index = Int(words[1]),
          lane.logits.indices.contains(index), let rounded = Double(words[3])
        else { throw malformed }
        lanes[lanes.count - 1].elements.append(
          VectorElement(
            index: index, digits: Self.digits(words[2]), rounded: rounded,
            logDigits: Self.digits(words[4])))

      default: throw malformed
      }
    }
  }

  /// The digits of a value, or nil where the file says that they were not determined.
  private static func digits(_ word: String) -> String? { word == "?" ? nil : word }
}
