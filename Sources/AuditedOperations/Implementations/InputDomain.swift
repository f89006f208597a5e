import FloatFormats

/// The tensors that an implementation is made for, as it says itself; nothing else is asked of it.
public struct InputDomain: Sendable, Hashable {
  /// Lanes have a length that is a multiple of this number.
  public var lengthMultipleOf = 1
  /// The length of the longest lanes; nil where they may be of any length.
  public var largestLength: Int?
  /// The largest magnitude of a finite logit; nil where it may be any.
  public var largestLogit: Double?
  /// The products of the dimensions behind the axis that there may be; nil where it may be any.
  public var inner: [Int]?
  /// The number of bytes that addresses of tensors are multiples of; nil for the size of an
  /// element.
  public var alignment: Int?
  /// The shape of its own tensors, which are asked for whatever is said of lengths; nil for none.
  public var ownShape: OwnShape?

  public init() {}

  /// A shape with an axis, as a model has that is of fixed shape.
  public struct OwnShape: Sendable, Hashable, CustomStringConvertible {
    /// The dimensions, slowest first; nil for one of any size.
    public var dimensions: [Int?]
    public var axis: Int

    public init(dimensions: [Int?], axis: Int) {
      self.dimensions = dimensions
      self.axis = axis
    }

    /// Whether a geometry is of this shape, along this axis.
    public func holds(_ geometry: LaneGeometry) -> Bool {
      geometry.axis == axis && geometry.shape.count == dimensions.count
        && zip(dimensions, geometry.shape).allSatisfy { $0 == nil || $0 == $1 }
    }

    public var description: String {
      let sizes = dimensions.map { $0.map { "\($0)" } ?? "any" }.joined(separator: ", ")
      return "(\(sizes)) along axis \(axis)"
    }
  }

  /// All tensors.
  public static let everything = InputDomain()

  /// Whether lanes of a length are asked for; empty ones always are.
  public func includes(length: Int) -> Bool {
    length % lengthMultipleOf == 0 && largestLength.map { length <= $0 } ?? true
  }

  /// For each length the nearest one that is asked for, below it where there is one; ascending.
  public func fitted(_ lengths: [Int]) -> [Int] {
    let near = lengths.map { length in
      let below = min(length, largestLength ?? length) / lengthMultipleOf * lengthMultipleOf
      return below > 0 || length == 0 ? below : lengthMultipleOf
    }
    return Set(near.filter { includes(length: $0) }).sorted()
  }

  /// Whether tensors of a geometry are asked for, as far as logits allow.
  public func includes(_ geometry: LaneGeometry) -> Bool {
    if let ownShape, ownShape.holds(geometry) { return true }
    return includes(length: geometry.length) && inner.map { $0.contains(geometry.inner) } ?? true
  }

  /// Whether a logit is asked for; infinite ones and NaN always are.
  @inlinable
  public func includes(logit: Double) -> Bool {
    guard let largestLogit else { return true }
    return !logit.isFinite || logit.magnitude <= largestLogit
  }

  /// Whether a tensor is asked for.
  @inlinable
  public func includes(_ geometry: LaneGeometry, _ logits: some Sequence<Double>) -> Bool {
    includes(geometry) && (largestLogit == nil || logits.allSatisfy { includes(logit: $0) })
  }

  /// Whether a tensor is asked for.
  public func includes<F: BinaryFloat>(_ tensor: Tensor<F>) -> Bool {
    includes(tensor.geometry, tensor.elements.lazy.map { $0.exactDouble })
  }

  /// A lane whose logits beyond the domain are drawn to its edge.
  package func limited<F: BinaryFloat>(_ lane: [F]) -> [F] {
    guard let largestLogit, !lane.allSatisfy({ includes(logit: $0.exactDouble) }) else {
      return lane
    }
    var edge = F(rounding: largestLogit)
    if edge.exactDouble > largestLogit { edge = F(bitPattern: edge.bitPattern - 1) }
    return lane.map {
      includes(logit: $0.exactDouble) ? $0 : $0.isNegative ? -edge : edge
    }
  }

  /// The tensors that are not asked for, one clause each; empty where all are.
  public var exclusions: [String] {
    var clauses: [String] = []
    if lengthMultipleOf > 1 {
      clauses.append("lengths that are no multiple of \(lengthMultipleOf)")
    }
    if let largestLength { clauses.append("lengths above \(largestLength)") }
    if let ownShape, let last = clauses.popLast() {
      clauses.append(last + " (but for tensors of its own shape, \(ownShape))")
    }
    if let largestLogit { clauses.append("finite logits beyond \(largestLogit)") }
    if let inner {
      let known = inner.sorted().map { "\($0)" }.joined(separator: ", ")
      clauses.append("products of the dimensions behind the axis other than \(known)")
    }
    if let alignment { clauses.append("addresses that are no multiple of \(alignment)") }
    return clauses
  }
}

extension InputDomain {
  /// The length of the longest lane whose matrix of outputs is asked for: it has as many squared.
  public static let longestMatrix = 32

  /// The same domain without lanes that are too long for an operation's outputs.
  fileprivate func limited(for operation: AuditedOperation) -> InputDomain {
    guard operation.output.extent == .matrix else { return self }
    var limited = self
    limited.largestLength = min(largestLength ?? Self.longestMatrix, Self.longestMatrix)
    return limited
  }
}

extension SoftmaxImplementation {
  /// The tensors that it is asked about: those that it is made for, without lanes whose matrices of
  /// outputs are too large.
  public var askedDomain: InputDomain { domain.limited(for: operation) }
}

extension AuditedOperation {
  /// The tensors that an implementation without a domain of its own is asked about.
  public var askedDomain: InputDomain { InputDomain.everything.limited(for: self) }
}
