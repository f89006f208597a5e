import AuditedOperations
import ExternalImplementations
import FloatFormats
import Testing

@testable import Basics

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

@Suite("Saved tensors, lane by lane")
struct SavedTensorTests {
  /// Compares every lane along every axis with the tensor that is read whole.
  private struct Comparison: FormatGenericWork {
    let array: NumpyArray

    func run<F: BinaryFloat>(_ format: F.Type) throws {
      for axis in array.shape.indices {
        let whole: Tensor<F> = try array.tensor(axis: axis)
        for lane in 0..<whole.geometry.laneCount {
          let read = array.saved.lane(lane, of: whole.geometry, as: F.self)
          #expect(
            read.map(\.bitPattern) == whole.lane(lane).map(\.bitPattern),
            "axis \(axis), lane \(lane)")
        }
      }
    }
  }

  @Test(
    "Lanes of files that NumPy wrote are those of the whole tensor, in every order of the elements",
    arguments: NumpyFixture.readable)
  func lanes(_ fixture: NumpyFixture) throws {
    let bytes = try #require(Data(base64Encoded: fixture.base64))
    let array = try NumpyArray(parsing: bytes, name: "x.npy")
    try array.storedFormat.open(Comparison(array: array))
  }

  @Test("Big-endian Fortran order of rank 4 is read lane by lane like any other")
  func handmade() throws {
    let bits = (0..<120).map { UInt64($0 * 0x0101) }
    for isBigEndian in [false, true] {
      for isFortran in [false, true] {
        let array = try NumpyArray(
          parsing: HandmadeFile.bytes(
            bits: bits, of: 4, descr: isBigEndian ? ">f4" : "<f4", bigEndian: isBigEndian,
            fortranOrder: isFortran, shape: [2, 3, 4, 5]), name: "x.npy")
        try Comparison(array: array).run(Float.self)
        let geometry = try LaneGeometry(shape: array.shape, axis: 3)
        let last = array.saved.lane(23, of: geometry, as: Float.self)
        #expect(last.map { UInt64($0.bitPattern) } == Array(bits[115...]))
      }
    }
  }
}

@Suite("Reading .safetensors files")
struct SafetensorsTests {
  /// A file put together by hand.
  private func file(_ header: String, _ data: [UInt8], length: UInt64? = nil) -> Data {
    let count = length ?? UInt64(header.utf8.count)
    return Data((0..<8).map { UInt8(truncatingIfNeeded: count >> (8 * $0)) }) + Data(header.utf8)
      + Data(data)
  }

  private func complaint(_ bytes: Data, _ name: String? = nil) -> String? {
    do {
      _ = try SafetensorsFile(parsing: bytes, name: "x.safetensors").tensor(name)
      return nil
    } catch {
      #expect(error.kind == .malformedInput)
      return error.message
    }
  }

  private static let two =
    #"{"__metadata__":{"format":"pt"},"a":{"dtype":"F32","shape":[2,1],"data_offsets":[0,8]},"b":{"dtype":"BF16","shape":[3],"data_offsets":[8,14]}}"#
  private static let data: [UInt8] = [0, 0, 128, 63, 0, 0, 0, 64, 128, 63, 0, 64, 64, 64]

