import AuditRecords
import AuditedOperations
import FloatFormats

/// The kill matrix for terminals: which law notices which fault, the kill rate, and what only one
/// law notices.
package enum KillMatrixReport {
  private static let width = 80
  private static let letters = Array("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")

  /// The report, with a line break at the end.
  package static func render(_ matrix: KillMatrix) -> String {
    var lines: [String] = []
    for (operation, part) in matrix.parts {
      let isSoftmax = operation == .softmax
      let noun = isSoftmax ? "softmaxes" : "implementations of \(operation)"
      lines.append(matrix.operations == nil ? "Laws" : "Laws of \(operation)")
      for (law, letter) in zip(part.laws, letters) { lines.append("  \(letter)  \(law)") }
      lines += ["", "Faulty \(noun), by class of fault, and the laws that notice them", ""]
      lines += part.faulty.map { line($0, part.laws) }
      lines += ["", "Sound \(noun)", ""]
      lines += part.sound.map { line($0, part.laws) }
      lines += [""]
    }
    lines += summary(matrix)
    return lines.joined(separator: "\n") + "\n"
  }

  private static func line(_ entry: KillMatrix.Entry, _ laws: [String]) -> String {
    let marks = zip(laws, letters).map { law, letter in
      entry.broken.contains(law) ? String(letter) : "."
    }.joined()
    let short = entry.format.rawValue.replacing("float", with: "f")
    let name = entry.implementation.leftAligned(in: width - laws.count - 9)
    let format = short.leftAligned(in: 4)
    return "\((entry.bugClass ?? "").leftAligned(in: 2)) \(name) \(format) \(marks)"
  }

  /// The conclusion from the matrix.
  package static func summary(_ matrix: KillMatrix) -> [String] {
    var lines: [String] = []
    let noun = matrix.operations == nil ? "softmaxes" : "implementations"
    let killed = matrix.faulty.count - matrix.survivors.count
    let share = FigureText.share(
      matrix.faulty.isEmpty ? 0 : Double(killed) / Double(matrix.faulty.count))
    lines.append("Noticed: \(killed) of \(matrix.faulty.count) faulty \(noun) (\(share) %).")
    for entry in matrix.survivors {
      lines.append("  NOT NOTICED: \(entry.implementation) in \(entry.format)")
    }
    lines.append(
      "Flagged: \(matrix.falseAlarms.count) of \(matrix.sound.count) sound \(noun).")
    for entry in matrix.falseAlarms {
      lines.append(
        "  FALSE ALARM: \(entry.implementation) in \(entry.format): \(entry.broken.joined(separator: ", "))"
      )
    }
    for entry in matrix.sound where !entry.notMeasured.isEmpty {
      for reason in entry.notMeasured {
        lines.append("  not measured: \(entry.implementation) in \(entry.format): \(reason)")
      }
    }
    if !matrix.soleCatches.isEmpty {
      lines.append("Noticed by one law alone:")
      for (law, entries) in matrix.soleCatches {
        let names = entries.map(\.implementation).joined(separator: ", ")
        lines += "\(law): \(names)".wrapped(to: width - 2).map { "  " + $0 }
      }
    }
    return lines
  }
}
