import Basics
import FloatFormats
import Foundation
import Testing

@testable import ExternalImplementations

/// Files that NumPy 2.4, zlib 1.2.13 and onnx 1.23 wrote, in base64.
private enum Fixture {
  /// `numpy.savez(f, x=numpy.arange(6, dtype=float32).reshape(2, 3))`.
  static let stored = data(
    "UEsDBC0AAAAAAAAAIQBP6QAq//////////8FABQAeC5ucHkBABAAmAAAAAAAAACYAAAAAAAAAJNOVU1QWQEA"
      + "dgB7J2Rlc2NyJzogJzxmNCcsICdmb3J0cmFuX29yZGVyJzogRmFsc2UsICdzaGFwZSc6ICgyLCAzKSwgfSAg"
      + "ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAKAAAAAAAA"
      + "gD8AAABAAABAQAAAgEAAAKBAUEsBAi0DLQAAAAAAAAAhAE/pACqYAAAAmAAAAAUAAAAAAAAAAAAAAIABAAAA"
      + "AHgubnB5UEsFBgAAAAABAAEAMwAAAM8AAAAAAA==")
  /// `numpy.savez_compressed(f, x=numpy.ones((4, 500), float32), y=[0.5, 0.25])`.
  static let deflated = data(
    "UEsDBC0AAAAIAAAAIQB0hImE//////////8FABQAeC5ucHkBABAAwB8AAAAAAAByAAAAAAAAAO3IMQqDQBRF"
      + "0UnrKn73I0xhoU0IpLOL2FhYhUFHUoQoM5ImBNyDG47Zgm3ug1O8u1bNtW4P5mXe2vvYBT2Jnodcregwhjm4"
      + "520Mvf/10j2i33q8u8lv/5hbKbIstfKRnUuMWS4AAAAAAAAAAAAAAPy7L1BLAwQtAAAACAAAACEAPnOG2f//"
      + "////////BQAUAHkubnB5AQAQAJAAAAAAAAAATQAAAAAAAACb7BfqGxDJyFDGUK2eklqcXKRupaBuk2ahrqOg"
      + "npZfVFKUmBefX5SSChJ3S8wpTgWKF2ckFqQC+RpGOpo6CrUKFAAuBjB4YA+hL9gDAFBLAQItAy0AAAAIAAAA"
      + "IQB0hImEcgAAAMAfAAAFAAAAAAAAAAAAAACAAQAAAAB4Lm5weVBLAQItAy0AAAAIAAAAIQA+c4bZTQAAAJAA"
      + "AAAFAAAAAAAAAAAAAACAAakAAAB5Lm5weVBLBQYAAAAAAgACAGYAAAAtAQAAAAA=")
  /// TensorProto by `onnx.numpy_helper.from_array` of the first array: raw elements.
  static let rawTensor = data("CAIIAxABQgF4ShgAAAAAAACAPwAAAEAAAEBAAACAQAAAoEA=")
  /// `onnx.helper.make_tensor` of FLOAT16 [1, 2, 3], BFLOAT16 [1, -2], FLOAT (2, 1) and DOUBLE
  /// [0.5, 0.25], INT64.
  static let half = data("CAMQCioIgHiAgAGAhAFCAWg=")
  static let brain = data("CAIQECoFgH+AgANCAWI=")
  static let single = data("CAIIARABIggAAAA/AACAPkIBZg==")
  static let double = data("CAIQC0IBZFIQAAAAAAAA4D8AAAAAAADQPw==")
  static let integer = data("CAIQBzoCBQJCAWk=")
  /// ``expanded`` by zlib, with codes of its own.
  static let dynamicStream = data(
    "7ZI5EsJADAR1/P/PTLdMTkLmWigWWRrN4Zne3dnKb1VvzsxY6kmB+3QXz3LZmdyXlnYwk83EVD65rc+3K6cr"
      + "GHlO0a9/ApvOtNMN9rAnQ2y3f0FuANjBGC0DU8FHMkEf9sCYOwKODA2BLlalRKu1gGeugCi4rMxdiCwUDUzp"
      + "hASerLKO6VmS9tBdcfWt+yu595Fedm9rVEkEmYHt/YLGBeXo3ugXfQCjXyVFoeHfTuq5QSBbInEzJFRgWHVR"
      + "tvQLqy80wKSy8F1PCWOWUD71540ht7H2TTEPkbmY1gw038XSqxMGHMueDNq4p1R/Q6cCy7Vvx4aLerVZXmxC"
      + "EElLGQAXG9L77v7+7r5evV79wasP")

