import Basics
import FloatFormats

/// The numbers of a file that somebody named, such as a mask or the weights of classes.
package struct NumberFile: Sendable, Hashable {
  /// The path, as it was given.
  package let path: String
  package let shape: [Int]
  /// The numbers, row-major.
  package let numbers: [Double]
  /// The name without folders and the beginning of a digest of shape and numbers, by which results
  /// tell files apart: `m.npy#1f3a9c02e4b5`.
  package let mark: String

  package init(path: String, shape: [Int], numbers: [Double]) {
    self.path = path
    self.shape = shape
    self.numbers = numbers
    var hash = SHA256()
    shape.withUnsafeBytes { hash.append($0) }
    numbers.withUnsafeBytes { hash.append($0) }
    let name = path.split(separator: "/").last.map(String.init) ?? path
    mark = "\(name)#\(hash.finish().prefix(12))"
  }

  /// The numbers repeated to a shape, as numbers of a format.
  ///
  /// - Parameter name: The name for the message.
  /// - Throws: `UserError` of kind `malformedInput` where the shapes do not fit, or a number is
  ///   none of the format.
  func repeated(
    to shape: [Int], in format: FloatFormat, name: String
  ) throws(UserError) -> [Double] {
    try Broadcast.elements(
      numbers(in: format), of: self.shape, to: shape, name: "\(name) \(path)")
  }

  /// The numbers, which are of a format.
  ///
  /// - Throws: `UserError` of kind `malformedInput` where one is not.
  func numbers(in format: FloatFormat) throws(UserError) -> [Double] {
    if let other = numbers.first(where: { !$0.isNaN && !format.holds($0) }) {
      throw UserError(
        .malformedInput,
        "\(path) holds \(other), which is no \(format.rawValue) number; save it in the format of the logits"
      )
    }
    return numbers
  }

  /// The same numbers without one dimension of 1, the last, where there are more dimensions than a
  /// rank: a lane's own axis may be there with length 1.
  func droppingAxis(beyondRank rank: Int) -> NumberFile {
    guard shape.count == rank + 1, let place = shape.lastIndex(of: 1) else { return self }
    var own = shape
    own.remove(at: place)
    return NumberFile(path: path, shape: own, numbers: numbers)
  }
}
