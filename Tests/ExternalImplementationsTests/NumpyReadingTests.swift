import Basics
import ExternalImplementations
import FloatFormats
import Testing

@testable import AuditedOperations

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

@Suite("Reading .npy files")
struct NumpyReadingTests {
  @Test("Files that NumPy wrote are read to the bit", arguments: NumpyFixture.readable)
  func readsFixture(_ fixture: NumpyFixture) throws {
    let bytes = try #require(Data(base64Encoded: fixture.base64))
    let array = try NumpyArray(parsing: bytes, name: "x.npy")
    #expect(array.shape == fixture.shape)
    #expect(array.storedFormat == fixture.format)
    #expect(array.storedBits == fixture.bits)
    #expect(array.count == fixture.bits.count)
  }

  /// The types of the grid test, with how a header spells them.
  static let spellings: [(code: String, width: Int, format: FloatFormat)] = [
    ("f2", 2, .float16), ("V2", 2, .bfloat16), ("f4", 4, .float32), ("f8", 8, .float64),
    ("u2", 2, .bfloat16), ("i2", 2, .bfloat16), ("bfloat16", 2, .bfloat16),
  ]

  static let shapes = [
    [], [1], [7], [0], [3, 5], [4, 1, 3], [2, 0, 3], [2, 3, 4, 5], [1, 9, 1, 2],
  ]

  @Test(
    "Every type is read in every byte order, layout and version",
    arguments: NumpyReadingTests.spellings.map(\.code), ["<", ">", "=", "|", ""])
  func readsEveryCombination(code: String, order: String) throws {
    let spelling = try #require(Self.spellings.first { $0.code == code })
    var generator = SplitMix64(seed: 0x5EED)
    for version in UInt8(1)...3 {
      for fortranOrder in [false, true] {
        for shape in Self.shapes {
          let count = shape.reduce(1, *)
          let mask = UInt64.max >> UInt64(64 - 8 * spelling.width)
          let bits = (0..<count).map { _ in generator.next() & mask }
          let file = HandmadeFile.bytes(
            bits: bits, of: spelling.width, descr: order + code, bigEndian: order == ">",
            fortranOrder: fortranOrder, shape: shape, version: version)
          let array = try NumpyArray(parsing: file, name: "x.npy", integersAre: .bfloat16)
          #expect(array.shape == shape)
          #expect(array.storedFormat == spelling.format)
          #expect(array.storedBits == bits)
        }
      }
    }
  }

  @Test("Fortran order is undone for random shapes of up to six dimensions")
  func transposesRandomShapes() throws {
    var generator = SplitMix64(seed: 6)
    for _ in 0..<300 {
      let rank = Int.random(in: 2...6, using: &generator)
      let shape = (0..<rank).map { _ in Int.random(in: 1...5, using: &generator) }
      let bits = (0..<shape.reduce(1, *)).map { _ in generator.next() & 0xFFFF_FFFF }
      let file = HandmadeFile.bytes(
        bits: bits, of: 4, descr: "<f4", bigEndian: false, fortranOrder: true, shape: shape)
      #expect(try NumpyArray(parsing: file, name: "x.npy").storedBits == bits)
    }
  }

  @Test(
    "All 65536 bit patterns of a 16-bit format survive, NaN payloads included",
    arguments: ["<f2", ">f2", "<V2", ">V2"], [false, true])
  func keepsAllPatterns(descr: String, fortranOrder: Bool) throws {
    let bits = (0..<65_536).map(UInt64.init)
    let file = HandmadeFile.bytes(
      bits: bits, of: 2, descr: descr, bigEndian: descr.hasPrefix(">"),
      fortranOrder: fortranOrder, shape: [256, 256])
    #expect(try NumpyArray(parsing: file, name: "x.npy").storedBits == bits)
  }

  @Test("Signalling NaNs and their payloads survive in the wide formats")
  func keepsPayloads() throws {
    let singles: [UInt64] = [0x7F80_0001, 0xFFBF_FFFF, 0x7FC1_2345, 0xFFFF_FFFF]
    let doubles: [UInt64] = [0x7FF0_0000_0000_0001, 0xFFF7_FFFF_FFFF_FFFF, 0x7FF8_1234_5678_9ABC]
    for bigEndian in [false, true] {
      let order = bigEndian ? ">" : "<"
      for (bits, width) in [(singles, 4), (doubles, 8)] {
        let file = HandmadeFile.bytes(
          bits: bits, of: width, descr: "\(order)f\(width)", bigEndian: bigEndian,
          fortranOrder: false, shape: [bits.count])
        #expect(try NumpyArray(parsing: file, name: "x.npy").storedBits == bits)
      }
    }
  }

