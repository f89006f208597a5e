import AuditRecords
import FloatFormats
import PropertyTesting
import RealModule

extension Law {
  /// Every length up to 300, around the powers of two up to 262 144, and of vocabularies up to a
  /// million, with a dominant logit in each place that code treats differently, and sorted.
  ///
  /// Blocked and vectorized code goes wrong at tails, at block boundaries and at dispatch
  /// thresholds. A logit more than 110 above all others makes every other output vanish where its
  /// exponential is lost or its maximum missed.
  static let lengthSweep = Law(
    "length-sweep",
    "Lanes of every length from 1 to 300, around powers of two to 262144 and of vocabularies to 1000003 are right, with a dominant logit first, last, in the tail or in a block, or sorted.",
    grade: .required,
    tolerance: "as for componentwise-error and sum-to-one",
    catches: [.tails, .indexWidth, .lowPrecision, .memoryLayout],
    budget: Budget(random: 20, edges: LengthSweep.all.count), isAboutLengths: true,
    cases: { format in
      Generator { source in
        let number = try source.entry(ofListOf: LengthSweep.all.count)
        return LawCase(lane: LengthSweep.all[number].lane(format))
      }
    }
  ) { input, trial, notes in
    let outputs = try trial.outputs(of: input)
    if case .broken(let violation) = try trial.judgeLanes(of: input, outputs, &notes) {
      return .broken(violation)
    }
    return try trial.judgeSum(outputs, lane: input.lane(0), &notes)
  }

  /// Long lanes add up: nothing stagnates, saturates or overflows.
  ///
  /// Sums of many terms in a narrow format stop growing at 256 (bfloat16), 2048 (float16) or 2^24
  /// (float32) terms. Few levels of logits make lanes of any length cheap to judge exactly.
  static let longLanes = Law(
    "long-lanes", "Lanes of thousands of logits are as good as their bound says.",
    grade: .required, tolerance: "as for componentwise-error and sum-to-one",
    catches: [.lowPrecision, .overflow, .indexWidth],
    budget: Budget(random: 32, edges: 8), isAboutLengths: true,
    cases: { format in
      Generator { source in
        let lengths = [
          300, 1025, 2049, 4099, 10_007, 40_009, 65_537, 131_072, 128_256, 151_936, 200_064,
          262_144,
        ]
        let count = lengths[try source.integer(in: 0...lengths.count - 1)]
        let levels = try source.integer(in: 1...6)
        let top = Double(try source.integer(in: -8...8)) / 2
        var lane = [Double](repeating: top, count: count)
        for level in 1..<max(levels, 2) where levels > 1 {
          // Down to where n terms are worth one of the others.
          let depth = Double(try source.integer(in: 0...96)) / 6
          let step = 1 + (try source.integer(in: 0...12))
          for index in stride(from: level % step, to: count, by: step) {
            lane[index] = format.rounded(top - depth)
          }
        }
        let first = try source.integer(in: 0...2)
        if first > 0 { lane[first == 1 ? 0 : count - 1] = top + 1 }
        return LawCase(lane: lane)
      }
    }
  ) { input, trial, notes in
    let outputs = try trial.outputs(of: input)
    if case .broken(let violation) = try trial.judgeLanes(of: input, outputs, &notes) {
      return .broken(violation)
    }
    return try trial.judgeSum(outputs, lane: input.lane(0), &notes)
  }
}

/// One lane of the sweep over lengths.
struct LengthSweep: Sendable {
  enum Pattern: CaseIterable, Sendable {
    case uniform, ramp, dominantFirst, dominantLast, dominantInTail, dominantInBlock
    /// Descending, as candidates of sampling are sorted, the last logits strictly.
    case descending

    /// Those of the first part of the sweep.
    static let usual: [Pattern] = allCases.filter { $0 != .descending }
  }

  let count: Int
  let pattern: Pattern

  /// The sweep, shortest lanes first, and then sorted ones.
  static let all: [LengthSweep] = {
    var found: [LengthSweep] = []
    for count in 1...300 {
      found += Pattern.usual.map { LengthSweep(count: count, pattern: $0) }
    }
    for exponent in 9...17 {
      for count in [(1 << exponent) - 1, 1 << exponent, (1 << exponent) + 1] {
        // Every pattern at lengths where code branches; the longest lanes are most of the work.
        let patterns: [Pattern] =
          count < 5000
          ? Pattern.usual : count < 20_000 ? [.ramp, .dominantLast] : [.dominantLast]
        found += patterns.map { LengthSweep(count: count, pattern: $0) }
      }
    }
    // Vocabularies and contexts of today, and lengths past the powers of two that they lie between.
    found += [128_256, 151_936, 200_064, 262_143, 262_144, 262_145, 524_289, 1_000_003].map {
      LengthSweep(count: $0, pattern: .dominantLast)
    }
    // Sorted lanes stand behind all others, so that replay tokens of these stay what they are.
    var sorted: [Int] = (2...300).filter { $0 <= 64 || $0 % 8 <= 1 || $0 % 8 == 7 }
    for exponent in 9...14 {
      let power = 1 << exponent
      sorted += [power - 1, power, power + 1]
    }
    return found + sorted.map { LengthSweep(count: $0, pattern: .descending) }
  }()

  /// The lane in a format: simple numbers, none of which is special.
  func lane(_ format: FloatFormat) -> [Double] {
    let low = Double((count * 7) % 5) / 2 - 1
    if pattern == .descending {
      // What follows e^-8 of the maximum still counts, but in float16, where it vanishes.
      let span: Double = format == .float16 ? 8 : 16
      // Few different logits, so that long lanes are cheap to judge; each of the last is its own.
      let levels = min(count, 256)
      let own = min(count, 16)
      return (0..<count).map { index in
        let level =
          index < count - own
          ? index * (levels - own) / (count - own) : levels - (count - index)
        return format.rounded(low + span * Double(levels - level) / Double(levels))
      }
    }
    var lane = (0..<count).map { index in
      pattern == .uniform ? low : low + Double((index * 5) % 11) / 4
    }
    // More than 110 above the rest: the others vanish in float32, and in float16 long before.
    let dominant = low + 120
    switch pattern {
    case .uniform, .ramp, .descending: break
    case .dominantFirst: lane[0] = dominant
    case .dominantLast: lane[count - 1] = dominant
    case .dominantInTail: lane[min(count - 1, count / 8 * 8)] = dominant
    case .dominantInBlock: lane[count / 2] = dominant
    }
    return lane.map { format.rounded($0) }
  }
}
