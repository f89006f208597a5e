/// The modifiers of the logits x of one lane before a softmax, applied to exact real numbers in
/// this order: z = c x; z = k tanh(z / k); z = z + mask; the sink, which takes its share and has
/// no output.
///
/// Infinities are those of IEEE 754: 0 times one is NaN, tanh of one is 1 or -1, so that a cap
/// makes it k or -k, and +inf with a mask of -inf is NaN.
public struct LaneModifiers: Sendable, Hashable {
  /// c, finite; `nil` for none, which is 1.
  public var scale: Double?
  /// k, finite and above 0; `nil` for none.
  public var softcap: Double?
  /// A number for each element, with -inf where a causal mask hides it; `nil` for none.
  public var mask: [Double]?
  /// The sink, neither scaled nor capped; `nil` for none, which is the same as -inf.
  public var sink: Double?

  public init(
    scale: Double? = nil, softcap: Double? = nil, mask: [Double]? = nil, sink: Double? = nil
  ) {
    self.scale = scale
    self.softcap = softcap
    self.mask = mask
    self.sink = sink
  }

  /// Logits as they are.
  public static let none = LaneModifiers()

  /// Whether logits stay as they are.
  public var isNone: Bool { self == .none }

  /// The number that is added to an element.
  public func addend(_ index: Int) -> Double { mask?[index] ?? 0 }
}