  @Test("Tensors are found by their names and read to the bit")
  func reads() throws {
    let file = try SafetensorsFile(parsing: file(Self.two, Self.data), name: "x.safetensors")
    #expect(file.names == ["a", "b"])
    let a = try file.tensor("a")
    #expect(a.shape == [2, 1] && a.format == .float32)
    #expect(a.lane(0, of: try LaneGeometry(shape: [2, 1], axis: 0), as: Float.self) == [1, 2])
    let b = try file.tensor("b")
    #expect(b.format == .bfloat16)
    #expect(
      b.lane(0, of: try LaneGeometry(shape: [3], axis: 0), as: BFloat16.self).map(\.exactDouble)
        == [1, 2, 3])
  }

  @Test("The only tensor needs no name; of several one must be named")
  func names() throws {
    let one = file(
      #"{"y":{"dtype":"F64","shape":[],"data_offsets":[0,8]}}"#, Array(repeating: 0, count: 8))
    #expect(complaint(one) == nil)
    #expect(
      complaint(file(Self.two, Self.data))
        == "x.safetensors holds 2 tensors; name one as x.safetensors:NAME, of a, b")
    #expect(
      complaint(file(Self.two, Self.data), "c")
        == "x.safetensors has no tensor c; name one as x.safetensors:NAME, of a, b")
    #expect(complaint(file("{}", [])) == "x.safetensors holds no tensor")
  }

  @Test("Lies about sizes, types and offsets are refused, each with one sentence")
  func lies() {
    func tensor(_ type: String, _ shape: String, _ offsets: String) -> Data {
      file(#"{"y":{"dtype":"\#(type)","shape":\#(shape),"data_offsets":\#(offsets)}}"#, Self.data)
    }
    for bytes in [
      tensor("F32", "[4]", "[0,16]"), tensor("F32", "[2]", "[0,4]"), tensor("F32", "[2]", "[8,0]"),
      tensor("F32", "[2]", "[-8,0]"), tensor("F32", "[-1,-2]", "[0,8]"),
      tensor("F32", "[4611686018427387904,4]", "[0,0]"), tensor("F32", "[0,3]", "[0,8]"),
    ] { #expect(complaint(bytes)?.contains("which does not fit") == true) }
    for bytes in [
      tensor("F32", "[1e400]", "[0,8]"), tensor("F32", "[2.5]", "[0,8]"), file("{", Self.data),
      file("[]", Self.data), file("", Self.data), file("\u{0}{}", Self.data),
    ] { #expect(complaint(bytes) != nil) }
    let integers = file(
      #"{"y":{"dtype":"I64","shape":[1],"data_offsets":[0,8]}}"#, Array(repeating: 0, count: 8))
    #expect(
      complaint(integers)
        == "x.safetensors holds y as I64, but F16, BF16, F32 or F64 is needed; convert it")
    for type in ["I8", "U8", "F8_E8M0"] {
      let bytes = file("{\"y\":{\"dtype\":\"\(type)\",\"shape\":[1],\"data_offsets\":[0,1]}}", [0])
      #expect(
        complaint(bytes)?.contains("as \(type); quantised integers mean nothing without") == true)
    }
    #expect(complaint(Data([1, 2]))?.contains("has only 2 bytes") == true)
    #expect(complaint(file("{}", [], length: .max))?.contains("claims a header of") == true)
    #expect(
      complaint(file(#"{"y":{"dtype":"F32"}}"#, []))?.contains("without dtype, shape or offsets")
        == true)
  }

  @Test("The tensors fill the data, one after the other, and every one of them makes sense")
  func parts() {
    func two(_ a: String, _ b: String, _ rest: String = "") -> Data {
      file(
        #"{"a":{"dtype":"F32","shape":[2],"data_offsets":\#(a)},"b":{"dtype":"BF16","shape":[2],"data_offsets":\#(b)}\#(rest)}"#,
        Array(repeating: 0, count: 12))
    }
    #expect(complaint(two("[0,8]", "[8,12]"), "a") == nil)
    #expect(complaint(two("[4,12]", "[0,4]"), "a") == nil)
    #expect(complaint(two("[0,8]", "[4,8]"), "a")?.contains("over another tensor") == true)
    #expect(complaint(two("[0,8]", "[0,4]"), "a")?.contains("over another tensor") == true)
    let hole = #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"#
    #expect(
      complaint(file(hole, Array(repeating: 0, count: 8)))?.contains("belong to no tensor") == true)
    let tail = #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#
    #expect(
      complaint(file(tail, Array(repeating: 0, count: 8)))?
        .contains("has 4 bytes that belong to no tensor") == true)
    #expect(
      complaint(two("[0,8]", "[8,12]", #","c":{"dtype":"F32"}"#), "a")?
        .contains("describes the tensor c without") == true)
    for rest in [
      #","a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}"#, ",", #","__metadata__":{"x":1}"#,
    ] {
      #expect(
        complaint(two("[0,8]", "[8,12]", rest), "a")?.contains("is not the JSON") == true)
    }
  }

  @Test("Sixteen-bit integers are bfloat16 where the user says so, and nothing otherwise")
  func integers() throws {
    let bytes = file(
      #"{"y":{"dtype":"U16","shape":[1,1],"data_offsets":[0,2]}}"#, [128, 63])
    #expect(complaint(bytes)?.contains("as U16") == true)
    let tensor = try SafetensorsFile(parsing: bytes, name: "x").tensor(
      nil, integersAre: .bfloat16)
    #expect(tensor.format == .bfloat16)
  }

  @Test("Random changes of a good file give a tensor that fits or an error, and never harm")
  func fuzz() throws {
    let good = Array(file(Self.two, Self.data))
    var random = SplitMix64(seed: 0x5AFE)
    let pieces: [[UInt8]] = [
      Array("9223372036854775807".utf8), Array("-1".utf8), Array("[[".utf8), Array("null".utf8),
      Array("1e999".utf8), Array("\"".utf8), Array("}".utf8), [0xFF], [0],
    ]
    for _ in 0..<30_000 * FuzzEffort.factor {
      var bytes = good
      for _ in 0...Int(random.next() % 3) {
        let place = Int(random.next() % UInt64(bytes.count))
        switch random.next() % 3 {
        case 0: bytes[place] = UInt8(truncatingIfNeeded: random.next())
        case 1: bytes.removeLast(min(bytes.count - 1, Int(random.next() % 9)))
        default:
          bytes.insert(
            contentsOf: pieces[Int(random.next() % UInt64(pieces.count))], at: place)
        }
      }
      guard let file = try? SafetensorsFile(parsing: Data(bytes), name: "x") else { continue }
      for name in file.names {
        guard let tensor = try? file.tensor(name), !tensor.shape.isEmpty else { continue }
        let geometry = try LaneGeometry(shape: tensor.shape, axis: -1)
        try tensor.format.open(Reading(tensor: tensor, geometry: geometry))
      }
    }
  }

  /// Reads the first and the last lane.
  private struct Reading: FormatGenericWork {
    let tensor: SavedTensor
    let geometry: LaneGeometry

    func run<F: BinaryFloat>(_ format: F.Type) {
      guard geometry.elementCount > 0 else { return }
      for lane in [0, geometry.laneCount - 1] {
        #expect(tensor.lane(lane, of: geometry, as: F.self).count == geometry.length)
      }
    }
  }
}
