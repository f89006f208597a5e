import FloatFormats
import PropertyTesting
import Testing

@Suite("Shrinker")
struct ShrinkerTests {
  /// Shrinks a given choice sequence.
  private func shrink<Value>(
    _ choices: [ChoiceValue], of property: Property<Value>, calls: Int = 4000
  ) -> RunReport<Value> {
    var configuration = RunConfiguration()
    configuration.phases = [.regressions, .shrink]
    configuration.shrinkCalls = calls
    let store = RecordingStore<Value>([.choices(choices)])
    return PropertyRunner(configuration).check(property, store: store)
  }

  /// The share of random intervals for which shrinking ends at the simplest float of the interval.
  struct Intervals: FormatGenericWork {
    func run<F: BinaryFloat>(_ type: F.Type) -> (found: Int, tried: Int, calls: Int) {
      var random = CounterGenerator(seed: 11, stream: "shrunk intervals")
      var (found, tried, calls) = (0, 0, 0)
      let greatest = Int(F.greatestFinite.orderedIndex)
      for _ in 0..<100 {
        let start = random.integer(1...greatest)
        let width = random.integer(0...(1 << random.integer(0...F.format.bitWidth - 2)) - 1)
        let end = start + min(width, greatest - start)
        let isNegative = random.next() & 1 == 1
        let low = F(orderedIndex: Int64(isNegative ? -1 - end : start))
        let high = F(orderedIndex: Int64(isNegative ? -1 - start : end))
        let inside = F(orderedIndex: Int64(random.integer(start...end))).exactDouble
        let value = F(rounding: isNegative ? -inside : inside)
        let property = Property("outside", for: Generator<F>.float()) { value, _ in
          .require(!(low <= value && value <= high), "inside")
        }
        var configuration = RunConfiguration()
        configuration.phases = [.regressions, .shrink]
        let store = RecordingStore<F>([
          .choices([.float(F.format, bits: UInt64(value.bitPattern))])
        ])
        let report = PropertyRunner(configuration).check(property, store: store)
        guard let simplest = report.simplest?.value else { continue }
        tried += 1
        calls += report.shrinking?.calls ?? 0
        let expected = FloatConstraint(from: low, to: high, classes: .finite).simplest
        if UInt64(simplest.bitPattern) == expected { found += 1 }
      }
      return (found, tried, calls)
    }
  }

  @Test(arguments: FloatFormat.allCases)
  func `the simplest float of an interval is found from any other, in few calls`(
    format: FloatFormat
  ) throws {
    let (found, tried, calls) = try format.open(Intervals())
    #expect(tried == 100)
    #expect(found == 100)
    #expect(calls < 100 * 150)
  }

  @Test func `shrinking stops when its calls are spent`() {
    let property = Property("never", for: .array(of: .integer(in: 0...1000))) { _, _ in
      .failed(reason: "always")
    }
    let long = (0..<20).flatMap { [ChoiceValue.boolean(true), .integer($0 + 50)] }
    let report = shrink(long + [.boolean(false)], of: property, calls: 1)
    #expect(report.shrinking?.end == .outOfCalls || report.simplest?.value == [])
    #expect((report.shrinking?.calls ?? 0) <= 1)
  }

  @Test func `an array of hundreds of elements shrinks within the usual calls`() {
    let property = Property(
      "no triple", for: .array(of: Generator<Double>.float(classes: .finite), count: 0...1000)
    ) { array, _ in
      .require(array.count { $0 > 10.5 } < 3, "three elements are large")
    }
    let choices = (0..<600).flatMap { number in
      [
        ChoiceValue.boolean(true),
        .float(.float64, bits: (Double(number) * 0.37 - 100).bitPattern),
      ]
    }
    let report = shrink(choices + [.boolean(false)], of: property)
    #expect(report.simplest?.value == [11, 11, 11])
    #expect(report.shrinking?.end == .minimal)
  }