  @Test("Elements asked for in another format are rounded to nearest, ties to even")
  func roundsToOtherFormats() throws {
    // The neighbours of midpoints of float16 and bfloat16 near 1, overflows, and a double rounding.
    let values: [Double] = [
      1 + 0x1p-8, 1 + 0x1.8p-7, 1 + 0x1p-8 + 0x1p-40, 1 + 0x1p-11, 1 + 0x1p-11 + 0x1p-30,
      65520, 65519.99, 1e300, -1e300, 0x1p-25, 0x1.8p-149, -0.0, .infinity, -.infinity,
    ]
    let file = HandmadeFile.bytes(
      bits: values.map(\.bitPattern), of: 8, descr: ">f8", bigEndian: true, fortranOrder: false,
      shape: [values.count])
    let array = try NumpyArray(parsing: file, name: "x.npy")
    #expect(array.elements(as: Float16.self) == values.map { Float16($0) })
    #expect(array.elements(as: BFloat16.self) == values.map { BFloat16(rounding: $0) })
    #expect(array.elements(as: BFloat16.self)[2] == BFloat16(rounding: 1 + 0x1p-7))
    #expect(array.elements(as: Float.self) == values.map { Float($0) })
    #expect(array.elements(as: Double.self) == values)
  }

  @Test("Every 16-bit number is widened exactly", arguments: ["<f2", "<V2"])
  func widensExactly(descr: String) throws {
    let file = HandmadeFile.bytes(
      bits: (0..<65_536).map(UInt64.init), of: 2, descr: descr, bigEndian: false,
      fortranOrder: false, shape: [65_536])
    let array = try NumpyArray(parsing: file, name: "x.npy")
    let singles = array.elements(as: Float.self)
    let doubles = array.elements(as: Double.self)
    for pattern in 0..<65_536 {
      let exact =
        descr == "<f2"
        ? Double(Float16(bitPattern: UInt16(pattern)))
        : Double(Float(bitPattern: UInt32(pattern) << 16))
      guard !exact.isNaN else {
        #expect(singles[pattern].isNaN && doubles[pattern].isNaN)
        continue
      }
      guard singles[pattern] == Float(exact), doubles[pattern] == exact else {
        Issue.record("pattern \(pattern) became \(singles[pattern]) and \(doubles[pattern])")
        return
      }
    }
  }

  @Test(
    "A header may be written in any way that Python reads alike",
    arguments: [
      "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 1), }",
      "{'shape': (2, 1), 'fortran_order': False, 'descr': '<f4'}",
      "{\"descr\": \"<f4\", \"fortran_order\": False, \"shape\": (2, 1)}",
      "{'descr':'<f4','fortran_order':False,'shape':(2,1)}\n",
      " \t{ 'descr' : '<f4' ,\r\n 'fortran_order' : False ,\n 'shape' : ( 2 , 1 , ) , } \u{0C}\n",
      "{'descr': '<f4', 'fortran_order': True, 'shape': (2L, 1L), }",
    ])
  func readsOddHeader(header: String) throws {
    let file = HandmadeFile.bytes(header: header, data: [0, 0, 0x80, 0x3F, 0, 0, 0, 0xC0])
    let array = try NumpyArray(parsing: file, name: "x.npy")
    #expect(array.shape == [2, 1])
    #expect(array.elements(as: Float.self) == [1, -2])
  }

  @Test("A slice of a larger buffer is read from where it begins")
  func readsSlice() throws {
    let file = HandmadeFile.bytes(
      bits: [0x3C00, 0xC000], of: 2, descr: "<f2", bigEndian: false, fortranOrder: false,
      shape: [2])
    let padded = Data([1, 2, 3]) + file + Data([4])
    let array = try NumpyArray(parsing: padded[3..<3 + file.count], name: "x.npy")
    #expect(array.elements(as: Float16.self) == [1, -2])
  }

  @Test("16-bit integers are bfloat16 only when the caller says so, and floats stay what they are")
  func readsIntegersOnDemand() throws {
    let integers = HandmadeFile.bytes(
      bits: [0x3F80], of: 2, descr: "<u2", bigEndian: false, fortranOrder: false, shape: [1])
    #expect(throws: UserError.self) { try NumpyArray(parsing: integers, name: "x.npy") }
    let array = try NumpyArray(parsing: integers, name: "x.npy", integersAre: .bfloat16)
    #expect(array.elements(as: BFloat16.self) == [.one])

    let halves = HandmadeFile.bytes(
      bits: [0x3C00], of: 2, descr: "<f2", bigEndian: false, fortranOrder: false, shape: [1])
    let floats = try NumpyArray(parsing: halves, name: "x.npy", integersAre: .bfloat16)
    #expect(floats.storedFormat == .float16)
    #expect(floats.elements(as: Float.self) == [1])
  }

  @Test("An array becomes a tensor along any of its axes, and a single number along none")
  func becomesTensor() throws {
    let file = HandmadeFile.bytes(
      bits: (0..<6).map { Double($0).bitPattern }, of: 8, descr: "<f8", bigEndian: false,
      fortranOrder: true, shape: [2, 3])
    let array = try NumpyArray(parsing: file, name: "x.npy")
    #expect(try array.tensor(as: Double.self, axis: 0).lane(1) == [1, 4])
    #expect(try array.tensor(as: Float.self, axis: -1).lane(1) == [3, 4, 5])
    let axisMissing = #expect(throws: UserError.self) {
      try array.tensor(as: Double.self, axis: 2)
    }
    #expect(axisMissing?.kind == .usage)

    let number = HandmadeFile.bytes(
      bits: [0], of: 8, descr: "<f8", bigEndian: false, fortranOrder: false, shape: [])
    let single = try NumpyArray(parsing: number, name: "x.npy")
    #expect(single.shape == [])
    #expect(throws: UserError.self) { try single.tensor(as: Double.self, axis: 0) }
  }
}
