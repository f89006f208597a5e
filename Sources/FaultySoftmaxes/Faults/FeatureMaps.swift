import AuditedOperations
import FloatFormats
import Laws

extension FaultySoftmax {
  /// A branch for lanes that lie side by side in thousands goes wrong.
  static let featureMapFaults = [
    FaultySoftmax(
      "17-channels-of-4096-places-zero",
      "leaves lanes of 17 logits and more at zero where 4096 and more lie side by side", .axes,
      WrongLanes(.unwritten) { $0.inner >= 4096 && $1 >= 17 }),
    FaultySoftmax(
      "third-channel-of-large-images-lost",
      "adds up two terms only where 16384 lanes and more lie side by side", .memoryLayout,
      WrongLanes(.termsLost { 2..<max($0, 2) }) { $0.inner >= 16_384 && $1 > 2 }),
    FaultySoftmax(
      "last-place-of-an-image-zero",
      "leaves the last of 2048 and more lanes side by side at zero where it is in no tile of 64",
      .tails,
      WrongLanes(.unwritten) {
        $0.inner >= 2048 && $0.inner % 64 != 0 && $1 > 2 && $0.lane % $0.inner == $0.inner - 1
      }),
    FaultySoftmax(
      "places-beyond-50000-lose-last-term",
      "leaves the last of 3 terms and more out of lanes more than 50000 places behind the first",
      .indexWidth, WrongLanes.losingLast { $0.lane % $0.inner > 50_000 && $1 > 2 }),
    FaultySoftmax(
      "segmentation-zero",
      "leaves lanes at zero whose tensor has 2^20 logits and more with 2^16 side by side",
      .indexWidth, formats: [.float16, .float32],
      WrongLanes(.unwritten) { $0.inner >= 65_536 && $0.laneCount * $1 >= 1 << 20 }),
  ]
}