  /// 700 pseudorandom numbers below 4, and the first 300 of them thrice.
  static let expanded: [UInt8] = {
    var state: UInt64 = 1
    let numbers = (0..<700).map { _ -> UInt8 in
      state = (state * 1_103_515_245 + 12345) % (1 << 31)
      return UInt8(state >> 16 & 3)
    }
    return numbers + numbers[..<300] + numbers[..<300] + numbers[..<300]
  }()

  private static func data(_ base64: String) -> Data { Data(base64Encoded: base64) ?? Data() }
}

/// The values of a tensor in row-major order.
private func values(_ tensor: SavedTensor) throws -> [Double] { try tensor.numbers() }

/// The message that a file of malformed input is refused with; nil where it is read.
private func complaint(_ read: () throws -> SavedTensor) -> String? {
  do {
    _ = try values(try read())
    return nil
  } catch let error as UserError {
    #expect(error.kind == .malformedInput)
    return error.message
  } catch {
    Issue.record("\(error)")
    return nil
  }
}

@Suite("Decompressing")
struct InflateTests {
  @Test("Streams of zlib come out to the byte, with codes of their own, fixed codes and none")
  func streams() throws {
    let bytes = Fixture.expanded
    #expect(Array(try Inflate.bytes(of: Fixture.dynamicStream, size: bytes.count)) == bytes)
    // zlib.Z_FIXED of this text, which copies from three bytes before.
    let fixed = try #require(Data(base64Encoded: "S0xKTkRCigA="))
    #expect(Array(try Inflate.bytes(of: fixed, size: 16)) == Array("abcabcabcabcabc!".utf8))
    // A block that is stored, by hand: last, kind 0, five bits of filling, 3 and its complement.
    let stored = Data([1, 3, 0, 0xFC, 0xFF, 7, 8, 9])
    #expect(Array(try Inflate.bytes(of: stored, size: 3)) == [7, 8, 9])
  }

  @Test("A stream of another size than announced is an error, and so is one that refers to nothing")
  func lies() {
    let size = Fixture.expanded.count
    for wrong in [0, size - 1, size + 1] {
      #expect(throws: Inflate.Flaw.self) {
        try Inflate.bytes(of: Fixture.dynamicStream, size: wrong)
      }
    }
    #expect(throws: Inflate.Flaw.self) {
      try Inflate.bytes(of: Fixture.dynamicStream, size: 1 << 40)
    }
    for cut in 0..<Fixture.dynamicStream.count {
      #expect(throws: Inflate.Flaw.self) {
        try Inflate.bytes(of: Fixture.dynamicStream.prefix(cut), size: size)
      }
    }
    // Fixed codes; length 3 from one byte before the first: 0000001 00000, bits from the lowest.
    #expect(throws: Inflate.Flaw.self) { try Inflate.bytes(of: Data([0x03, 0x02, 0]), size: 3) }
  }

  @Test("Random changes of a stream give bytes or an error")
  func fuzz() {
    var random = SplitMix64(seed: 0x1F1A7E)
    for _ in 0..<20_000 * FuzzEffort.factor {
      var bytes = Fixture.dynamicStream
      for _ in 0...Int(random.next() % 4) {
        bytes[Int(random.next() % UInt64(bytes.count))] = UInt8(
          truncatingIfNeeded: random.next())
      }
      _ = try? Inflate.bytes(of: bytes, size: Int(random.next() % 4000))
    }
  }
}

