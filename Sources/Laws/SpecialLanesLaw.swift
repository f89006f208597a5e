import AuditRecords
import FloatFormats
import Oracle
import PropertyTesting

extension Law {
  /// Lanes that have no softmax come out as the policy says, and their neighbours unharmed.
  ///
  /// A NaN, a +inf, or -inf only, at every place of lanes of many lengths, and in every place of a
  /// batch: real kernels treat n = 127 and n = 128 differently, and lanes beyond some thousand in
  /// another way still.
  static let specialLanes = Law(
    "special-lanes",
    "Lanes with a NaN, a +inf or only -inf come out as the special-lane policy says; other lanes of the batch are as good as ever.",
    grade: .required,
    tolerance: "none for special lanes; the others as for componentwise-error",
    catches: [.specialValues],
    budget: Budget(random: 500, edges: LongSpecialLane.all.count), form: .tensor(),
    cases: { format in
      let lanes = LaneCases.readable(format, count: 1...300)
      return Generator { source in
        if let number = try source.entryOrRandom(ofListOf: LongSpecialLane.all.count) {
          return try LongSpecialLane.all[number].cut(by: &source).input(format)
        }
        let lane = try lanes.generate(from: &source).map { max(-32, min(32, $0)) }
        let kind = try source.integer(in: 0...4)
        let count = try source.integer(in: 1...5)
        let place = try source.integer(in: 0...count - 1)
        let first = try source.integer(in: 0...lane.count - 1)
        var special = lane
        switch kind {
        case 0: special[first] = .nan
        case 1: special[first] = .infinity
        case 2: special = lane.map { _ in -.infinity }
        case 4:
          // A maximum may be either of them, and so may what is looked for.
          special[(first + 1) % lane.count] = .infinity
          special[first] = .nan
        default:
          // Everything masked but the trouble.
          special = lane.map { _ in -.infinity }
          special[first] = .nan
        }
        return LawCase(lanes: (0..<count).map { $0 == place ? special : lane })
      }
    }
  ) { input, trial, notes in
    let outputs = try trial.outputs(of: input)
    return try trial.judgeSpecialLanes(of: input, outputs, &notes)
  }
}

/// A lane without a softmax that is too long for the code that takes short lanes in one piece.
struct LongSpecialLane: Sendable {
  /// The reason why it has none.
  ///
  /// A maximum that passes over NaNs meets the last logit, and one in the middle, in other code.
  enum Trouble: CaseIterable, Sendable {
    case lastIsNaN, middleIsNaN, lastIsInfinite, isMasked
  }

  var trouble: Trouble
  var length: Int
  /// The number of lanes with it; all before the last have a softmax.
  var lanes = 2

  /// The lanes, shortest first; with those beside them they have some 400 000 logits.
  static let all =
    [1025, 4097, 10_007].flatMap { length in
      Trouble.allCases.map { LongSpecialLane(trouble: $0, length: length) }
    } + [.lastIsNaN, .isMasked].map { LongSpecialLane(trouble: $0, length: 70_001) }

  /// The same lane, or a shorter one, or one alone where that is enough to fail: the shrinker finds
  /// it.
  func cut(by source: inout ChoiceSource) throws -> LongSpecialLane {
    var lane = self
    lane.lanes = try source.integer(in: 1...lanes, simplest: 1, sample: lanes)
    lane.length = try source.integer(in: 1...length, simplest: 1, sample: length)
    return lane
  }

  /// The lanes in a format: simple numbers, and the trouble in the last one.
  ///
  /// Two logits are far above the others, so that no sum is long: this law is not about sums.
  func input(_ format: FloatFormat) -> LawCase {
    var sound = (0..<length).map { format.rounded(Double(($0 * 5) % 11) / 4 - 30) }
    for place in [length / 3, length * 7 / 8] { sound[place] = 0 }
    var special = sound
    switch trouble {
    case .lastIsNaN: special[length - 1] = .nan
    case .middleIsNaN: special[length * 5 / 8] = .nan
    case .lastIsInfinite: special[length - 1] = .infinity
    case .isMasked: special = sound.map { _ in -.infinity }
    }
    return LawCase(lanes: Array(repeating: sound, count: lanes - 1) + [special])
  }
}
