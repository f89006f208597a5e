import Basics

/// The modifiers of the logits of a tensor.
///
/// Lanes have theirs by ``lane(_:of:)``; the order in which they apply is that of
/// ``LaneModifiers``. Scale and cap are binary64 numbers, masks and sinks numbers of the logits'
/// format.
public struct LogitModifiers: Sendable, Hashable {
  /// A factor, finite; `nil` for none.
  public var scale: Double?
  /// A bound, finite and above 0; `nil` for none.
  public var softcap: Double?
  /// The alignment of a causal mask, the queries being the axis before the last and the keys the
  /// last; `nil` for all.
  public var causal: CausalAlignment?
  /// The mask that is added, one number for each element, row-major; `nil` for nothing.
  public var mask: [Double]?
  /// One sink for each lane, in the order of the lanes; `nil` for none.
  public var sink: [Double]?

  public init(
    scale: Double? = nil, softcap: Double? = nil, causal: CausalAlignment? = nil,
    mask: [Double]? = nil, sink: [Double]? = nil
  ) {
    self.scale = scale
    self.softcap = softcap
    self.causal = causal
    self.mask = mask
    self.sink = sink
  }

  /// Logits as they are.
  public static let none = LogitModifiers()

  /// Whether logits stay as they are.
  public var isNone: Bool { self == .none }

  /// Those that are given.
  public var kinds: Set<ModifierKind> {
    var kinds: Set<ModifierKind> = []
    if scale != nil { kinds.insert(.scale) }
    if softcap != nil { kinds.insert(.softcap) }
    if causal != nil { kinds.insert(.causal) }
    if mask != nil { kinds.insert(.mask) }
    if sink != nil { kinds.insert(.sink) }
    return kinds
  }

  /// The number of queries of a causal mask; 0 where there is none.
  public func queries(in geometry: LaneGeometry) -> Int {
    causal != nil && geometry.shape.count >= 2 ? geometry.shape[geometry.shape.count - 2] : 0
  }

  /// The number of first keys that a lane sees.
  private func seenKeys(_ lane: Int, _ geometry: LaneGeometry) -> Int {
    guard let causal else { return geometry.length }
    let queries = queries(in: geometry)
    return causal.seenKeys(of: lane % queries, queries: queries, keys: geometry.length)
  }

  /// The modifiers of a lane.
  public func lane(_ number: Int, of geometry: LaneGeometry) -> LaneModifiers {
    guard !isNone else { return .none }
    var addends: [Double]?
    if let mask {
      let start = geometry.start(ofLane: number)
      addends = (0..<geometry.length).map { mask[start + $0 * geometry.inner] }
    }
    if causal != nil {
      var hidden = addends ?? Array(repeating: 0, count: geometry.length)
      for key in seenKeys(number, geometry)..<geometry.length { hidden[key] = -.infinity }
      addends = hidden
    }
    return LaneModifiers(
      scale: scale, softcap: softcap, mask: addends, sink: sink.map { $0[number] })
  }

  /// Makes sure that they fit logits along an axis.
  ///
  /// - Throws: `UserError` of kind `usage` for numbers that are none of their range and for a
  ///   causal mask without queries, of kind `malformedInput` for NaN in a mask.
  public func check(_ geometry: LaneGeometry) throws(UserError) {
    try Self.check(scale: scale, softcap: softcap)
    if causal != nil {
      guard geometry.shape.count >= 2, geometry.axis == geometry.shape.count - 1 else {
        throw UserError(
          .usage,
          geometry.shape.count < 2
            ? "--mask causal needs queries and keys, two dimensions or more; the logits have the shape \(geometry.shape)"
            : "--mask causal is along the last axis, and the lanes lie along axis \(geometry.axis) of shape \(geometry.shape)"
        )
      }
    }
    if let place = mask?.firstIndex(where: \.isNaN) {
      throw UserError(.malformedInput, "element \(place) of the mask is NaN; use numbers or -inf")
    }
    if let place = sink?.firstIndex(where: \.isNaN) {
      throw UserError(.malformedInput, "sink \(place) is NaN; use a number or -inf")
    }
  }

  /// Makes sure that scale and cap are numbers of their range.
  ///
  /// - Throws: `UserError` of kind `usage`.
  public static func check(scale: Double?, softcap: Double?) throws(UserError) {
    if let scale, !scale.isFinite {
      throw UserError(.usage, "--scale \(scale): use a finite number")
    }
    if let softcap, !(softcap.isFinite && softcap > 0) {
      throw UserError(
        .usage, "--softcap \(softcap): use a finite number above 0, or leave it out for no cap")
    }
  }
}
