import ArgumentParser

/// An amount of memory on the command line: a number with K, M, G or T for powers of 1024, or of
/// bytes.
struct MemorySize: ExpressibleByArgument, Sendable {
  let text: String
  let bytes: Int

  init?(argument: String) {
    var digits = Substring(argument.uppercased())
    if digits.hasSuffix("IB") { digits = digits.dropLast(2) }
    if digits.hasSuffix("B") { digits = digits.dropLast() }
    let powers: [Character: Double] = ["K": 10, "M": 20, "G": 30, "T": 40]
    var scale = 1.0
    if let last = digits.last, let power = powers[last] {
      scale = .init(sign: .plus, exponent: Int(power), significand: 1)
      digits = digits.dropLast()
    }
    guard let number = Double(digits), number > 0, number * scale < 0x1p62 else { return nil }
    text = argument
    bytes = Int(number * scale)
  }
}
