import ErrorMeasurement
import FloatFormats
import Oracle

/// A lane that holds a maximum, with all that its witness tells.
struct WitnessedLane<F: BinaryFloat, G: BinaryFloat> {
  /// The first input.
  let logits: [F]
  let outputs: [G]
  let reference: any ExactLane
  let promise: LanePromise
}
