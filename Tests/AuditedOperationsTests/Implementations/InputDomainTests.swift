import FloatFormats
import Testing

@testable import AuditedOperations

@Suite("What an implementation is asked")
struct InputDomainTests {
  private var narrow: InputDomain {
    var domain = InputDomain()
    domain.lengthMultipleOf = 8
    domain.largestLength = 1024
    domain.largestLogit = 10
    domain.inner = [1, 64]
    domain.alignment = 32
    return domain
  }

  @Test("Without a domain everything is asked")
  func everything() throws {
    let geometry = try LaneGeometry(shape: [3, 7, 5], axis: 1)
    #expect(InputDomain.everything.includes(geometry, [1e300, .nan]))
    #expect(InputDomain.everything.exclusions == [])
  }

  @Test(
    "Lengths are multiples up to the largest, and nothing is a multiple",
    arguments: [(0, true), (8, true), (12, false), (1024, true), (1032, false)])
  func lengths(_ length: Int, _ isAsked: Bool) {
    #expect(narrow.includes(length: length) == isAsked)
  }

  @Test("Dimensions behind the axis and finite logits are held to the domain")
  func tensors() throws {
    let rows = try LaneGeometry(shape: [2, 8], axis: 1)
    let columns = try LaneGeometry(shape: [8, 2], axis: 0)
    #expect(narrow.includes(rows, [10, -10, .infinity, -.infinity, .nan]))
    #expect(!narrow.includes(rows, [0, -10.5]))
    #expect(!narrow.includes(columns))
    let tiles = try LaneGeometry(shape: [8, 64], axis: 0)
    #expect(narrow.includes(tiles))
  }

  @Test("What is not asked is said in a clause for each limit")
  func exclusions() {
    #expect(
      narrow.exclusions == [
        "lengths that are no multiple of 8", "lengths above 1024", "finite logits beyond 10.0",
        "products of the dimensions behind the axis other than 1, 64",
        "addresses that are no multiple of 32",
      ])
  }

  @Test("The usual lengths are fitted to the domain, and stay as they are where all are in it")
  func fitted() {
    #expect(narrow.fitted([0, 2, 17, 1000, 131_072]) == [0, 8, 16, 1000, 1024])
    #expect(InputDomain.everything.fitted([2, 17, 1000]) == [2, 17, 1000])
    var fixed = InputDomain()
    fixed.lengthMultipleOf = 137
    fixed.largestLength = 137
    #expect(fixed.fitted([2, 17, 1000]) == [137])
  }

  @Test("A lane is drawn to the edge, to a number of its format within it")
  func limited() {
    var domain = InputDomain()
    domain.largestLogit = 0.1
    let lane: [Float] = [1, -1, 0.05, .infinity]
    let limited: [Float] = domain.limited(lane)
    // The float32 nearest to 0.1 is above it; 0x1.999998p-4 is the one below.
    #expect(limited == [0x1.999998p-4, -0x1.999998p-4, 0.05, .infinity])
  }
}

@Suite("The fill of outputs")
struct OutputFillTests {
  @Test("It is a signalling NaN, and no NaN of arithmetic is taken for it")
  func patterns() {
    func check<F: BinaryFloat>(_ type: F.Type) {
      let quietBit = F.BitPattern(1) << F.BitPattern(F.format.precision - 2)
      #expect(F.outputFill.isNaN && F.outputFill.bitPattern & quietBit == 0)
      #expect(F.outputFill.isOutputFill)
      #expect(!F.nan.isOutputFill && !(F.infinity - F.infinity).isOutputFill)
      #expect(!F(bitPattern: .max).isOutputFill)
      #expect(!(F.outputFill + F.one).isOutputFill)
    }
    check(Float16.self)
    check(BFloat16.self)
    check(Float.self)
    check(Double.self)
    // Worked out by hand from 0x5A5A...: the exponent all ones, the quiet bit 0.
    #expect(Float.outputFill.bitPattern == 0x7F9A_5A5A)
    #expect(BFloat16.outputFill.bitPattern == 0x7F9A)
  }

  @Test("Memory is filled element by element")
  func memory() {
    var elements = [Double](repeating: 0, count: 3)
    elements.withUnsafeMutableBytes { OutputFill.fill($0, as: .float64) }
    #expect(elements.map(\.isOutputFill) == [true, true, true])
  }

  @Test("Tensors of its own shape along its own axis are asked whatever is said of lengths")
  func ownShape() throws {
    var domain = InputDomain()
    domain.lengthMultipleOf = 60
    domain.largestLength = 60
    domain.ownShape = .init(dimensions: [nil, 3, 4, 5], axis: 1)
    func includes(_ shape: [Int], axis: Int) throws -> Bool {
      domain.includes(try LaneGeometry(shape: shape, axis: axis))
    }
    #expect(try includes([7, 3, 4, 5], axis: 1))
    #expect(try includes([2, 60], axis: 1))
    #expect(try !includes([7, 3, 4, 5], axis: 2))
    #expect(try !includes([7, 3, 4, 6], axis: 1))
    #expect(try !includes([3, 4, 5], axis: 0))
    #expect(
      domain.exclusions == [
        "lengths that are no multiple of 60",
        "lengths above 60 (but for tensors of its own shape, (any, 3, 4, 5) along axis 1)",
      ])
  }
}
