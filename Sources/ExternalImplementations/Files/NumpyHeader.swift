/// The description of an array in the header of its `.npy` file.
///
/// The header is the literal of a Python dictionary with the keys `descr`, `fortran_order` and
/// `shape`, padded with spaces (NumPy Enhancement Proposal 1 and the documentation of
/// `numpy.lib.format`). NumPy evaluates it as Python; here exactly the literals that describe an
/// array are understood, and nothing is executed.
struct NumpyHeader: Equatable {
  /// The data type as the file spells it.
  enum TypeDescription: Equatable {
    /// A string such as `<f4`.
    case simple(String)
    /// A list or tuple, shown as it stands in the header: a structured type.
    case structured(String)
  }

  /// The reason why a header cannot be understood, and the place.
  struct Flaw: Error, Equatable {
    /// The fault, to stand after "has a malformed header at byte N: ".
    let message: String
    /// The place, counted from the first byte of the header.
    let offset: Int
  }

  /// The most dimensions an array can have: `NPY_MAXDIMS` of NumPy 2.
  ///
  /// The limit also keeps a crafted header from claiming more memory for its shape than the file is
  /// long.
  static let maximumRank = 64

  let descr: TypeDescription
  let isFortranOrder: Bool
  let shape: [Int]

  init(descr: TypeDescription, isFortranOrder: Bool, shape: [Int]) {
    self.descr = descr
    self.isFortranOrder = isFortranOrder
    self.shape = shape
  }

  /// The header that a text denotes.
  ///
  /// - Parameters:
  ///   - text: The header without the magic string, version and length.
  ///   - allowsLongSuffix: Whether integers may end in `L`, as Python 2 wrote them (versions 1, 2).
  init(parsing text: [UInt8], allowsLongSuffix: Bool) throws(Flaw) {
    var parser = HeaderParser(text: text, allowsLongSuffix: allowsLongSuffix)
    var descr: TypeDescription?
    var isFortranOrder: Bool?
    var shape: [Int]?

    try parser.expect("{", "at the beginning")
    while !parser.take("}") {
      let start = parser.position
      let key = try parser.string("a key")
      let alreadyGiven: Bool
      switch key {
      case "descr": alreadyGiven = descr != nil
      case "fortran_order": alreadyGiven = isFortranOrder != nil
      case "shape": alreadyGiven = shape != nil
      default:
        throw Flaw(
          message: "the key '\(key)' is none of 'descr', 'fortran_order' and 'shape'",
          offset: start)
      }
      if alreadyGiven { throw Flaw(message: "the key '\(key)' appears twice", offset: start) }
      try parser.expect(":", "after the key '\(key)'")
      switch key {
      case "descr": descr = try parser.typeDescription()
      case "fortran_order": isFortranOrder = try parser.truth()
      default: shape = try parser.shape()
      }
      if !parser.take(",") {
        try parser.expect("}", "or ',' after the value of '\(key)'")
        break
      }
    }
    try parser.expectEnd()

    guard let descr, let isFortranOrder, let shape else {
      let missing = descr == nil ? "descr" : isFortranOrder == nil ? "fortran_order" : "shape"
      throw Flaw(message: "the key '\(missing)' is missing", offset: parser.position)
    }
    self.init(descr: descr, isFortranOrder: isFortranOrder, shape: shape)
  }

  /// The bytes before the data of a file of version 1.0 in C order, as NumPy writes them.
  ///
  /// Padded so that the data starts at a multiple of 64 bytes. Like NumPy, the header keeps room
  /// for 21 digits in the first dimension, so that a program that appends to the file can update it
  /// in place.
  static func prologue(descr: String, shape: [Int]) -> [UInt8] {
    var text = "{'descr': '\(descr)', 'fortran_order': False, 'shape': \(pythonTuple(shape)), }"
    if let first = shape.first {
      text += String(repeating: " ", count: max(0, 21 - String(first).utf8.count))
    }
    let unpadded = 10 + text.utf8.count + 1
    text += String(repeating: " ", count: 64 - unpadded % 64) + "\n"
    let length = UInt16(text.utf8.count)
    return magic + [1, 0, UInt8(length & 0xFF), UInt8(length >> 8)] + Array(text.utf8)
  }

  /// The six bytes every `.npy` file begins with.
  static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)

  /// A shape as Python writes it: `()`, `(3,)`, `(2, 3)`.
  static func pythonTuple(_ shape: [Int]) -> String {
    shape.count == 1
      ? "(\(shape[0]),)" : "(" + shape.map(String.init).joined(separator: ", ") + ")"
  }
}

/// A reader of the few Python literals that a header consists of.
///
/// Every method skips white space first, looks at each byte once, and never past the end.
private struct HeaderParser {
  typealias Flaw = NumpyHeader.Flaw

  private let text: [UInt8]
  private let allowsLongSuffix: Bool
  private(set) var position = 0

  init(text: [UInt8], allowsLongSuffix: Bool) {
    self.text = text
    self.allowsLongSuffix = allowsLongSuffix
  }

  private var next: UInt8? { position < text.count ? text[position] : nil }

  private mutating func skipWhiteSpace() {
    while let byte = next, byte == 0x20 || (0x09...0x0D).contains(byte) { position += 1 }
  }

