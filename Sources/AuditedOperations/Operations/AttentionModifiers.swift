import Basics
import FloatFormats

/// The modifiers of the scores of an attention.
package struct AttentionModifiers: Sendable, Hashable {
  /// A factor, finite; `nil` for 1 / sqrt(dimension).
  package var scale: Double?
  /// A bound, finite and above 0; `nil` for none.
  package var softcap: Double?
  /// The alignment of a causal mask; `nil` for none.
  package var causal: CausalAlignment?
  /// The mask that is added, repeated to the shape of the scores; `nil` for nothing.
  package var mask: RepeatedNumbers?
  /// One sink for each head of the queries; `nil` for none.
  package var sinks: [Double]?

  package init(
    scale: Double? = nil, softcap: Double? = nil, causal: CausalAlignment? = nil,
    mask: RepeatedNumbers? = nil, sinks: [Double]? = nil
  ) {
    self.scale = scale
    self.softcap = softcap
    self.causal = causal
    self.mask = mask
    self.sinks = sinks
  }

  /// Those that somebody asked for, of an attention in a format.
  ///
  /// - Throws: `UserError` where numbers are none of the format, or a mask does not fit.
  package init(
    _ given: GivenModifiers, of shape: AttentionShape, in format: FloatFormat
  ) throws(UserError) {
    self.init(scale: given.scale, softcap: given.softcap, causal: given.causal)
    if let file = given.mask {
      mask = try RepeatedNumbers(
        file.numbers(in: format), of: file.shape, to: shape.scores,
        name: "the mask \(file.path)")
    }
    switch given.sink {
    case .number(let number):
      sinks = Array(repeating: format.rounded(number), count: shape.heads)
    case .file(let file): sinks = try file.numbers(in: format)
    case nil: break
    }
  }

  /// The modifiers of a row.
  package func row(_ number: Int, of shape: AttentionShape) -> LaneModifiers {
    let (_, head, query) = shape.place(ofRow: number)
    var addends = mask?.run(at: number * shape.keys, count: shape.keys)
    if let causal {
      var hidden = addends ?? Array(repeating: 0, count: shape.keys)
      let seen = causal.seenKeys(of: query, queries: shape.queries, keys: shape.keys)
      for key in seen..<shape.keys { hidden[key] = -.infinity }
      addends = hidden
    }
    return LaneModifiers(
      scale: scale, softcap: softcap, mask: addends, sink: sinks.map { $0[head] })
  }

  /// Makes sure that they are numbers of their range and fit.
  ///
  /// - Throws: `UserError` of kind `usage` for scale and cap, of kind `malformedInput` for NaN in a
  ///   mask, and for sinks that are NaN, +inf or not as many as there are heads.
  package func check(_ shape: AttentionShape) throws(UserError) {
    try LogitModifiers.check(scale: scale, softcap: softcap)
    if let place = mask?.elements.firstIndex(where: \.isNaN) {
      throw UserError(.malformedInput, "element \(place) of the mask is NaN; use numbers or -inf")
    }
    guard let sinks else { return }
    guard sinks.count == shape.heads else {
      throw UserError(
        .malformedInput,
        "there are \(sinks.count) sinks for \(shape.heads) heads; give one number, or one for each")
    }
    if let place = sinks.firstIndex(where: \.isNaN) {
      throw UserError(.malformedInput, "sink \(place) is NaN; use a number or -inf")
    }
  }
}
