import Foundation

/// Ends the program with a message.
func fail(_ message: String, status: Int32) -> Never {
  FileHandle.standardError.write(Data("bound-tightness: \(message)\n".utf8))
  exit(status)
}

/// A text with spaces up to a width.
func padded(_ text: String, _ width: Int, right: Bool = false) -> String {
  let space = String(repeating: " ", count: max(0, width - text.count))
  return right ? space + text : text + space
}

/// Four decimals, rounded up.
func decimals(_ value: Double) -> String {
  guard value.isFinite, value < 1e9 else { return "\(value)" }
  let thousandths = Int((value * 1e4).rounded(.up))
  let fraction = String(thousandths % 10_000)
  return "\(thousandths / 10_000).\(String(repeating: "0", count: 4 - fraction.count))\(fraction)"
}

/// Prints a line of the table.
func row(_ name: String, _ format: String, _ elements: String, _ cells: [(String, String)]) {
  var line = "\(padded(name, 40)) \(padded(format, 8)) \(padded(elements, 9, right: true))"
  for (ratio, witness) in cells {
    line += "  \(padded(ratio, 6, right: true)) \(padded(witness, 34))"
  }
  while line.last == " " { line.removeLast() }
  print(line)
}

/// A ratio with its witness.
func cell(_ extreme: Extreme) -> (String, String) {
  (decimals(extreme.ratio), "\(extreme.family)/\(extreme.length)/\(extreme.sample)")
}