  /// Takes one punctuation mark if it comes next.
  mutating func take(_ mark: Unicode.Scalar) -> Bool {
    skipWhiteSpace()
    guard next == UInt8(ascii: mark) else { return false }
    position += 1
    return true
  }

  /// Takes one punctuation mark that must come next.
  mutating func expect(_ mark: Unicode.Scalar, _ place: String) throws(Flaw) {
    if !take(mark) { throw Flaw(message: "expected '\(mark)' \(place)", offset: position) }
  }

  /// Makes sure that only white space is left.
  mutating func expectEnd() throws(Flaw) {
    skipWhiteSpace()
    guard position == text.count else {
      throw Flaw(message: "text follows the dictionary", offset: position)
    }
  }

  /// Takes a quoted string of printable ASCII without escapes: keys and types need no more.
  mutating func string(_ what: String) throws(Flaw) -> String {
    skipWhiteSpace()
    let start = position
    guard let quote = next, quote == UInt8(ascii: "'") || quote == UInt8(ascii: "\"") else {
      throw Flaw(message: "expected \(what) in quotes", offset: start)
    }
    position += 1
    while let byte = next, byte != quote {
      guard (0x20...0x7E).contains(byte), byte != UInt8(ascii: "\\") else {
        throw Flaw(
          message: "\(what) contains a character other than printable ASCII", offset: position)
      }
      position += 1
    }
    guard next == quote else { throw Flaw(message: "the quotes do not close", offset: start) }
    position += 1
    return excerpt(start + 1..<position - 1)
  }

  /// Takes the description of a data type.
  ///
  /// A list or tuple is only measured, so that a message can show it.
  mutating func typeDescription() throws(Flaw) -> NumpyHeader.TypeDescription {
    skipWhiteSpace()
    let start = position
    guard let first = next, "[(".utf8.contains(first) else {
      return .simple(try string("the dtype"))
    }
    var depth = 0
    var quote: UInt8?
    while let byte = next {
      position += 1
      if let open = quote {
        if byte == UInt8(ascii: "\\") {
          position += 1
        } else if byte == open {
          quote = nil
        }
        continue
      }
      switch byte {
      case UInt8(ascii: "'"), UInt8(ascii: "\""): quote = byte
      case UInt8(ascii: "["), UInt8(ascii: "("): depth += 1
      case UInt8(ascii: "]"), UInt8(ascii: ")"): depth -= 1
      default: break
      }
      if depth == 0 { return .structured(excerpt(start..<position)) }
    }
    throw Flaw(message: "the brackets of the dtype do not close", offset: start)
  }

  /// Takes `True` or `False`.
  mutating func truth() throws(Flaw) -> Bool {
    skipWhiteSpace()
    for (word, value) in [("True", true), ("False", false)]
    where text[position...].starts(with: word.utf8) {
      position += word.utf8.count
      return value
    }
    throw Flaw(message: "expected True or False as the value of 'fortran_order'", offset: position)
  }

  /// Takes a tuple of dimensions.
  mutating func shape() throws(Flaw) -> [Int] {
    try expect("(", "before the dimensions of 'shape'")
    var shape: [Int] = []
    while !take(")") {
      skipWhiteSpace()
      if shape.count == NumpyHeader.maximumRank {
        throw Flaw(
          message: "the shape has more than \(NumpyHeader.maximumRank) dimensions",
          offset: position)
      }
      shape.append(try dimension())
      if take(",") { continue }
      // Python reads "(3)" as the number 3: one dimension needs its comma.
      if shape.count == 1 { try expect(",", "after the only dimension of 'shape'") }
      try expect(")", "or ',' after a dimension of 'shape'")
      break
    }
    return shape
  }

  private mutating func dimension() throws(Flaw) -> Int {
    skipWhiteSpace()
    let start = position
    if next == UInt8(ascii: "-") {
      throw Flaw(message: "a dimension of 'shape' is negative", offset: start)
    }
    var value = 0
    while let byte = next, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) {
      let (tens, overflow) = value.multipliedReportingOverflow(by: 10)
      let (sum, carry) = tens.addingReportingOverflow(Int(byte - UInt8(ascii: "0")))
      if overflow || carry {
        throw Flaw(message: "a dimension of 'shape' does not fit into 64 bits", offset: start)
      }
      value = sum
      position += 1
    }
    let digits = position - start
    guard digits > 0 else {
      throw Flaw(message: "expected a whole number as a dimension of 'shape'", offset: start)
    }
    guard digits == 1 || text[start] != UInt8(ascii: "0") else {
      throw Flaw(message: "a dimension of 'shape' has leading zeros", offset: start)
    }
    if allowsLongSuffix, next == UInt8(ascii: "L") { position += 1 }
    return value
  }

  /// A part of the text for a message: cut short, and without bytes that could upset a terminal.
  private func excerpt(_ range: Range<Int>) -> String {
    let shown = 64
    let escaped = text[range].prefix(shown).map { byte in
      (0x20...0x7E).contains(byte)
        ? String(Unicode.Scalar(byte)) : "\\x" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }
    return escaped.joined() + (range.count > shown ? "..." : "")
  }
}
