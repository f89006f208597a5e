import AuditRecords
import AuditedOperations
import FloatFormats
import PropertyTesting

extension Law {
  /// The law for operations whose masked outputs are not what tells.
  private static let undisturbed =
    "Runs of masked entries as long as every power of two and its neighbours disturb no others before, behind, amid and around them."

  /// Long runs of -inf give exactly 0 and disturb nothing, wherever they begin and end.
  ///
  /// Causal masks, sliding windows and padding leave whole blocks without a logit. A block of -inf
  /// only has no maximum to subtract, and -inf - -inf is NaN; or its sum is 0, and so is what is
  /// divided by.
  static let maskedRuns = Law(
    "masked-runs",
    "Runs of -inf as long as every power of two and its neighbours give exactly 0 before, behind, amid and around the other logits, and disturb none of them.",
    grade: .required,
    tolerance: "none for the masked outputs; the others as for componentwise-error",
    catches: [.specialValues, .tails],
    wordings: [
      .logSoftmax:
        "Runs of -inf as long as every power of two and its neighbours give exactly -inf before, behind, amid and around the other logits, and disturb none of them.",
      .logSumExp:
        "Runs of -inf as long as every power of two and its neighbours change nothing before, behind, amid and around the other logits.",
      .crossEntropy: undisturbed, .logSoftmaxVJP: undisturbed, .crossEntropyVJP: undisturbed,
      .softmaxBackward: undisturbed,
    ],
    budget: Budget(random: 12, edges: MaskedRun.all.count), isAboutLengths: true,
    cases: { format in
      Generator { source in
        var mask =
          try source.entryOrRandom(ofListOf: MaskedRun.all.count).map { MaskedRun.all[$0] }
          ?? MaskedRun.random(from: &source)
        // Where a shorter run or a shorter lane is enough to fail, the shrinker finds it.
        mask.run = try source.integer(in: 1...mask.run, simplest: 1, sample: mask.run)
        let rest = mask.length - mask.leastLength
        mask.length =
          mask.leastLength + (try source.integer(in: 0...rest, simplest: 0, sample: rest))
        return LawCase(lane: mask.lane(format))
      }
    }
  ) { input, trial, notes in
    let lane = input.lane(0)
    let outputs = try trial.outputs(of: input)
    if let violation = trial.maskViolation(outputs, lane: lane) { return .broken(violation) }
    return try trial.judgeLanes(of: input, outputs, &notes)
  }
}

/// A lane with a run of masked logits.
struct MaskedRun: Sendable {
  /// The place of the masked logits.
  enum Place: CaseIterable, Sendable {
    case before, behind, amid, around
  }

  var place: Place
  /// The length of the run; around the other logits the number of those that are left.
  var run: Int
  var length: Int

  /// The length of the shortest lane with such a run that has a logit left.
  var leastLength: Int { place == .before || place == .behind ? run + 1 : 2 * run + 1 }

  /// The lanes, shortest first.
  ///
  /// A lane is a little longer than its run, where most of it is masked, and several times as long;
  /// together they have some 2 million logits.
  static let all: [MaskedRun] = {
    var found: [MaskedRun] = []
    for exponent in 1...16 {
      let power = 1 << exponent
      // The longest runs are most of the work.
      let runs = exponent < 14 ? [power - 1, power, power + 1] : [power]
      for run in runs {
        for place in Place.allCases {
          let least = MaskedRun(place: place, run: run, length: 0).leastLength
          let lengths = exponent < 13 ? [least, least + 7, 4 * power + 3] : [least + power / 2]
          found += Set(lengths).map { MaskedRun(place: place, run: run, length: $0) }
        }
      }
    }
    func order(_ mask: MaskedRun) -> [Int] {
      [mask.length, mask.run, Place.allCases.firstIndex(of: mask.place) ?? 0]
    }
    return found.sorted { order($0).lexicographicallyPrecedes(order($1)) }
  }()

  /// A lane of at most some 120 000 logits, lengths in every binade alike.
  static func random(from source: inout ChoiceSource) throws -> MaskedRun {
    let place = Place.allCases[try source.integer(in: 0...Place.allCases.count - 1)]
    var mask = MaskedRun(
      place: place, run: try LaneCases.lengths(1...40_000).generate(from: &source), length: 0)
    mask.length = mask.leastLength - 1 + (try LaneCases.lengths(1...40_000).generate(from: &source))
    return mask
  }

  /// The masked places; around the other logits they are two ranges.
  private var masked: [Range<Int>] {
    switch place {
    case .before: [0..<run]
    case .behind: [length - run..<length]
    // From a multiple of its own length on, as blocks lie.
    case .amid: [run..<2 * run]
    case .around: [0..<run, 2 * run..<length]
    }
  }

  /// The lane in a format: simple numbers that all count.
  func lane(_ format: FloatFormat) -> [Double] {
    var lane = (0..<length).map { format.rounded(Double(($0 * 5) % 11) / 4 - 6) }
    for range in masked {
      for index in range { lane[index] = -.infinity }
    }
    return lane
  }
}
