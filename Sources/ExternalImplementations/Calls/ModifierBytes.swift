import AuditedOperations
import Basics
import FloatFormats

/// The modifiers of a call, as implementations from outside get them.
struct ModifierBytes: Equatable {
  /// A factor; 0 for none.
  var scale: Double
  /// A cap; 0 for none.
  var softcap: Double
  /// 0 for none, 1 for top-left, 2 for bottom-right.
  var causal: Int32
  /// The number of queries of a causal mask; 0 where there is none.
  var queries: UInt64
  /// The mask that is added, in the format of the logits, one for each of them; `nil` for nothing.
  var mask: [UInt8]?
  /// The sinks, in the format of the logits, one for each lane; `nil` for none.
  var sink: [UInt8]?

  init(
    scale: Double, softcap: Double, causal: Int32, queries: UInt64, mask: [UInt8]?, sink: [UInt8]?
  ) {
    self.scale = scale
    self.softcap = softcap
    self.causal = causal
    self.queries = queries
    self.mask = mask
    self.sink = sink
  }

  /// The bytes of modifiers; `nil` where there are none.
  ///
  /// - Throws: ``UserError`` of kind `notMeasured` for a scale of 0, which stands for none.
  init?<F: BinaryFloat>(_ inputs: OperationInputs<F>) throws(UserError) {
    let modifiers = inputs.modifiers
    guard !modifiers.isNone else { return nil }
    guard modifiers.scale != 0 else {
      throw UserError(
        .notMeasured, "implementations from outside cannot be asked for a scale of 0: it means none"
      )
    }
    func bytes(_ numbers: [Double]) -> [UInt8] {
      numbers.map { F(rounding: $0) }.withUnsafeBytes { [UInt8]($0) }
    }
    scale = modifiers.scale ?? 0
    softcap = modifiers.softcap ?? 0
    switch modifiers.causal {
    case nil: causal = 0
    case .topLeft: causal = 1
    case .bottomRight: causal = 2
    }
    queries = UInt64(modifiers.queries(in: inputs.first.geometry))
    mask = modifiers.mask.map(bytes)
    sink = modifiers.sink.map(bytes)
  }
}
