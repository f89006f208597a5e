import FloatFormats
import Testing

@Suite("Opening a format")
struct FloatFormatGenericTests {
  private struct Describe: FormatGenericWork {
    mutating func run<F: BinaryFloat>(_ format: F.Type) -> (FloatFormat, Int) {
      (F.format, F.BitPattern.bitWidth)
    }
  }

  private struct DescribePair: FormatPairWork {
    mutating func run<F: BinaryFloat, G: BinaryFloat>(
      _ input: F.Type, _ output: G.Type
    ) -> [FloatFormat] {
      [F.format, G.format]
    }
  }

  private struct Refusal: Error {}

  private struct Fail: FormatGenericWork {
    mutating func run<F: BinaryFloat>(_ format: F.Type) throws -> Int { throw Refusal() }
  }

  @Test(arguments: FloatFormat.everyOne)
  func `work runs for the type of the format`(format: FloatFormat) throws {
    let (opened, width) = try format.open(Describe())
    #expect(opened == format)
    #expect(width == format.bitWidth)
  }

  @Test(arguments: FloatFormat.everyOne, FloatFormat.everyOne)
  func `work on a pair runs for the types of both`(
    input: FloatFormat, output: FloatFormat
  ) throws {
    #expect(try input.open(with: output, DescribePair()) == [input, output])
  }

  @Test(arguments: FloatFormat.everyOne)
  func `an error of the work comes out`(format: FloatFormat) {
    #expect(throws: Refusal.self) { try format.open(Fail()) }
  }
}
