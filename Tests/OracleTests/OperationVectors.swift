import AuditedOperations
import FloatFormats
import Foundation
import MultiPrecision
import Testing

@testable import Oracle

/// A lane of an operation with several inputs, and the exact values that belong to it.
struct OperationVector {
  /// An output as mpmath found it.
  struct Output {
    /// The value to 30 digits.
    let digits: String
    /// The value correctly rounded to the format of the lane.
    let rounded: Double
    /// The yardstick to 30 digits.
    let yardstick: String
  }

  /// Where the lane stands in the file, and what it is.
  let name: String
  let format: FloatFormat
  let lane: OperationLane
  var outputs: [Output] = []

  /// A line that is not as the header of the file says.
  struct Malformed: Error, CustomStringConvertible {
    let line: Int
    var description: String { "line \(line): malformed" }
  }

  /// The lanes of a file that `scripts/vectors/make-operation-vectors` or `make-modifier-vectors`
  /// writes.
  static func load(_ name: String = "operations-mpmath") throws -> [OperationVector] {
    guard
      let file = Bundle.module.url(
        forResource: name, withExtension: "txt", subdirectory: "Vectors")
    else { throw CocoaError(.fileNoSuchFile) }
    var vectors: [OperationVector] = []
    var head: [String] = []
    var inputs: [String: [Double]] = [:]
    let lines = Array(try Data(contentsOf: file)).split(
      separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    for (offset, line) in lines.enumerated() where !line.isEmpty && line.first != UInt8(ascii: "#")
    {
      let malformed = Malformed(line: offset + 1)
      let words = line.split(separator: UInt8(ascii: " ")).map {
        String(decoding: $0, as: UTF8.self)
      }
      switch words[0] {
      case "lane":
        (head, inputs) = (words, [:])
      case "v":
        guard words.count == 4, let rounded = Double(words[2]) else { throw malformed }
        if !head.isEmpty {
          guard let vector = OperationVector(head, inputs, line: offset + 1) else {
            throw malformed
          }
          vectors.append(vector)
          head = []
        }
        vectors[vectors.count - 1].outputs.append(
          Output(digits: words[1], rounded: rounded, yardstick: words[3]))
      default:
        inputs[words[0]] = words.dropFirst().compactMap { Double($0) }
        guard inputs[words[0]]?.count == words.count - 1 else { throw malformed }
      }
    }
    return vectors
  }

  private init?(_ head: [String], _ inputs: [String: [Double]], line: Int) {
    guard head.count == 4 || head.count == 7,
      let operation = AuditedOperation(named: head[1]),
      let format = FloatFormat(rawValue: head[2])
    else { return nil }
    name = "line \(line), \(head[1]) \(head[2])"
    self.format = format
    let logits = inputs["x"].map { DistinctLogits(exactly: $0) }
    let modifiers = LaneModifiers(
      scale: inputs["c"]?.first, softcap: inputs["k"]?.first, mask: inputs["m"],
      sink: inputs["s"]?.first)
    if let elements = inputs["x"], !modifiers.isNone {
      lane = OperationLane(operation, ModifiedLogits(elements, modifiers))
    } else if let logits, head.count == 7, let target = Int64(head[4]),
      let ignored = Int64(head[5]), let smoothing = Double(head[6])
    {
      lane = OperationLane(
        operation, logits: logits, target: target,
        CrossEntropyParameters(
          labelSmoothing: smoothing, ignoreIndex: ignored, classWeights: inputs["w"]))
    } else if let logits, let upstream = inputs["g"] {
      lane = OperationLane(operation, logits: logits, upstream: upstream)
    } else if let probabilities = inputs["y"], let upstream = inputs["g"] {
      lane = OperationLane(operation, probabilities: probabilities, upstream: upstream)
    } else if let logits {
      lane = OperationLane(operation, logits)
    } else {
      return nil
    }
  }
}

// MARK: Comparing

extension OperationVector.Output {
  /// Whether the rounding of a located value to a format is that of mpmath.
  func isRounding(of value: ExactValue, in format: FloatFormat) -> Bool {
    value.rounded(to: format) == rounded
  }

  /// Whether a text of thirty digits denotes the value; `nil` denotes nothing.
  func hasDigits(_ text: String?) -> Bool { text.map { OperationVector.same($0, digits) } ?? false }

  /// Whether an end of an enclosure has the thirty digits of the yardstick.
  func hasYardstick(_ enclosure: borrowing Enclosure) -> Bool {
    guard !enclosure.lower.isZero else { return yardstick == "0" }
    return OperationVector.same(enclosure.lower.decimalText(digits: 30), yardstick)
      || OperationVector.same(enclosure.upper.decimalText(digits: 30), yardstick)
  }
}

extension OperationVector {
  /// Whether two texts denote one number of thirty digits.
  static func same(_ text: String, _ digits: String) -> Bool {
    guard text != "0", digits != "0" else { return text == digits }
    var one = BigFloat(precision: 400)
    var other = BigFloat(precision: 400)
    guard one.assign(parsing: text, .toNearestOrEven) != nil,
      other.assign(parsing: digits, .toNearestOrEven) != nil
    else { return false }
    return one.compare(other) == 0
  }

  /// Expects that the distance of each rounded value from the exact one is certified, and at most
  /// half an ulp.
  func expectEnclosedDistances() {
    let oracle = SoftmaxOracle()
    let reference = oracle.reference(of: lane, in: format)
    for (index, output) in outputs.enumerated() where output.rounded.isFinite {
      let value = reference.value(at: index)
      guard !value.isZero else { continue }
      let distance = oracle.distance(
        from: output.rounded, slot: reference.slot(at: index), of: lane, relativeBits: 40)
      guard let distance else {
        Issue.record("\(name), output \(index): undecided")
        continue
      }
      var half = BigFloat(1)
      half.formProduct(withPowerOfTwo: Int(value.quantumExponent) - 1)
      #expect(distance.lower.compare(half) <= 0, "\(name), output \(index)")
      #expect(!distance.lower.isNegative || distance.lower.isZero, "\(name)")
    }
  }
}

extension ExactValue {
  /// The correct rounding in a format, in binary64.
  func rounded(to format: FloatFormat) -> Double {
    switch format {
    case .float16: correctlyRounded(Float16.self).exactDouble
    case .bfloat16: correctlyRounded(BFloat16.self).exactDouble
    case .float32: correctlyRounded(Float.self).exactDouble
    case .float64: correctlyRounded(Double.self)
    default: rounded(to: format.type)
    }
  }

  private func rounded<F: BinaryFloat>(to type: F.Type) -> Double {
    correctlyRounded(type).exactDouble
  }
}
