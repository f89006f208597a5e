import AuditedOperations
import Basics
import FloatFormats
import Oracle

/// The inputs of an operation that somebody saved, lane by lane.
package struct SavedInputs: Sendable {
  package let operation: AuditedOperation
  /// The first input: logits, or stored probabilities.
  package let first: any LaneSource
  /// The derivatives by the outputs; `nil` where the operation takes none.
  package let upstream: (any LaneSource)?
  /// The class number of each lane; empty where the operation takes none.
  package let targets: [Int64]
  package let parameters: CrossEntropyParameters
  /// The rule by which the losses of the lanes become the output.
  package let reduction: LossReduction
  /// The modifiers of the logits.
  package let modifiers: LogitModifiers
  package let geometry: LaneGeometry

  /// Inputs along an axis.
  ///
  /// - Throws: `UserError` where there is no such axis.
  package init(
    _ operation: AuditedOperation, _ first: any LaneSource, axis: Int,
    upstream: (any LaneSource)? = nil, targets: [Int64] = [],
    parameters: CrossEntropyParameters = CrossEntropyParameters(),
    reduction: LossReduction = .none, modifiers: LogitModifiers = .none
  ) throws(UserError) {
    self.modifiers = modifiers
    self.operation = operation
    self.reduction = reduction
    self.first = first
    self.upstream = upstream
    self.targets = targets
    self.parameters = parameters
    geometry = try LaneGeometry(shape: first.shape, axis: axis)
    try check()
  }

  /// The same inputs with modifiers of the logits.
  ///
  /// - Throws: `UserError` where they do not fit.
  package func with(_ modifiers: LogitModifiers) throws(UserError) -> SavedInputs {
    try SavedInputs(
      operation, first, axis: geometry.axis, upstream: upstream, targets: targets,
      parameters: parameters, reduction: reduction, modifiers: modifiers)
  }

  /// The shape of the output, in which a lane of one number has an axis of length 1.
  package var outputShape: [Int] {
    if reduction != .none { return [1] }
    guard operation.output.extent == .matrix else {
      return operation.outputGeometry(for: geometry).shape
    }
    var shape = geometry.shape
    shape.insert(geometry.length, at: geometry.axis)
    return shape
  }

  /// The shape of the output as it is written: without the axis where a lane gives one number, and
  /// without any where all lanes give one.
  package var writtenShape: [Int] {
    if reduction != .none { return [] }
    guard operation.output.extent == .one else { return outputShape }
    var shape = geometry.shape
    shape.remove(at: geometry.axis)
    return shape
  }

  /// The same inputs with every number rounded to a format, and how many were none of it.
  package func rounded(to format: FloatFormat) throws -> (inputs: SavedInputs, changed: Int) {
    func lanes(_ source: some LaneSource) -> any LaneSource { RoundedLanes(source, to: format) }
    let sources = [first] + [upstream].compactMap { $0 }
    var changed = 0
    for source in sources { changed += try CoarserGrid.countOutside(format, of: source) }
    var parameters = parameters
    parameters.classWeights = parameters.classWeights?.map { weight in
      if !format.holds(weight) { changed += 1 }
      return format.rounded(weight)
    }
    var rounded = modifiers
    func round(_ numbers: [Double]?) -> [Double]? {
      numbers?.map { number in
        if !format.holds(number) { changed += 1 }
        return format.rounded(number)
      }
    }
    rounded.mask = round(modifiers.mask)
    rounded.sink = round(modifiers.sink)
    return (
      try SavedInputs(
        operation, lanes(first), axis: geometry.axis, upstream: upstream.map { lanes($0) },
        targets: targets, parameters: parameters, reduction: reduction, modifiers: rounded),
      changed
    )
  }

  /// Makes sure that the inputs fit together.
  private func check() throws(UserError) {
    if !modifiers.isNone { try modifiers.check(geometry) }
    if let upstream, upstream.shape != first.shape {
      throw UserError(
        .malformedInput,
        "upstream has the shape \(upstream.shape), and \(operation.inputs[0]) \(first.shape); they must have the same"
      )
    }
    guard operation.inputs.contains(.targets) else { return }
    guard targets.count == geometry.laneCount else {
      throw UserError(
        .malformedInput,
        "there are \(targets.count) targets for \(geometry.laneCount) lanes; each lane needs one")
    }
    for (lane, target) in targets.enumerated()
    where target != parameters.ignoreIndex
      && !(0..<Int64(geometry.length)).contains(target)
    {
      throw UserError(
        .malformedInput,
        "the target of lane \(lane) is \(target), which is none of the \(geometry.length) classes nor the ignored \(parameters.ignoreIndex)"
      )
    }
    if let weights = parameters.classWeights, weights.count != geometry.length {
      throw UserError(
        .malformedInput,
        "there are \(weights.count) class weights for \(geometry.length) classes")
    }
  }

  /// A lane of them, as the oracle takes it.
  ///
  /// - Parameter logits: The lane of the first input.
  func lane<F: BinaryFloat>(_ number: Int, first logits: [F]) -> OperationLane {
    OperationLane(
      operation, first: logits,
      upstream: upstream.map { $0.exactLane(number, of: geometry) } ?? [],
      target: targets.isEmpty ? nil : targets[number], parameters,
      modifiers: modifiers.lane(number, of: geometry))
  }

  /// The geometry of the output: as many lanes, of as many numbers as a lane gives; one number
  /// where losses are reduced.
  func outputGeometry() throws(UserError) -> LaneGeometry {
    reduction == .none
      ? operation.outputGeometry(for: geometry) : try LaneGeometry(shape: [1], axis: 0)
  }

  /// The number of lanes of the output.
  package var outputLaneCount: Int { reduction == .none ? geometry.laneCount : 1 }

  /// The inputs of an output lane: those of one lane, or of all whose losses are reduced.
  func outputLane<F: BinaryFloat>(_ number: Int, as format: F.Type) -> OperationLane {
    func read(_ number: Int) -> OperationLane {
      lane(number, first: first.lane(number, of: geometry, as: F.self))
    }
    return reduction == .none
      ? read(number)
      : OperationLane(reducing: (0..<geometry.laneCount).map(read), by: reduction)
  }

  /// The inputs of an output lane, whatever their format.
  package func outputLane(_ number: Int) throws -> OperationLane {
    try first.format.open(OutputLane(inputs: self, number: number))
  }

  private struct OutputLane: FormatGenericWork {
    let inputs: SavedInputs
    let number: Int

    func run<F: BinaryFloat>(_ format: F.Type) -> OperationLane {
      inputs.outputLane(number, as: F.self)
    }
  }
}

