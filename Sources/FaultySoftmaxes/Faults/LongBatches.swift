import FloatFormats
import Laws

extension FaultySoftmax {
  /// A branch that is taken for some lanes of a batch of long ones goes wrong.
  static let longBatchFaults = [
    FaultySoftmax(
      "fourth-lane-zero-beyond-4096", "leaves the fourth of some lanes beyond 4096 logits at zero",
      .tails, WrongLanes(.unwritten) { $0.lane == 3 && $1 > 4096 }),
    FaultySoftmax(
      "fourth-lane-loses-last-term-beyond-4096",
      "leaves the last term out of the sum of the fourth lane beyond 4096 logits", .tails,
      WrongLanes.losingLast { $0.lane == 3 && $1 > 4096 }),
    FaultySoftmax(
      "lanes-from-15-doubled-in-batches-of-16",
      "doubles lane 15 and later ones in batches of 16 and more beyond 1024 logits", .tails,
      WrongLanes(.doubled) { $0.laneCount >= 16 && $0.lane >= 15 && $1 > 1024 }),
    FaultySoftmax(
      "last-of-32-lanes-loses-last-term-beyond-2048",
      "leaves the last term out in every thirty-second lane beyond 2048 logits", .tails,
      WrongLanes.losingLast { $0.lane % 32 == 31 && $1 > 2048 }),
    FaultySoftmax(
      "second-lane-loses-first-term-beyond-16384",
      "leaves the first term out of the sum of every second lane beyond 16384 logits", .tails,
      WrongLanes(.termsLost { _ in 0..<1 }) { $0.lane % 2 == 1 && $1 > 16_384 }),
    FaultySoftmax(
      "second-lane-zero-beyond-65536", "writes the first lane only beyond 65536 logits",
      .indexWidth, WrongLanes(.unwritten) { $0.lane > 0 && $1 > 65_536 }),
    FaultySoftmax(
      "maximum-of-first-half-from-lane-8-beyond-1024",
      "looks for the maximum in the first half of the ninth and later lanes beyond 1024 logits",
      .overflow,
      WrongLanes(.maximumOfFirstHalf) { $0.lane >= 8 && $1 > 1024 }),
    FaultySoftmax(
      "last-lane-loses-a-block-beyond-8192",
      "loses a block of 512 terms in the middle of the last of several lanes beyond 8192 logits",
      .tails,
      WrongLanes(.termsLost { $0 / 3..<$0 / 3 + 512 }) {
        $0.laneCount > 1 && $0.lane == $0.laneCount - 1 && $1 > 8192
      }),
    FaultySoftmax(
      "lanes-from-32-lose-a-tail-beyond-512",
      "loses the last n mod 64 terms from the thirty-third lane on beyond 512 logits", .tails,
      WrongLanes(.termsLost { $0 & ~63..<$0 }) { $0.lane >= 32 && $1 > 512 }),
    FaultySoftmax(
      "batches-of-64-lose-the-last-lane", "leaves the last of 64 lanes and more at zero where long",
      .tails,
      WrongLanes(.unwritten) {
        $0.laneCount >= 64 && $0.lane == $0.laneCount - 1 && $1 > 4096
      }),
    FaultySoftmax(
      "third-lane-padded-with-zeros-beyond-32768",
      "adds zeros up to a multiple of 256 as logits in the third lane beyond 32768", .tails,
      WrongLanes(.paddedWithZeros(256)) { $0.lane % 4 == 2 && $1 > 32_768 }),
    FaultySoftmax(
      "sum-of-first-131072", "adds up the first 131072 terms only", .tails,
      WrongLanes(.termsLost { 131_072..<max($0, 131_072) }) { $1 > 131_073 }),
    FaultySoftmax(
      "sum-of-first-200000", "adds up the first 200000 terms only", .tails, formats: .wide,
      WrongLanes(.termsLost { 200_000..<max($0, 200_000) }) { $1 > 200_000 }),
    FaultySoftmax(
      "sum-of-first-262144", "adds up the first 262144 terms only", .tails,
      formats: [.float16, .float32],
      WrongLanes(.termsLost { 262_144..<max($0, 262_144) }) { $1 > 262_144 }),
    FaultySoftmax(
      "sum-of-first-1000000", "adds up the first million terms only", .tails,
      formats: [.float32],
      WrongLanes(.termsLost { 1_000_000..<max($0, 1_000_000) }) { $1 > 1_000_000 }),
    FaultySoftmax(
      "vocabulary-padded-with-zeros",
      "pads lanes beyond 150000 logits to a multiple of 128 with zeros",
      .tails, formats: [.bfloat16, .float32],
      WrongLanes(.paddedWithZeros(128)) { $1 > 150_000 }),
    FaultySoftmax(
      "halves-merged-without-rescaling-beyond-100000",
      "adds the sums of two halves beyond 100000 logits, each with its own maximum", .formula,
      formats: [.bfloat16, .float64], HalvesMergedWithoutRescaling()),
  ]
}

private struct HalvesMergedWithoutRescaling: SoftmaxRecipe {
  func evaluate<C: BinaryFloat>(_ lane: Lane<C>, _ call: inout LaneCall) {
    guard lane.count > 100_000 else {
      PlainRecipe().evaluate(lane, &call)
      return
    }
    let middle = lane.count / 2
    let maxima = [largest(of: lane, 0..<middle), largest(of: lane, middle..<lane.count)]
    let maximum = maxima[0] > maxima[1] ? maxima[0] : maxima[1]
    var sum = C.zero
    for index in lane.indices {
      sum = sum + C.exp(lane[index] - maxima[index < middle ? 0 : 1])
    }
    for index in lane.indices { lane[index] = C.exp(lane[index] - maximum) / sum }
  }
}
