import FloatFormats
import PropertyTesting
import Testing

@Suite("Generators")
struct GeneratorTests {
  @Test func `samples are the same for the same seed, and others for another`() {
    let generator = Generator.array(of: Generator<Double>.float(classes: .finite))
    #expect(generator.samples(50, seed: 4) == generator.samples(50, seed: 4))
    #expect(generator.samples(50, seed: 4) != generator.samples(50, seed: 5))
  }

  @Test func `integers stay in their range and reach both ends`() {
    let values = Generator<Int>.integer(in: -3...4).samples(500)
    #expect(Set(values) == Set(-3...4))
    let extremes = Generator<Int>.integer(in: .min ... .max).samples(200)
    #expect(extremes.contains { $0 < 0 } && extremes.contains { $0 > 0 })
  }

  struct Classes: FormatGenericWork {
    func run<F: BinaryFloat>(_ type: F.Type) -> Set<FloatClass> {
      Set(Generator<F>.float().samples(3000).map(\.floatClass))
    }
  }

  @Test(arguments: FloatFormat.allCases)
  func `floats of all classes come unless they are excluded`(format: FloatFormat) throws {
    #expect(try format.open(Classes()) == Set(FloatClass.allCases))
  }

  @Test(arguments: [
    FloatClasses.finite, .zero, .subnormal, .normal, .infinite, .quietNaN, [.zero, .infinite],
  ])
  func `floats have the classes that were asked for`(classes: FloatClasses) {
    let constraint = FloatConstraint(Float.self, classes: classes)
    let values = Generator<Float>.float(classes: classes).samples(500)
    #expect(values.allSatisfy { constraint.permits(UInt64($0.bitPattern)) })
  }

  @Test func `bounded floats stay between their bounds, and the bounds come`() {
    let lowest = BFloat16(rounding: Double(1.5))
    let values = Generator<BFloat16>.float(from: lowest, to: BFloat16(rounding: Double(90)))
      .samples(4000).map(\.exactDouble)
    #expect(values.allSatisfy { 1.5 <= $0 && $0 <= 90 })
    #expect(values.contains(1.5) && values.contains(90))
    #expect(Set(values).count > 100)
  }

  @Test func `the caller's edges come, and their neighbours too`() {
    let edge = Float(88.722839)
    let values = Generator<Float>.float(edges: [edge]).samples(4000)
    let neighbours = [
      Float(orderedIndex: edge.orderedIndex - 1), Float(orderedIndex: edge.orderedIndex + 1),
    ]
    #expect(values.contains(edge) && neighbours.allSatisfy(values.contains))
  }

  @Test func `arrays have lengths of their range, forced or drawn`() {
    let lengths = Generator.array(of: .boolean(), count: 2...6).samples(500).map(\.count)
    #expect(Set(lengths) == Set(2...6))
    let fixed = Generator.array(of: .boolean(), count: 3...3).samples(20).map(\.count)
    #expect(Set(fixed) == [3])
  }

  @Test func `lanes are long as often as short, often constant, and mostly fill`() {
    let lanes = Generator.lane(of: Generator<Float>.float(classes: .finite), count: 1...1000)
      .samples(500)
    #expect(lanes.allSatisfy { 1...1000 ~= $0.count })
    #expect(lanes.contains { $0.count == 1 } && lanes.contains { $0.count == 1000 })
    #expect(lanes.contains { $0.count > 16 && Set($0).count == 1 })
    #expect(lanes.contains { $0.count > 16 && Set($0).count > 4 })
  }

  @Test func `an offset moves all elements of a lane alike`() {
    let lanes = Generator.lane(
      of: .always(Double(1)), count: 3...3, offset: .always(Double(10))
    ).samples(100)
    #expect(Set(lanes) == [[1, 1, 1], [11, 11, 11]])
  }

  @Test func `alternatives come by weight, and one of weight 0 never`() {
    let values = Generator<Int>.frequency([
      (8, .always(0)), (0, .always(1)), (2, .always(2)),
    ]).samples(1000)
    let zeros = values.count { $0 == 0 }
    #expect(700...900 ~= zeros)
    #expect(!values.contains(1))
  }

  @Test func `a filter discards when no attempt succeeds`() {
    let even = Generator<Int>.integer(in: 0...9).filter { $0.isMultiple(of: 2) }.samples(400)
    #expect(even.allSatisfy { $0.isMultiple(of: 2) })
    #expect(250...399 ~= even.count)
    #expect(Generator<Int>.integer(in: 0...9).filter { $0 > 9 }.samples(10).isEmpty)
  }

  @Test(arguments: seeds)
  func `attempts that a filter threw away are gone from the simplest failure`(seed: UInt64) throws {
    let odd = Generator<Int>.integer(in: 0...1000).filter(attempts: 10) { !$0.isMultiple(of: 2) }
    let property = Property("small", for: .array(of: odd)) { list, _ in
      .require(!list.contains { $0 > 100 }, "large")
    }
    let found = try #require(report(property, seed: seed).simplest)
    #expect(found.value == [101])
    #expect(found.choices == [.boolean(true), .integer(101), .boolean(false)])
  }
}
