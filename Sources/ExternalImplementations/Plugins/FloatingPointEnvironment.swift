import CForeignCalls

/// The settings of this thread that decide how floating-point arithmetic rounds.
///
/// A library that was built with -Ofast switches the thread that loads it to flush-to-zero, and a
/// kernel may do so on purpose and forget to switch back. Everything that computes afterwards would
/// be wrong, the oracle first.
struct FloatingPointEnvironment: Equatable {
  private let bits: UInt64

  static var current: Self { Self(bits: softmax_audit_environment()) }
  static var standard: Self { Self(bits: softmax_audit_default_environment()) }

  /// Puts the settings in force.
  func enforce() { softmax_audit_set_environment(bits) }

  /// Does something under standard settings and puts the present ones back, whatever it does to
  /// them.
  ///
  /// - Returns: The result, and what became of the settings; nil where they were kept.
  static func fenced<Result>(_ work: () -> Result) -> (Result, change: String?) {
    let before = current
    standard.enforce()
    let result = work()
    let after = current
    before.enforce()
    return (result, after == standard ? nil : after.description)
  }

  /// The settings in words.
  private var description: String {
    var words: [String] = []
    if softmax_audit_flushes_to_zero(bits) != 0 { words.append("results are flushed to zero") }
    if softmax_audit_flushes_operands(bits) != 0 { words.append("operands are flushed to zero") }
    switch softmax_audit_rounding(bits) {
    case 1: words.append("rounding goes down")
    case 2: words.append("rounding goes up")
    case 3: words.append("rounding goes toward zero")
    default: break
    }
    let hex = "control bits 0x" + String(bits, radix: 16)
    return (words.isEmpty ? ["traps or precision are others than before"] : words)
      .joined(separator: ", ") + " (\(hex))"
  }
}
