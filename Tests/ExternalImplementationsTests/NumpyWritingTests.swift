import Basics
import ExternalImplementations
import FloatFormats
import Testing

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

@Suite("Writing .npy files")
struct NumpyWritingTests {
  /// Writes the elements of an array, in its own format, to a path.
  private struct Writing: FormatGenericWork {
    let array: NumpyArray
    let path: String

    func run<F: BinaryFloat>(_ format: F.Type) throws {
      try NumpyArray.write(array.tensor(as: F.self, axis: 0), to: path)
    }
  }

  /// The fixtures that NumPy wrote the way this tool does: version 1.0, little-endian, C order.
  static let canonical = NumpyFixture.readable.filter { fixture in
    let beginning = Data(base64Encoded: fixture.base64)?.prefix(128) ?? Data()
    let text = String(decoding: beginning, as: UTF8.self)
    return beginning.dropFirst(6).first == 1 && text.contains("'descr': '<")
      && text.contains("'fortran_order': False") && !fixture.shape.isEmpty
  }

  @Test("A written file is, to the byte, the one that NumPy writes", arguments: canonical)
  func writesAsNumpy(_ fixture: NumpyFixture) throws {
    let bytes = try #require(Data(base64Encoded: fixture.base64))
    try withTemporaryFolder { folder in
      let array = try NumpyArray(parsing: bytes, name: fixture.name)
      let path = folder.appending(path: "y.npy").path
      try array.storedFormat.open(Writing(array: array, path: path))
      #expect(try Data(contentsOf: URL(filePath: path)) == bytes)
    }
  }

  @Test("There are fixtures of every format that files name to compare with")
  func comparesEveryFormat() {
    #expect(Set(Self.canonical.compactMap(\.format)) == Set(FloatFormat.allCases + [.float8E5M2]))
  }

  /// Writes and reads every tensor of a list of shapes filled with the given bit patterns.
  private func expectRoundTrip<F: BinaryFloat>(
    of type: F.Type, shapes: [[Int]], pattern: (Int) -> F.BitPattern
  ) throws {
    try withTemporaryFolder { folder in
      let path = folder.appending(path: "y.npy").path
      for shape in shapes {
        let elements = (0..<shape.reduce(1, *)).map { F(bitPattern: pattern($0)) }
        try NumpyArray.write(tensor(elements, shape: shape), to: path)
        let array = try NumpyArray.read(contentsOf: path)
        #expect(array.shape == shape)
        #expect(array.storedFormat == F.format)
        #expect(array.elements(as: F.self).map(\.bitPattern) == elements.map(\.bitPattern))
      }
    }
  }

  @Test("All 65536 patterns of both 16-bit formats come back, NaN payloads included")
  func roundTripsAllPatterns() throws {
    let shapes = [[65_536], [256, 256], [2, 4, 8, 1024]]
    try expectRoundTrip(of: Float16.self, shapes: shapes) { UInt16($0) }
    try expectRoundTrip(of: BFloat16.self, shapes: shapes) { UInt16($0) }
  }

  @Test("Random bit patterns of the wide formats come back, NaN payloads included")
  func roundTripsRandomPatterns() throws {
    var generator = SplitMix64(seed: 11)
    let shapes = [[1], [0], [0, 7], [4096], [17, 3, 5], [1, 1, 2]]
    try expectRoundTrip(of: Float.self, shapes: shapes) { _ in
      UInt32(truncatingIfNeeded: generator.next())
    }
    try expectRoundTrip(of: Double.self, shapes: shapes) { _ in generator.next() }
  }

  @Test("The data start at a multiple of 64 bytes, however long the header is")
  func alignsData() throws {
    var generator = SplitMix64(seed: 64)
    try withTemporaryFolder { folder in
      let path = folder.appending(path: "y.npy").path
      for rank in 1...64 {
        var shape = (0..<rank).map { _ in Int.random(in: 1...1_000_000, using: &generator) }
        // No elements, so that the shape may be long; and a product that is an Int.
        for axis in shape.indices.dropFirst(3) { shape[axis] = 1 }
        shape[0] = 0
        try NumpyArray.write(tensor([Float](), shape: shape), to: path)
        let bytes = try Data(contentsOf: URL(filePath: path))
        #expect(bytes.count.isMultiple(of: 64))
        #expect(bytes.last == UInt8(ascii: "\n"))
        #expect(try NumpyArray.read(contentsOf: path).shape == shape)
      }
    }
  }

  @Test("A file is replaced, a link stays a link, and nothing else is left in the folder")
  func replacesFiles() throws {
    try withTemporaryFolder { folder in
      let file = folder.appending(path: "y.npy")
      let link = folder.appending(path: "link.npy")
      try Data("old".utf8).write(to: file)
      try FileManager.default.createSymbolicLink(at: link, withDestinationURL: file)
      try NumpyArray.write(tensor([1, 2] as [Float], shape: [2]), to: link.path)
      #expect(try NumpyArray.read(contentsOf: file.path).elements(as: Float.self) == [1, 2])
      #expect(try FileManager.default.destinationOfSymbolicLink(atPath: link.path) == file.path)
      let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
      #expect(names.sorted() == ["link.npy", "y.npy"])
    }
  }

  @Test("An array read from a file may be written over that file")
  func writesOverItsSource() throws {
    try withTemporaryFolder { folder in
      let path = folder.appending(path: "y.npy").path
      let elements = (0..<100_000).map(Double.init)
      try NumpyArray.write(tensor(elements, shape: [100_000]), to: path)
      let array = try NumpyArray.read(contentsOf: path)
      try NumpyArray.write(tensor([0] as [Float], shape: [1]), to: path)
      #expect(array.elements(as: Double.self) == elements)
      #expect(try NumpyArray.read(contentsOf: path).count == 1)
    }
  }

  @Test("A place that cannot be written is refused with the reason, and nothing is left behind")
  func refusesUnwritablePlaces() throws {
    let single = try tensor([1] as [Float], shape: [1])
    try withTemporaryFolder { folder in
      let elsewhere = folder.appending(path: "missing/y.npy").path
      let file = folder.appending(path: "file").path
      try Data().write(to: URL(filePath: file))
      let expected: [(path: String, reason: String)] = [
        (elsewhere, "there is no such file or folder; check the name"),
        (folder.path, "it is a folder; name a file"),
        (file + "/y.npy", "a part of its path is not a folder; check the name"),
      ]
      for (path, reason) in expected {
        #expect(throws: UserError(.cannotWrite, "cannot write \(path): \(reason)")) {
          try NumpyArray.write(single, to: path)
        }
      }
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["file"])
    }
  }

  @Test("A tensor of more dimensions than a .npy file can have is refused")
  func refusesTooManyDimensions() throws {
    let many = try tensor([1] as [Float], shape: .init(repeating: 1, count: 65))
    try withTemporaryFolder { folder in
      let path = folder.appending(path: "y.npy").path
      #expect(
        throws: UserError(
          .cannotWrite,
          "\(path) cannot be written: a .npy file has at most 64 dimensions, "
            + "but the tensor has 65; give it another shape")
      ) { try NumpyArray.write(many, to: path) }
      #expect(!FileManager.default.fileExists(atPath: path))
    }
  }
}