@Suite("Reading .npz files")
struct NumpyArchiveTests {
  private func array(
    _ bytes: Data, _ name: String? = nil
  ) throws -> SavedTensor {
    try NumpyArchive.array(in: bytes, name: "x.npz", name, integersAre: nil).saved
  }

  @Test("Arrays that NumPy stored and deflated are read by their names")
  func reads() throws {
    let stored = try array(Fixture.stored)
    #expect(stored.shape == [2, 3] && stored.format == .float32)
    #expect(try values(stored) == [0, 1, 2, 3, 4, 5])
    let ones = try array(Fixture.deflated, "x")
    #expect(ones.shape == [4, 500])
    #expect(try values(ones).allSatisfy { $0 == 1 })
    #expect(try values(try array(Fixture.deflated, "y")) == [0.5, 0.25])
  }

  @Test("A name stands behind a colon; of several arrays one must be named")
  func names() throws {
    #expect(
      complaint { try array(Fixture.deflated) }
        == "x.npz holds 2 arrays; name one as x.npz:NAME, of x, y")
    #expect(
      complaint { try array(Fixture.stored, "z") }
        == "x.npz has no array z; name one as x.npz:NAME, of x")
    #expect(
      complaint { try array(Data("PK".utf8)) }
        == "x.npz is no .npz archive; save arrays by name with numpy.savez")
    try withTemporaryFolder { folder in
      let path = folder.appending(path: "both.npz").path
      try Fixture.deflated.write(to: URL(filePath: path))
      #expect(try values(SavedTensor.read(path + ":y")) == [0.5, 0.25])
    }
  }

  @Test("Damage is found by lengths and checksums, wherever it is")
  func damage() throws {
    // The last element of the stored array.
    var bytes = Fixture.stored
    bytes[bytes.count - 22 - 51 - 1] ^= 1
    #expect(
      complaint { try array(bytes) }
        == "x.npz: x.npy does not have the checksum that the archive says; save or copy it again")
    for cut in stride(from: 4, to: Fixture.deflated.count, by: 7) {
      #expect(complaint { try array(Fixture.deflated.prefix(cut), "x") } != nil)
    }
  }

  @Test("Random changes of good archives give the arrays or an error, and never harm")
  func fuzz() {
    var random = SplitMix64(seed: 0x21F)
    for trial in 0..<20_000 * FuzzEffort.factor {
      var bytes = trial.isMultiple(of: 2) ? Fixture.stored : Fixture.deflated
      for _ in 0...Int(random.next() % 3) {
        let place = Int(random.next() % UInt64(bytes.count))
        switch random.next() % 4 {
        case 0: bytes[place] = UInt8(truncatingIfNeeded: random.next())
        case 1: bytes[place] = 0xFF
        case 2: bytes.removeLast(min(bytes.count - 1, Int(random.next() % 40)))
        default: bytes.insert(UInt8(truncatingIfNeeded: random.next()), at: place)
        }
      }
      guard let message = complaint({ try array(bytes, "x") }) else { continue }
      #expect(message.hasPrefix("x.npz"), "trial \(trial): \(message)")
    }
  }
}

@Suite("Reading tensors of ONNX")
struct OnnxTensorTests {
  private func tensor(_ bytes: Data) throws -> SavedTensor {
    try OnnxTensorFile.tensor(in: bytes, name: "x.pb")
  }

