import Basics
import FloatFormats

/// Modifiers of logits that somebody asked for, for tensors of any shape: masks and sinks repeat.
package struct GivenModifiers: Sendable, Hashable {
  /// A sink for every lane, or numbers that repeat to one for each.
  package enum Sink: Sendable, Hashable {
    case number(Double)
    case file(NumberFile)
  }

  package var scale: Double?
  package var softcap: Double?
  package var causal: CausalAlignment?
  package var mask: NumberFile?
  package var sink: Sink?

  package init(
    scale: Double? = nil, softcap: Double? = nil, causal: CausalAlignment? = nil,
    mask: NumberFile? = nil, sink: Sink? = nil
  ) {
    self.scale = scale
    self.softcap = softcap
    self.causal = causal
    self.mask = mask
    self.sink = sink
  }

  /// Logits as they are.
  package static let none = GivenModifiers()

  /// Whether logits stay as they are.
  package var isNone: Bool { self == .none }

  /// The modifiers of a tensor of logits.
  ///
  /// - Throws: `UserError` where numbers are none of the format, shapes do not fit, or there are no
  ///   queries for a causal mask.
  package func modifiers(
    of geometry: LaneGeometry, in format: FloatFormat
  ) throws(UserError) -> LogitModifiers {
    guard !isNone else { return .none }
    var modifiers = LogitModifiers(scale: scale, softcap: softcap, causal: causal)
    // Whether there are queries is asked before shapes are, whose messages say less.
    try modifiers.check(geometry)
    modifiers.mask = try mask.map { file throws(UserError) in
      try file.repeated(to: geometry.shape, in: format, name: "the mask")
    }
    switch sink {
    case .number(let number):
      modifiers.sink = Array(repeating: format.rounded(number), count: geometry.laneCount)
    case .file(let file):
      var shape = geometry.shape
      shape.remove(at: geometry.axis)
      modifiers.sink = try file.droppingAxis(beyondRank: shape.count)
        .repeated(to: shape, in: format, name: "the sink")
    case nil: break
    }
    try modifiers.check(geometry)
    return modifiers
  }
}
