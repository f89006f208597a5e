import AuditedOperations
import FloatFormats

/// The memory of one lane in the computing format: logits first, then terms, then probabilities.
typealias Lane<C: BinaryFloat> = UnsafeMutableBufferPointer<C>

/// The knowledge of an implementation about a lane besides its logits.
struct LaneCall: Sendable {
  /// The operation to compute.
  var operation = AuditedOperation.softmax
  /// The number of the lane and how many there are.
  var lane = 0
  var laneCount = 1
  /// The number of lanes that have their elements side by side.
  var inner = 1
  var input: FloatFormat
  var output: FloatFormat
  /// The memory that the call may look up and leave behind.
  var memory: CallMemory
}

/// The memory that an implementation keeps from call to call, for those that do.
struct CallMemory: Sendable {
  /// The number of calls made before this one.
  var calls = 0
  /// A number that the recipe left.
  var number = 0.0
  /// The length of the lane that left it, and what it is looked up by.
  var length = 0
  var key = 0.0
  /// A number for each lane of the tensor, where a recipe looks at all of them first.
  var lanes: [Double] = []
}

/// A softmax in steps, each of which can be replaced by a wrong one.
///
/// What is not replaced is sound: the maximum is subtracted, 16-bit formats compute in float32, the
/// sum has four accumulators, the quotient is a division, every special lane gives NaN. So a recipe
/// shows one mistake and no other.
///
/// The lane is never empty. All steps are generic over the computing format and see no tensor;
/// those of the last group see the tensor and no arithmetic.
protocol SoftmaxRecipe: Sendable {
  func computingFormat(for input: FloatFormat) -> FloatFormat

  /// All of it: replaces the logits of a lane by probabilities, or the first of them by the one
  /// output that the operation has for a lane.
  func evaluate<C: BinaryFloat>(_ lane: Lane<C>, _ call: inout LaneCall)
  func maximum<C: BinaryFloat>(_ lane: Lane<C>, _ call: inout LaneCall) -> C
  func exponential<C: BinaryFloat>(
    _ logit: C, minus maximum: C, at index: Int, of count: Int, _ call: LaneCall
  ) -> C
  func sum<C: BinaryFloat>(_ terms: Lane<C>, _ call: inout LaneCall) -> C
  func quotient<C: BinaryFloat>(_ term: C, by sum: C, _ call: LaneCall) -> C
  /// Finishes the probabilities of a lane at the end.
  func finish<C: BinaryFloat>(_ probabilities: Lane<C>, _ call: LaneCall)

  /// Looks at the tensor before anything is computed; the place to refuse, to crash and to hang.
  func begin<F: BinaryFloat>(
    _ logits: Tensor<F>, _ layout: TensorLayout, _ memory: inout CallMemory
  ) throws
  /// The places that lanes are read from, given the geometry of the input, and written to, given
  /// that of the output.
  func reading(_ geometry: LaneGeometry) -> LaneWalk
  func writing(_ geometry: LaneGeometry) -> LaneWalk
  /// The output for a lane without a logit, where the operation has one.
  var valueOfEmptyLane: Double { get }
  /// The places in memory where the elements of a tensor are looked for.
  func addresses(_ truth: StridedPlaces) -> StridedPlaces
  /// Whether the output is written in the order in which the input lies in memory.
  var writesInOrderOfInput: Bool { get }
  /// The misconduct that a host outside would have seen.
  func misconduct(_ geometry: LaneGeometry) -> [Misconduct]
}

extension SoftmaxRecipe {
  func computingFormat(for input: FloatFormat) -> FloatFormat { max(.float32, input) }

  func evaluate<C: BinaryFloat>(_ lane: Lane<C>, _ call: inout LaneCall) {
    let maximum = maximum(lane, &call)
    for index in lane.indices {
      lane[index] = exponential(lane[index], minus: maximum, at: index, of: lane.count, call)
    }
    let sum = sum(lane, &call)
    for index in lane.indices { lane[index] = quotient(lane[index], by: sum, call) }
    finish(lane, call)
  }

  func maximum<C: BinaryFloat>(_ lane: Lane<C>, _ call: inout LaneCall) -> C {
    largest(of: lane, 0..<lane.count)
  }

  func exponential<C: BinaryFloat>(
    _ logit: C, minus maximum: C, at index: Int, of count: Int, _ call: LaneCall
  ) -> C {
    C.exp(logit - maximum)
  }

  func sum<C: BinaryFloat>(_ terms: Lane<C>, _ call: inout LaneCall) -> C {
    total(of: terms, 0..<terms.count)
  }

  func quotient<C: BinaryFloat>(_ term: C, by sum: C, _ call: LaneCall) -> C { term / sum }

  func finish<C: BinaryFloat>(_ probabilities: Lane<C>, _ call: LaneCall) {}

  func begin<F: BinaryFloat>(
    _ logits: Tensor<F>, _ layout: TensorLayout, _ memory: inout CallMemory
  ) throws {}

  func reading(_ geometry: LaneGeometry) -> LaneWalk { LaneWalk(geometry) }
  func writing(_ geometry: LaneGeometry) -> LaneWalk { reading(geometry) }
  func addresses(_ truth: StridedPlaces) -> StridedPlaces { truth }
  var valueOfEmptyLane: Double { -.infinity }
  var writesInOrderOfInput: Bool { false }
  func misconduct(_ geometry: LaneGeometry) -> [Misconduct] { [] }
}

/// The recipe with no step replaced.
struct PlainRecipe: SoftmaxRecipe {}
