import AuditedOperations
import CLaneKernels
import FloatFormats

/// The derivatives by the outputs of a lane, with a first look at them.
struct FilteredUpstream {
  let lane: EncodedLane
  /// The format of the outputs.
  let format: FloatFormat
  private let survey: lane_survey
  private let level: Int32

  init(_ lane: EncodedLane, _ format: FloatFormat, level: KernelLevel) {
    self.lane = lane
    self.format = format
    self.level = Int32(level.rawValue)
    survey = lane.withUnsafeBytes {
      lane_look(Int32(level.rawValue), lane.format.kernelCode, $0.baseAddress, lane.count)
    }
  }

  /// The reason why they make no values: a NaN, or an infinity.
  var lackOfNumbers: SpecialLane? { survey.lackOfNumbers(count: lane.count) }

  /// Whether kernels take them beside a lane.
  ///
  /// Both have one format of at most 24 bits, and so have the outputs; and not all derivatives are
  /// one number: then values are 0, or of few bits.
  func serves(_ other: EncodedLane) -> Bool {
    lane.format == other.format && lane.count == other.count && lane.format.precision <= 24
      && format.precision <= 24 && survey.maximum > survey.minimum && lane.count <= 1 << 24
  }

  /// max |g|.
  var largest: Double { max(survey.maximum, -survey.minimum) }

  /// The sum of them, or of their products with a lane of the same format.
  func dot(_ other: EncodedLane?) -> lane_weighted_sum {
    lane.withUnsafeBytes { numbers in
      guard let other else {
        return lane_dot(level, lane.format.kernelCode, numbers.baseAddress, nil, lane.count)
      }
      return other.withUnsafeBytes {
        lane_dot(
          level, lane.format.kernelCode, numbers.baseAddress, $0.baseAddress, lane.count)
      }
    }
  }
}

extension lane_survey {
  /// The reason why a lane of another input than logits makes no values: a NaN, or an infinity.
  func lackOfNumbers(count: Int) -> SpecialLane? {
    guard count > 0 else { return nil }
    if has_nan { return .holdsNaN }
    return maximum == .infinity || minimum == -.infinity ? .holdsInfinity : nil
  }
}
