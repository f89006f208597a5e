import FloatFormats
import PropertyTesting
import RealModule

/// The lanes that laws are checked on.
///
/// A lane comes from one of several alternatives; the first holds every lane there is, written
/// element by element. So any failing lane can be written down in it, and shrunk there, wherever it
/// came from.
enum LaneCases {
  /// Lanes of finite logits, or with some of them -inf: arbitrary numbers, readable ones with an
  /// offset, realistic ones, and such as lie where exponentials overflow or vanish.
  static func lanes(
    _ format: FloatFormat, count: ClosedRange<Int> = 1...2048, masks: Bool = false
  ) -> Generator<[Double]> {
    .frequency([
      (3, any(format, count: count, masks: masks)),
      (5, readable(format, count: count, masks: masks)),
      (7, dense(format, count: count)),
      (2, nearThresholds(format, count: count)),
    ])
  }

  /// The choices by which the first alternative of ``lanes(_:count:masks:)`` makes a lane; nil for
  /// a lane longer than it is worth, or with a NaN or +inf.
  static func choices(for lane: [Double], _ format: FloatFormat) -> [ChoiceValue]? {
    lane.isEmpty ? nil : lanes(format, masks: true).choices(for: lane)
  }

  // MARK: Alternatives

  /// Lanes of arbitrary logits.
  static func any(
    _ format: FloatFormat, count: ClosedRange<Int>, masks: Bool = false
  ) -> Generator<[Double]> {
    make(
      format,
      Explicit(
        count: count, lowest: masks ? -.infinity : -.greatestFiniteMagnitude,
        highest: .greatestFiniteMagnitude))
  }

  /// Lanes of logits between -32 and 32, most of them simple numbers, with an offset now and then.
  static func readable(
    _ format: FloatFormat, count: ClosedRange<Int>, masks: Bool = false
  ) -> Generator<[Double]> {
    let moderate = make(
      format, Explicit(count: count, lowest: -32, highest: 32, offset: 512))
    guard masks else { return moderate }
    return Generator { source in
      var lane = try moderate.generate(from: &source)
      try source.span("masks") { source in
        // At least one logit stays.
        let kept = try source.integer(in: 0...lane.count - 1)
        let stride = try source.integer(in: 0...7)
        let phase = try source.integer(in: 0...7)
        guard stride > 0 else { return }
        for index in lane.indices where index != kept && (index + phase) % (stride + 1) != 0 {
          lane[index] = -.infinity
        }
      }
      return lane
    }
  }

  /// Lanes like real ones: deviates of a distribution, every one different.
  static func dense(_ format: FloatFormat, count: ClosedRange<Int>) -> Generator<[Double]> {
    let length = lengths(count)
    return Generator { source in
      try source.span("dense") { source in
        let count = try length.generate(from: &source)
        // Where a part of the lane is enough to fail, the shrinker cuts from both ends.
        let cut = try source.integer(
          in: 0...max(0, count - 1), simplest: max(0, count - 1), sample: 0)
        let shape = try source.integer(in: 0...5)
        let seed = try source.bits(width: 24)
        var random = CounterGenerator(seed: seed, stream: "dense/\(shape)")
        let spread = [1.0, 4, 0.25, 16, 2, 32][shape]
        let centre = shape == 4 ? random.uniform(-200, 200) : 0
        var lane: [Double] = []
        lane.reserveCapacity(count)
        for _ in 0..<count {
          let deviate = shape == 5 ? -random.uniform(0, 3 * spread) : random.normal() * spread
          lane.append(format.rounded(centre + deviate))
        }
        return Array(lane[cut...])
      }
    }
  }

  /// Lanes around a number where exponentials overflow, become subnormal or vanish, or that people
  /// mask with.
  static func nearThresholds(
    _ format: FloatFormat, count: ClosedRange<Int>
  ) -> Generator<[Double]> {
    let edges = thresholds(format)
    let length = lengths(count)
    return Generator { source in
      try source.span("thresholds") { source in
        let count = try length.generate(from: &source)
        let edge = edges[try source.integer(in: 0...edges.count - 1)]
        let width = [0.0, 0.5, 2, 8][try source.integer(in: 0...3)]
        let zeros = try source.integer(in: 0...3)
        let seed = try source.bits(width: 16)
        var random = CounterGenerator(seed: seed, stream: "thresholds")
        var lane = (0..<count).map { _ in
          format.finite(edge + random.uniform(-width, width))
        }
        // Some logits at zero make the others vanish, or grow beyond all bounds.
        for _ in 0..<zeros where !lane.isEmpty { lane[random.integer(0...lane.count - 1)] = 0 }
        return lane
      }
    }
  }

