import FloatFormats
import Testing

@testable import Basics
@testable import ExternalImplementations

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

@Suite("Saved class numbers")
struct SavedIntegersTests {
  private func complaint(_ bytes: Data) -> String? {
    do {
      _ = try SavedIntegers(parsing: bytes, name: "t.npy")
      return nil
    } catch {
      #expect(error.kind == .malformedInput)
      return error.message
    }
  }

  @Test("32 and 64 bits, both byte orders and both orders of elements are read row by row")
  func readable() throws {
    let numbers: [Int64] = [0, -100, 7, 1 << 30, -1, 3]
    for width in [4, 8] {
      for isBigEndian in [false, true] {
        for isFortran in [false, true] {
          let bytes = HandmadeFile.bytes(
            bits: numbers.map { UInt64(bitPattern: $0) & (width == 4 ? 0xFFFF_FFFF : .max) },
            of: width, descr: (isBigEndian ? ">" : "<") + "i\(width)", bigEndian: isBigEndian,
            fortranOrder: isFortran, shape: [2, 3])
          let read = try SavedIntegers(parsing: bytes, name: "t.npy")
          #expect(read.shape == [2, 3] && read.values == numbers)
        }
      }
    }
  }

  @Test("A single number, and none, are read; other types and short files are refused")
  func others() throws {
    func file(_ count: Int, _ descr: String, _ shape: [Int], of width: Int = 8) -> Data {
      HandmadeFile.bytes(
        bits: Array(repeating: 5, count: count), of: width, descr: descr, bigEndian: false,
        fortranOrder: false, shape: shape)
    }
    #expect(try SavedIntegers(parsing: file(1, "<i8", []), name: "t.npy").values == [5])
    #expect(try SavedIntegers(parsing: file(0, "<i8", [0]), name: "t.npy").values.isEmpty)
    for descr in ["<f8", "<u8"] {
      #expect(complaint(file(2, descr, [2]))?.contains("int32 or int64") == true)
    }
    #expect(complaint(file(2, "<i8", [3]))?.contains("cut short") == true)
  }
}
