import AuditedOperations
import FloatFormats

/// The places of the elements of a tensor in a piece of memory: at offset + sum of index times
/// stride.
struct StridedPlaces: Sendable, Equatable {
  var shape: [Int]
  var strides: [Int]
  var offset: Int
  /// The number of elements of the piece of memory.
  var capacity: Int

  /// The places in a layout.
  init(shape: [Int], layout: TensorLayout) {
    self.shape = shape
    offset = 0
    capacity = shape.reduce(1, *)
    strides = Self.packed(shape)
    switch layout {
    case .rowMajor, .misaligned, .readOnly: break
    case .columnMajor: strides = Self.packed(shape.reversed()).reversed()
    case .sliced:
      let whole = shape.map { 2 * $0 }
      strides = Self.packed(whole).map { 2 * $0 }
      capacity = whole.reduce(1, *)
    case .reversed:
      strides = strides.map { -$0 }
      offset = max(capacity - 1, 0)
    }
  }

  /// The strides of a row-major tensor.
  static func packed(_ shape: [Int]) -> [Int] {
    var strides: [Int] = []
    var step = 1
    for dimension in shape.reversed() {
      strides.append(step)
      step *= dimension
    }
    return strides.reversed()
  }

  /// The places of all elements in row-major order of their indices; wrapped around beyond the
  /// memory.
  func places() -> [Int] {
    let count = shape.reduce(1, *)
    guard count > 0 else { return [] }
    var index = [Int](repeating: 0, count: shape.count)
    return (0..<count).map { _ in
      let place = zip(index, strides).reduce(offset) { $0 + $1.0 * $1.1 }
      for dimension in shape.indices.reversed() {
        index[dimension] += 1
        if index[dimension] < shape[dimension] { break }
        index[dimension] = 0
      }
      let wrapped = place % capacity
      return wrapped < 0 ? wrapped + capacity : wrapped
    }
  }
}

extension SoftmaxRecipe {
  /// The tensor as the recipe finds it in memory.
  func find<F: BinaryFloat>(_ logits: Tensor<F>, in layout: TensorLayout) -> Tensor<F> {
    let truth = StridedPlaces(shape: logits.geometry.shape, layout: layout)
    let assumed = addresses(truth)
    guard assumed != truth else { return logits }
    // Between the elements of a slice lie the other elements of the whole: ordinary numbers.
    var memory = [F](repeating: F(rounding: 1.5), count: truth.capacity)
    for (place, logit) in zip(truth.places(), logits.elements) { memory[place] = logit }
    return Tensor(geometry: logits.geometry, elements: assumed.places().map { memory[$0] })
  }

  /// The probabilities as the caller finds them, where the recipe wrote them in the order of its
  /// input.
  func leave<G: BinaryFloat>(_ probabilities: Tensor<G>, in layout: TensorLayout) -> Tensor<G> {
    guard writesInOrderOfInput else { return probabilities }
    let places = StridedPlaces(shape: probabilities.geometry.shape, layout: layout).places()
    // The ranks of the places are what is left of the layout in an output without gaps.
    let order = places.indices.sorted { places[$0] < places[$1] }
    return Tensor(
      geometry: probabilities.geometry, elements: order.map { probabilities.elements[$0] })
  }
}
