import Basics
import ExternalImplementations
import FloatFormats
import Testing

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

@Suite("Refusing files that are not readable .npy files")
struct NumpyErrorTests {
  /// Checks that bytes are refused as malformed input, with exactly this message.
  private func expectRefusal(
    of bytes: Data, _ message: String, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let error = #expect(throws: UserError.self, sourceLocation: sourceLocation) {
      try NumpyArray(parsing: bytes, name: "x.npy")
    }
    #expect(error?.kind == .malformedInput, sourceLocation: sourceLocation)
    #expect(error?.message == message, sourceLocation: sourceLocation)
  }

  private func expectHeaderRefusal(
    _ header: String, version: UInt8 = 1, at byte: Int, _ message: String,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    expectRefusal(
      of: HandmadeFile.bytes(header: header, version: version),
      "x.npy has a malformed header at byte \(byte): \(message); save it again with numpy.save",
      sourceLocation: sourceLocation)
  }

  @Test("Another kind of file is named for what it is")
  func refusesOtherFiles() {
    expectRefusal(of: Data(), "x.npy is empty; save one array with numpy.save")
    expectRefusal(
      of: Data("1.0 2.0\n".utf8), "x.npy is not a .npy file; save one array with numpy.save")
    expectRefusal(
      of: Data([0x50, 0x4B, 3, 4, 0, 0]),
      "x.npy is a .npz or other zip archive, not a .npy file; save one array with numpy.save")
  }

  @Test("A file that ends within its header is refused wherever it ends")
  func refusesCutHeaders() {
    let file = HandmadeFile.bytes(header: "{", version: 2)
    for count in 1..<12 {
      expectRefusal(
        of: file.prefix(count),
        "x.npy ends within its header, after \(count) bytes; save or copy it again")
    }
  }

  @Test("A header length beyond the end of the file is refused, however large", arguments: [2, 3])
  func refusesLyingHeaderLength(version: UInt8) {
    expectRefusal(
      of: HandmadeFile.bytes(header: "{}", version: version, headerLength: 0xFFFF_FFFF),
      "x.npy claims a header of 4294967295 bytes, but only 2 follow; save or copy it again")
    expectRefusal(
      of: HandmadeFile.bytes(header: "{}", headerLength: 3),
      "x.npy claims a header of 3 bytes, but only 2 follow; save or copy it again")
  }

  @Test("A version that does not exist is refused")
  func refusesUnknownVersions() {
    func message(_ version: String) -> String {
      "x.npy has version \(version) of the .npy format, but 1.0, 2.0 or 3.0 is needed; "
        + "save it again with numpy.save"
    }
    expectRefusal(of: HandmadeFile.bytes(header: "{}", version: 0), message("0.0"))
    expectRefusal(of: HandmadeFile.bytes(header: "{}", version: 4), message("4.0"))
    var bytes = HandmadeFile.bytes(header: "{}")
    bytes[7] = 1
    expectRefusal(of: bytes, message("1.1"))
  }

  @Test("A header that is no such dictionary is refused, with the place of the fault")
  func refusesMalformedHeaders() {
    let start = "{'descr': '<f4', 'fortran_order': False, "
    let shape = 10 + start.utf8.count + 9
    expectHeaderRefusal("", at: 10, "expected '{' at the beginning")
    expectHeaderRefusal("", version: 2, at: 12, "expected '{' at the beginning")
    expectHeaderRefusal("[1]", at: 10, "expected '{' at the beginning")
    expectHeaderRefusal("{}", at: 12, "the key 'descr' is missing")
    expectHeaderRefusal("{'descr': '<f4'}", at: 26, "the key 'fortran_order' is missing")
    expectHeaderRefusal(
      "{'descr': '<f4', 'fortran_order': True}", at: 49, "the key 'shape' is missing")
    expectHeaderRefusal("{'descr': '<f4', 'descr': '<f4'}", at: 27, "the key 'descr' appears twice")
    expectHeaderRefusal(
      "{'order': 'C'}", at: 11,
      "the key 'order' is none of 'descr', 'fortran_order' and 'shape'")
    expectHeaderRefusal("{descr: '<f4'}", at: 11, "expected a key in quotes")
    expectHeaderRefusal("{'descr", at: 11, "the quotes do not close")
    expectHeaderRefusal("{'descr' '<f4'}", at: 19, "expected ':' after the key 'descr'")
    expectHeaderRefusal("{'descr': f4}", at: 20, "expected the dtype in quotes")
    expectHeaderRefusal(
      "{'descr': '<f\\x34'}", at: 23,
      "the dtype contains a character other than printable ASCII")
    expectHeaderRefusal("{'descr': '<f4\"}", at: 20, "the quotes do not close")
    expectHeaderRefusal("{'descr': [('a', '<f4')", at: 20, "the brackets of the dtype do not close")
    expectHeaderRefusal(
      "{'descr': '<f4'; }", at: 25, "expected '}' or ',' after the value of 'descr'")
    expectHeaderRefusal(
      "{'fortran_order': 0}", at: 28, "expected True or False as the value of 'fortran_order'")
    expectHeaderRefusal(
      start + "'shape': [2]}", at: shape, "expected '(' before the dimensions of 'shape'")
    expectHeaderRefusal(
      start + "'shape': (2)}", at: shape + 2, "expected ',' after the only dimension of 'shape'")
    expectHeaderRefusal(
      start + "'shape': (2, 3 4)}", at: shape + 6,
      "expected ')' or ',' after a dimension of 'shape'")
    expectHeaderRefusal(
      start + "'shape': (-1,)}", at: shape + 1, "a dimension of 'shape' is negative")
    expectHeaderRefusal(
      start + "'shape': (1.5,)}", at: shape + 2,
      "expected ',' after the only dimension of 'shape'")
    expectHeaderRefusal(
      start + "'shape': (,)}", at: shape + 1,
      "expected a whole number as a dimension of 'shape'")
    expectHeaderRefusal(
      start + "'shape': (02,)}", at: shape + 1, "a dimension of 'shape' has leading zeros")
    expectHeaderRefusal(
      start + "'shape': (9223372036854775808,)}", at: shape + 1,
      "a dimension of 'shape' does not fit into 64 bits")
    expectHeaderRefusal(
      start + "'shape': (2L,)}", version: 3, at: shape + 4,
      "expected ',' after the only dimension of 'shape'")
    expectHeaderRefusal(
      start + "'shape': (" + String(repeating: "1, ", count: 65) + ")}", at: shape + 1 + 3 * 64,
      "the shape has more than 64 dimensions")
    expectHeaderRefusal(
      start + "'shape': (2,)} # two", at: shape + 6, "text follows the dictionary")
  }

  @Test("A key with control characters does not reach the terminal, and a long one is cut")
  func shortensExcerpts() {
    expectHeaderRefusal(
      "{'\u{1B}[2J': 1}", at: 12, "a key contains a character other than printable ASCII")
    expectHeaderRefusal(
      "{'\(String(repeating: "k", count: 1000))': 1}", at: 11,
      "the key '\(String(repeating: "k", count: 64))...' is none of 'descr', 'fortran_order' "
        + "and 'shape'")
  }

  @Test("Data that do not match the shape are refused with both sizes")
  func refusesWrongSizes() {
    let header = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }\n"
    expectRefusal(
      of: HandmadeFile.bytes(header: header, data: .init(repeating: 0, count: 20)),
      "x.npy should have 24 bytes of data for the shape (2, 3) of float32, but has 20: "
        + "it was cut short; save or copy it again")
    expectRefusal(
      of: HandmadeFile.bytes(header: header, data: .init(repeating: 0, count: 25)),
      "x.npy should have 24 bytes of data for the shape (2, 3) of float32, but has 25: "
        + "it holds more than one array or was damaged; save the array alone")
    expectRefusal(
      of: HandmadeFile.bytes(header: "{'descr': '<V2', 'fortran_order': False, 'shape': ()}"),
      "x.npy should have 2 bytes of data for the shape () of bfloat16, but has 0: "
        + "it was cut short; save or copy it again")
    expectRefusal(
      of: HandmadeFile.bytes(
        header: "{'descr': '<f8', 'fortran_order': False, 'shape': (0,)}", data: [1]),
      "x.npy should have 0 bytes of data for the shape (0,) of float64, but has 1: "
        + "it holds more than one array or was damaged; save the array alone")
  }

  @Test("A shape of astronomical size is refused without asking for its memory")
  func refusesHugeShapes() {
    func file(_ shape: String) -> Data {
      HandmadeFile.bytes(header: "{'descr': '<f8', 'fortran_order': True, 'shape': \(shape)}")
    }
    expectRefusal(
      of: file("(1000000000000000000,)"),
      "x.npy should have 8000000000000000000 bytes of data for the shape (1000000000000000000,) "
        + "of float64, but has 0: it was cut short; save or copy it again")
    for shape in [
      "(9223372036854775807,)", "(4294967296, 4294967296)", "(0, 4294967296, 4294967296)",
    ] {
      expectRefusal(
        of: file(shape),
        "x.npy claims the shape \(shape), which no memory can hold; save the array again")
    }
  }

  static let typeRefusals: [String: String] = [
    "dtype <i8": "64-bit signed integers (dtype '<i8')",
    "dtype >u4": "32-bit unsigned integers (dtype '>u4')",
    "dtype |b1": "truth values (dtype '|b1')",
    "dtype <c8": "complex numbers (dtype '<c8')",
    "dtype <U3": "strings (dtype '<U3')",
    "dtype |S2": "strings (dtype '|S2')",
    "dtype <M8[s]": "dates or durations (dtype '<M8[s]')",
    "dtype |V3": "raw bytes (dtype '|V3')",
    "long double": "128-bit floats (dtype '<f16')",
  ]
  /// What is quantised is not converted as it is.
  static let quantized: [String: String] = [
    "dtype |i1": "8-bit signed integers (dtype '|i1')",
    "float8-e4m3fn": "raw bytes, as floats of 8 bits are saved (dtype '<V1')",
  ]
  static let float8Advice =
    "if they are the bit patterns of 8-bit floats, say so with --format float8-e4m3fn, float8-e5m2, float8-e4m3fnuz or float8-e5m2fnuz"
  static let unsaid =
    "quantised integers mean nothing without scale and zero point: say --quantised role=scale,zero,type to verify, of int8, uint8 or int16, or save (q - zero point) * scale as float32"

  @Test(
    "A file of another type is refused with the name of the type",
    arguments: NumpyFixture.refused)
  func refusesFixture(_ fixture: NumpyFixture) throws {
    let bytes = try #require(Data(base64Encoded: fixture.base64))
    let needed = "float16, bfloat16, float32 or float64"
    let conversion = "for example with array.astype(numpy.float32)"
    if let content = Self.typeRefusals[fixture.name] {
      let mask =
        content.hasPrefix("truth values")
        ? "; of a mask with numpy.where(seen, 0, -numpy.inf).astype(numpy.float32)" : ""
      expectRefusal(
        of: bytes,
        "x.npy holds \(content), but \(needed) is needed; convert it, \(conversion)\(mask)")
      return
    }
    if let content = Self.quantized[fixture.name] {
      expectRefusal(
        of: bytes, "x.npy holds \(content); \(Self.float8Advice); else \(Self.unsaid)")
      return
    }
    switch fixture.name {
    case "dtype <u2", "dtype >i2":
      let dtype = fixture.name.suffix(3)
      let sign = dtype == "<u2" ? "unsigned" : "signed"
      expectRefusal(
        of: bytes,
        "x.npy holds 16-bit \(sign) integers (dtype '\(dtype)'); if they are the bit patterns of "
          + "float16 or bfloat16 numbers, say so with --format float16 or --format bfloat16; "
          + "else \(Self.unsaid)")
    case "pickled objects":
      expectRefusal(
        of: bytes,
        "x.npy holds pickled Python objects (dtype '|O'), which are never loaded; "
          + "save an array of \(needed)")
    case "records":
      expectRefusal(
        of: bytes,
        "x.npy holds records (dtype [('logits', '<f4'), ('mask', '|b1')]), "
          + "but \(needed) is needed; save one field alone")
    case "records with names beyond Latin-1":
      expectRefusal(
        of: bytes,
        "x.npy holds records (dtype [('\\xcf\\x83', '<f4')]), but \(needed) is needed; "
          + "save one field alone")
    default:
      Issue.record("no message is expected for '\(fixture.name)'")
    }
  }

  @Test(
    "A type that NumPy does not know either is refused",
    arguments: ["", "<", "f", "<f3", "<>f4", "x9"])
  func refusesUnknownTypes(descr: String) {
    let content =
      switch descr {
      case "f": "floats"
      case "<f3": "24-bit floats"
      default: "values of an unknown type"
      }
    expectRefusal(
      of: HandmadeFile.bytes(header: "{'descr': '\(descr)', 'fortran_order': False, 'shape': ()}"),
      "x.npy holds \(content) (dtype '\(descr)'), but float16, bfloat16, float32 or float64 is "
        + "needed; convert it, for example with array.astype(numpy.float32)")
  }

  @Test("A file that cannot be read is refused with the reason")
  func refusesUnreadableFiles() throws {
    try withTemporaryFolder { folder in
      let missing = folder.appending(path: "missing.npy").path
      #expect(
        throws: UserError(
          .malformedInput,
          "\(missing) cannot be read: there is no such file or folder; check the name")
      ) { try NumpyArray.read(contentsOf: missing) }
      let file = folder.appending(path: "file").path
      try Data().write(to: URL(filePath: file))
      #expect(
        throws: UserError(
          .malformedInput,
          "\(file)/x.npy cannot be read: a part of its path is not a folder; check the name")
      ) { try NumpyArray.read(contentsOf: file + "/x.npy") }
      #expect(
        throws: UserError(
          .malformedInput, "\(folder.path) cannot be read: it is a folder; name a file")
      ) { try NumpyArray.read(contentsOf: folder.path) }
    }
  }
}
