import Testing

@testable import AuditReports

@Suite("Axes of figures")
struct AxisTests {
  private func labels(_ axis: Axis) -> [String] { axis.ticks.map(\.label) }

  @Test("A logarithmic axis ends at the powers around its values and writes them")
  func decades() {
    let axis = Axis(logarithmic: [0.3, 45], title: "x")
    #expect(axis.range == 0.1...100)
    #expect(labels(axis) == ["0.1", "1", "10", "100"])
    #expect(axis.position(of: 0.1) == 0)
    #expect(axis.position(of: 100) == 1)
    let middle = axis.position(of: 1) ?? -1
    #expect(abs(middle - 1.0 / 3) < 1e-12)
  }

  @Test("Whole powers are ends, not reasons for another decade", arguments: [-300, -3, 0, 5, 300])
  func wholePowers(exponent: Int) {
    let low = Double("1e\(exponent)") ?? .nan
    let high = Double("1e\(exponent + 2)") ?? .nan
    #expect(Axis(logarithmic: [low, high], title: "x").range == low...high)
  }

  @Test("One decade has the steps 1, 2, 5, 10; many have every other or fewer")
  func tickDensity() {
    #expect(labels(Axis(logarithmic: [1.5, 7], title: "x")) == ["1", "2", "5", "10"])
    let wide = Axis(logarithmic: [1e-5, 1e9], title: "x")
    #expect(wide.ticks.count <= 7)
    #expect(labels(wide).first == "10⁻⁵")
    let lengths = Axis(logarithmic: [1, 131_072], base: 2, title: "x")
    #expect(lengths.ticks.count <= 8)
    #expect(labels(lengths).first == "1")
  }

  @Test("Zero and infinity have places of their own beyond all numbers")
  func zeroAndInfinity() throws {
    let axis = Axis(logarithmic: [0, 0.5, 20, .infinity, .nan], title: "x")
    #expect(labels(axis).first == "0")
    #expect(labels(axis).last == "∞")
    let places = try [0, 0.1, 1, 100, .infinity].map { try #require(axis.position(of: $0)) }
    #expect(places == places.sorted())
    #expect(Set(places).count == 5)
    #expect(places.first == 0)
    #expect(places.last == 1)
    #expect(axis.position(of: .nan) == nil)
    #expect(axis.position(of: -1) == nil)
    let plain = Axis(logarithmic: [0.5, 20], title: "x")
    #expect(plain.position(of: 0) == nil)
    #expect(plain.position(of: .infinity) == nil)
  }

  @Test("What is below the floor stands with zero, under a label that says so")
  func floor() throws {
    let axis = Axis(logarithmic: [1e-9, 0.5, 20], floor: 0.01, title: "x")
    #expect(labels(axis).first == "<0.01")
    #expect(axis.position(of: 1e-9) == 0)
    #expect(axis.range.lowerBound == 0.1)
    #expect(labels(Axis(logarithmic: [0, 20], floor: 0.01, title: "x")).first == "0")
  }

  @Test(
    "Values at the ends of binary64, none at all, or one alone make an axis",
    arguments: [
      [], [.nan], [0], [.infinity], [1], [.leastNonzeroMagnitude, .greatestFiniteMagnitude],
      [.leastNonzeroMagnitude], [.greatestFiniteMagnitude],
    ] as [[Double]])
  func extremes(values: [Double]) {
    for axis in [
      Axis(logarithmic: values, title: "x"), Axis(logarithmic: values, base: 2, title: "x"),
    ] {
      #expect(!axis.ticks.isEmpty)
      for value in values where !value.isNaN {
        let place = axis.position(of: value)
        #expect(
          place.map { (0...1).contains($0) } == true, "\(value) at \(String(describing: place))")
      }
    }
  }

  @Test("A linear axis starts at 0 and has round steps")
  func linear() {
    let axis = Axis(fromZeroTo: [3, 37.2, .nan], title: "share", unit: " %")
    #expect(labels(axis) == ["0 %", "10 %", "20 %", "30 %", "40 %"])
    #expect(axis.position(of: 20) == 0.5)
    #expect(labels(Axis(fromZeroTo: [], title: "x")).first == "0")
  }

  @Test("Plots of a row share the range that holds all of them")
  func shared() throws {
    let axis = try #require(
      Axis.shared([
        Axis(logarithmic: [0, 20], title: "x"), Axis(logarithmic: [1e-5, .infinity], title: "x"),
      ]))
    for value in [0, 1e-5, 20, .infinity] { #expect(axis.position(of: value) != nil, "\(value)") }
    #expect(Axis.shared([]) == nil)
    #expect(
      Axis.shared([Axis(logarithmic: [1], title: "x"), Axis(fromZeroTo: [1], title: "x")]) == nil)
  }
}