  @Test func `a long lane loses its outliers, its length and its fill`() {
    let property = Property(
      "the sum is small", for: .lane(of: Generator<Float>.float(classes: .finite), count: 0...5000)
    ) { lane, _ in .require(lane.count < 1000 || lane[0] < 3, "long and large") }
    var choices: [ChoiceValue] = [
      .integer(4000), .float(.float32, bits: UInt64(Float(7.3).bitPattern)),
    ]
    for position in 0..<60 {
      choices += [
        .boolean(true), .integer(Int64(position * 50)),
        .float(.float32, bits: UInt64(Float(9.1).bitPattern)),
      ]
    }
    let report = shrink(choices + [.boolean(false)], of: property)
    #expect(report.simplest?.value == [Float](repeating: 3, count: 1000))
  }

  @Test func `integers of the full range shrink without overflow`() {
    let property = Property("not far out", for: .integer(in: Int.min...Int.max)) { value, _ in
      .require(value > Int.min / 2, "far out")
    }
    #expect(shrink([.integer(.min)], of: property).simplest?.value == Int.min / 2)
    let words = Property("no high bit", for: .bits()) { word, _ in
      .require(word >> 63 == 0, "high")
    }
    #expect(shrink([.bits(.max)], of: words).simplest?.value == 1 << 63)
  }

  @Test func `a condition on parity does not keep a number large`() {
    let property = Property("even", for: .integer(in: 0...1_000_000_000)) { value, _ in
      .require(value <= 1000 || value.isMultiple(of: 2), "odd")
    }
    let report = shrink([.integer(987_654_321)], of: property)
    #expect(report.simplest?.value == 1001)
    #expect((report.shrinking?.calls ?? 0) < 300)
  }

  @Test func `a choice of one's own kind shrinks like any other`() {
    let dice = Generator<Int> { source in
      let kind = ChoiceKind.integer(1...6, simplest: 4)
      let value = try source.choose(kind, edges: [.integer(6)]) {
        .integer(Int64($0.integer(1...6)))
      }
      guard case .integer(let pips) = value else { return 0 }
      return Int(pips)
    }
    let property = Property("never 4", for: dice) { pips, _ in .require(pips == 4, "not 4") }
    #expect(shrink([.integer(1)], of: property).simplest?.value == 5)
  }

  @Test func `a constraint that no float satisfies stops the program`() async {
    await #expect(processExitsWith: .failure) {
      _ = FloatConstraint(from: Float(2), to: Float(1))
    }
    await #expect(processExitsWith: .failure) {
      _ = FloatConstraint(from: Float(1), to: Float(2), classes: .subnormal)
    }
  }

  /// Numbers of which those from 1000 on fail, and which cost as much to check as they are large.
  private func lengths(workLimit: Int?) -> RunReport<Int> {
    let numbers = Generator<Int> { try $0.integer(in: 0...1 << 24) }
    let property = Property("short", for: numbers, work: { $0 }) { value, _ in
      .require(value < 1000, "long")
    }
    var configuration = RunConfiguration()
    configuration.phases = [.regressions, .shrink]
    configuration.shrinkCalls = 4000
    configuration.shrinkWork = workLimit
    let store = RecordingStore<Int>([.choices([.integer(1 << 24)])])
    return PropertyRunner(configuration).check(property, store: store)
  }

  @Test func `a long case is halved first, so that all of it costs two of the first`() throws {
    let report = lengths(workLimit: nil)
    #expect(report.simplest?.value == 1000)
    let shrinking = try #require(report.shrinking)
    #expect(shrinking.end == .minimal)
    // Halves of halves add up to the whole; what follows is of the size of the end.
    #expect(shrinking.work < 2 << 24, "\(shrinking.work)")
  }

  @Test func `shrinking ends where its work is done, with what is simplest until then`() throws {
    let report = lengths(workLimit: 10_000_000)
    let shrinking = try #require(report.shrinking)
    #expect(shrinking.end == .outOfWork)
    // 2^23 and 2^22 come to 12.6 million.
    #expect(report.simplest?.value == 1 << 22)
    #expect(shrinking.work == 3 << 22)
  }
}