/// A tensor whose axis stands for two, read as lanes of n x n numbers.
struct MatrixLanes: LaneSource {
  private let matrices: any LaneSource
  private let rows: LaneGeometry
  let shape: [Int]

  /// - Parameter lanes: The geometry of the input, whose axis the tensor has twice.
  /// - Throws: `UserError` where the tensor does not.
  init(_ matrices: any LaneSource, of lanes: LaneGeometry) throws(UserError) {
    var wanted = lanes.shape
    wanted.insert(lanes.length, at: lanes.axis)
    guard matrices.shape == wanted else {
      throw UserError(
        .malformedInput,
        "the jacobian has the shape \(matrices.shape); of logits of shape \(lanes.shape) along axis \(lanes.axis) it is \(wanted)"
      )
    }
    self.matrices = matrices
    rows = try LaneGeometry(shape: wanted, axis: lanes.axis + 1)
    shape = lanes.replacing(length: lanes.length * lanes.length).shape
  }

  var format: FloatFormat { matrices.format }

  func lane<F: BinaryFloat>(_ number: Int, of geometry: LaneGeometry, as type: F.Type) -> [F] {
    let (outer, inner) = number.quotientAndRemainder(dividingBy: geometry.inner)
    return (0..<rows.length).flatMap { row in
      matrices.lane(
        (outer * rows.length + row) * geometry.inner + inner, of: rows, as: type)
    }
  }
}