  @Test("Raw elements and those of each typed field are read")
  func reads() throws {
    let raw = try tensor(Fixture.rawTensor)
    #expect(raw.shape == [2, 3] && raw.format == .float32)
    #expect(try values(raw) == [0, 1, 2, 3, 4, 5])
    let half = try tensor(Fixture.half)
    #expect(half.format == .float16)
    #expect(try values(half) == [1, 2, 3])
    let brain = try tensor(Fixture.brain)
    #expect(brain.format == .bfloat16)
    #expect(try values(brain) == [1, -2])
    #expect(try tensor(Fixture.single).shape == [2, 1])
    #expect(try values(try tensor(Fixture.single)) == [0.5, 0.25])
    #expect(try values(try tensor(Fixture.double)) == [0.5, 0.25])
  }

  @Test("What is no such tensor, or does not fit, is refused with one sentence")
  func refusals() {
    #expect(
      complaint { try tensor(Fixture.integer) }
        == "x.pb holds elements of the ONNX type 7, but float16, bfloat16, float32 or float64 is needed; convert them"
    )
    // A TensorProto of one element of the type 3, int8: dims 1, data_type 3, raw_data of one byte.
    #expect(
      complaint { try tensor(Data([8, 1, 16, 3, 74, 1, 7])) }
        == "x.pb holds int8 elements; \(NumpyErrorTests.unsaid)")
    #expect(
      complaint { try tensor(Fixture.rawTensor.dropLast(4)) }
        == "x.pb is no tensor that ONNX saved (a TensorProto); save one array with numpy.save")
    #expect(complaint { try tensor(Data()) }?.contains("is no tensor that ONNX saved") == true)
    // Two dimensions of 2^62: their product is no Int.
    let huge = Data([8, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x40])
    #expect(
      complaint { try tensor(huge + huge + Data([16, 1])) }?.contains("do not fit the shape")
        == true)
    // data_location: external.
    #expect(
      complaint { try tensor(Fixture.rawTensor + Data([0x70, 1])) }
        == "x.pb keeps its elements in another file; save them within it")
  }

  @Test("Random changes of good tensors give a tensor that fits or an error, and never harm")
  func fuzz() {
    var random = SplitMix64(seed: 0x0B7)
    let good = [Fixture.rawTensor, Fixture.half, Fixture.brain, Fixture.single, Fixture.double]
    for trial in 0..<30_000 * FuzzEffort.factor {
      var bytes = good[trial % good.count]
      for _ in 0...Int(random.next() % 3) {
        let place = Int(random.next() % UInt64(bytes.count))
        switch random.next() % 3 {
        case 0: bytes[place] = UInt8(truncatingIfNeeded: random.next())
        case 1: bytes.removeLast(min(bytes.count - 1, Int(random.next() % 9)))
        default: bytes.insert(UInt8(truncatingIfNeeded: random.next()), at: place)
        }
      }
      guard let message = complaint({ try tensor(bytes) }) else { continue }
      // A rank of 0 has no axis to read along.
      #expect(
        message.hasPrefix("x.pb ") || message.hasPrefix("a tensor of rank 0"),
        "trial \(trial): \(message)")
    }
  }
}

