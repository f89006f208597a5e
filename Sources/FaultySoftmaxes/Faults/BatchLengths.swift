import AuditedOperations
import FloatFormats
import Laws

extension FaultySoftmax {
  /// A branch for round lengths goes wrong after the first lanes of a batch.
  static let batchLengthFaults = [
    FaultySoftmax(
      "lanes-after-the-first-zero-at-multiples-of-256",
      "leaves all lanes but the first at zero at lengths of 512 and more that are multiples of 256",
      .tails, WrongLanes(.unwritten) { $0.lane > 0 && $1 >= 512 && $1 % 256 == 0 }),
    FaultySoftmax(
      "fourth-lane-loses-last-term-at-powers-of-two",
      "leaves the last term out of the fourth lane at lengths of 65536 and more that are powers of two",
      .tails,
      WrongLanes.losingLast { $0.lane == 3 && $1 >= 65_536 && $1 & ($1 - 1) == 0 }),
    FaultySoftmax(
      "last-of-20-lanes-loses-last-term-from-20000",
      "leaves the last term out of the twentieth lane from 20000 logits on, to where blocks are longer",
      .tails, WrongLanes.losingLast { $0.lane == 19 && 20_000..<32_768 ~= $1 }),
    FaultySoftmax(
      "second-lane-of-a-vocabulary-zero",
      "leaves the second lane at zero in a branch for the vocabularies of 50257 and 50304 words",
      .tails, WrongLanes(.unwritten) { $0.lane == 1 && ($1 == 50_257 || $1 == 50_304) }),
    FaultySoftmax(
      "second-lane-doubled-just-below-a-power-of-two",
      "doubles the second lane where a vector more would make its length a power of two", .tails,
      WrongLanes(.doubled) { $0.lane == 1 && $1 >= 2047 && $1 & ($1 + 1) == 0 }),
  ]
}