  /// The numbers around which something happens to exponentials of a format or of the formats that
  /// people compute in, and those that they mask with.
  static func thresholds(_ format: FloatFormat) -> [Double] {
    let computing: [FloatFormat] = format.isNarrow ? [format, .float32] : [format]
    var found: [Double] = []
    for format in computing {
      found += [
        Double.log(format.greatestFinite), Double.log(format.leastNormal),
        Double.log(format.leastSubnormal), -Double.log(format.greatestFinite),
        Double.log(format.leastSubnormal) - 1,
      ]
    }
    let greatest = format.greatestFinite
    found += [greatest, -greatest, greatest / 2, -greatest / 2]
    found += [-65504, -65500, -3.4e38, -1e9, -1e30, -10000, 10000, 65504, 1e30, -1e308]
      .filter { abs($0) <= greatest }
    return found.map { format.finite($0) }
  }

  // MARK: Lengths

  /// Lengths, every binade as often as another, shrinking to the shortest.
  static func lengths(_ range: ClosedRange<Int>) -> Generator<Int> {
    let length = LengthChoice(
      range,
      edges: [
        range.lowerBound, 2, 3, 7, 8, 9, 31, 32, 33, 100, 127, 128, 129, 255, 256, 257,
        range.upperBound,
      ])
    return Generator { try length.draw(from: &$0) }
  }

  // MARK: Formats

  /// The engine's lanes of a fill, some logits that differ, and perhaps an offset.
  private struct Explicit: FormatGenericWork {
    var count: ClosedRange<Int>
    var lowest: Double
    var highest: Double
    var offset: Double?

    func run<F: BinaryFloat>(_ format: F.Type) -> Generator<[Double]> {
      let (low, high) = (F(rounding: lowest), F(rounding: highest))
      let classes: FloatClasses = lowest == -.infinity ? [.finite, .infinite] : .finite
      let least = lowest == -.infinity ? low : low.isInfinite ? -F.greatestFinite : low
      let element = Generator<F>.float(
        from: least, to: high.isInfinite ? F.greatestFinite : high, classes: classes)
      let shift = offset.map { reach -> Generator<F> in
        .float(from: F(rounding: -reach), to: F(rounding: reach), classes: .finite)
      }
      return Generator<[F]>.lane(of: element, count: count, offset: shift)
        .map(inverse: { $0.map { F(rounding: $0) } }) { $0.map { $0.exactDouble } }
    }
  }

  /// Lanes of an 8-bit format: those of float16, which has all its numbers, rounded.
  private static func narrow(_ format: FloatFormat, _ work: Explicit) -> Generator<[Double]> {
    var work = work
    if work.lowest > -.infinity { work.lowest = max(work.lowest, -format.greatestFinite) }
    work.highest = min(work.highest, format.greatestFinite)
    return work.run(Float16.self).map(inverse: { $0 }) { $0.map { format.nearest($0) } }
  }

  private static func make(_ format: FloatFormat, _ work: Explicit) -> Generator<[Double]> {
    switch format {
    case .float16: work.run(Float16.self)
    case .bfloat16: work.run(BFloat16.self)
    case .float32: work.run(Float.self)
    case .float64: work.run(Double.self)
    default: narrow(format, work)
    }
  }
}

extension ChoiceSource {
  /// An integer of a range that is always the same at random, and is there for the shrinker alone.
  mutating func integer(
    in range: ClosedRange<Int>, simplest: Int, sample: Int
  ) throws -> Int {
    let kind = ChoiceKind.integer(
      Int64(range.lowerBound)...Int64(range.upperBound), simplest: Int64(simplest))
    let value = try choose(kind, edges: [.integer(Int64(sample))]) { _ in .integer(Int64(sample)) }
    guard case .integer(let number) = value else { return sample }
    return Int(number)
  }
}

extension ChoiceSource {
  /// A number of a list of so many entries: each in turn among the edge cases, any at random.
  mutating func entry(ofListOf count: Int) throws -> Int {
    try entry(ofListOf: count, upTo: count - 1) { $0.integer(0...count - 1) }
  }

  /// A number of a list of so many entries, each in turn among the edge cases; `nil` at random,
  /// where the law draws what is in no list.
  mutating func entryOrRandom(ofListOf count: Int) throws -> Int? {
    let number = try entry(ofListOf: count, upTo: count) { _ in count }
    return number < count ? number : nil
  }

  private mutating func entry(
    ofListOf count: Int, upTo last: Int, random: (inout CounterGenerator) -> Int
  ) throws -> Int {
    let kind = ChoiceKind.integer(0...Int64(last), simplest: 0)
    let edges = (0..<count).map { ChoiceValue.integer(Int64($0)) }
    let value = try choose(kind, edges: edges) { .integer(Int64(random(&$0))) }
    guard case .integer(let number) = value else {
      throw Abandonment.discarded(reason: "a number in a list is not an integer")
    }
    return Int(number)
  }
}

extension Generator where Value == [Double] {
  /// Cases of one lane.
  var cases: Generator<LawCase> { map { LawCase(lane: $0) } }
}