@Suite("Files that say nothing of themselves, and shapes that differ in dimensions of 1")
struct RawTensorTests {
  @Test("Raw elements fill the shape that somebody says, or are refused with both sizes")
  func raw() throws {
    try withTemporaryFolder { folder in
      let path = folder.appending(path: "x.bin").path
      try Data([0, 60, 0, 64, 0, 66, 0, 68]).write(to: URL(filePath: path))
      let raw = RawTensor(shape: [2, 2], format: .float16)
      #expect(try values(SavedTensor.read(path, raw: raw)) == [1, 2, 3, 4])
      #expect(
        complaint { try SavedTensor.read(path, raw: RawTensor(shape: [3], format: .float16)) }
          == "\(path) has 8 bytes, and the shape [3] of float16 needs 6 bytes; check --shape and --dtype"
      )
      let huge = RawTensor(shape: [1 << 62, 4], format: .float16)
      #expect(
        complaint { try SavedTensor.read(path, raw: huge) }?.contains("more than any file can hold")
          == true)
      #expect(
        complaint { try SavedTensor.read(path) }
          == "\(path) is not a .npy file; save one array with numpy.save, or say what it holds with --shape and --dtype"
      )
      #expect(SavedTensor.saysNothing("x.bin") && SavedTensor.saysNothing("x"))
      for name in ["x.npy", "x.npz", "x.npz:y", "x.safetensors", "x.safetensors:y", "x.pb"] {
        #expect(!SavedTensor.saysNothing(name))
      }
    }
  }

  @Test("Dimensions of 1 are put in and left out; anything else is another shape")
  func dimensionsOfOne() throws {
    // (2, 3, 2) in column-major order: strides that are not those of row-major order.
    let bytes = HandmadeFile.bytes(
      bits: (0..<12).map { UInt64(Float($0).bitPattern) }, of: 4, descr: "<f4", bigEndian: false,
      fortranOrder: true, shape: [2, 3, 2])
    let tensor = try NumpyArray(parsing: bytes, name: "x.npy").saved
    let expected = (0..<12).map(Double.init)
    for shape in [[1, 2, 3, 2], [2, 1, 3, 1, 2], [2, 3, 2, 1, 1]] {
      let wide = try #require(tensor.withShape(shape))
      #expect(wide.shape == shape)
      #expect(try values(wide) == expected)
      #expect(try values(try #require(wide.withShape([2, 3, 2]))) == expected)
    }
    for shape in [[3, 2, 2], [2, 6], [12], [2, 3, 2, 2], [1, 3, 2, 2], [1, 6, 2, 1]] {
      #expect(tensor.withShape(shape) == nil)
    }
    let row = try #require(tensor.withShape([1, 2, 3, 2]))
    #expect(row.withShape([2, 3, 1, 2]) == nil)
  }

  @Test("What is another kind of file is named, with the way out")
  func foreign() {
    func message(_ bytes: Data) -> String? {
      complaint { try NumpyArray(parsing: bytes, name: "y.pt").saved }
    }
    let torch = "numpy.save(path, tensor.float().numpy()) or safetensors.torch.save_file"
    // A stored archive with the one empty file of torch.save.
    let name = Array("archive/data.pkl".utf8)
    let local = Data([0x50, 0x4B, 3, 4] + Array(repeating: 0, count: 22) + [16, 0, 0, 0] + name)
    let entry = Data(
      [0x50, 0x4B, 1, 2] + Array(repeating: 0, count: 24) + [16, 0]
        + Array(repeating: 0, count: 16) + name)
    let end = Data(
      [0x50, 0x4B, 5, 6, 0, 0, 0, 0, 1, 0, 1, 0, UInt8(entry.count), 0, 0, 0, UInt8(local.count)]
        + [0, 0, 0, 0, 0])
    #expect(
      message(local + entry + end)
        == "y.pt was written by torch.save, as a pickle, which is never loaded; use \(torch)")
    #expect(
      message(Fixture.stored) == "y.pt is an archive of arrays; give it the suffix .npz")
    #expect(
      message(Data([0x80, 4, 0x95, 0]))
        == "y.pt is a Python pickle, which is never loaded; save one array with numpy.save, from torch with \(torch)"
    )
    #expect(
      message(Data([0x89, 0x48, 0x44, 0x46, 0x0D]))
        == "y.pt is an HDF5 file; save one array with numpy.save")
  }

  @Test("Sixteen-bit integers are float16 or bfloat16, as the user says")
  func integers() throws {
    let bytes = HandmadeFile.bytes(
      bits: [0x3C00, 0x3F80], of: 2, descr: "<u2", bigEndian: false, fortranOrder: false, shape: [2]
    )
    let half = try NumpyArray(parsing: bytes, name: "x", integersAre: .float16).saved
    #expect(half.format == .float16)
    #expect(try values(half) == [1, 1.875])
    let brain = try NumpyArray(parsing: bytes, name: "x", integersAre: .bfloat16).saved
    #expect(try values(brain)[1] == 1)
  }
}
