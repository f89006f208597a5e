import AuditRecords

/// The tolerances in use elsewhere and the faulty softmaxes that they let through, for terminals.
package enum ToleranceMatrixReport {
  private static let width = 80
  private static let columns = [7, 14, 13, 10]

  /// The report, with a line break at the end.
  ///
  /// - Parameter isShort: Whether the table of the faults is left out.
  package static func render(_ matrix: ToleranceMatrix, isShort: Bool = false) -> String {
    var lines = [
      "Faulty softmaxes that a tolerance lets through, and sound ones that it rejects", "",
    ]
    lines.append(line("", ["faulty", "normal logits", "all families", "sound"]))
    for (place, name) in matrix.tolerances.enumerated() {
      lines.append(
        summary(
          name, matrix.faulty.compactMap { $0.answers[place] },
          matrix.sound.compactMap { $0.answers[place] }))
    }
    lines.append(
      summary(
        "an audit of the same lanes", matrix.faulty.map(\.ofAudit), matrix.sound.map(\.ofAudit)))
    lines.append("")
    lines.append("What shows on no lane of its own (batches, layouts) is for the laws of 'check'.")
    if !isShort {
      let labels = matrix.tolerances.map { ToleranceInUse.named($0).label } + ["audit"]
      lines += ["", "Fault by fault: noticed on normal logits (.), on other families alone (o),"]
      lines += [
        "by no output (P, it passes), a tolerance not used for the format (-); sound", "ones last",
      ]
      lines.append("")
      lines.append(row("", labels))
      lines += (matrix.faulty + matrix.sound).map { entry in
        row(
          "\((entry.bugClass ?? "").leftAligned(in: 2)) \(entry.implementation)",
          (entry.answers + [entry.ofAudit]).map(mark))
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private static func summary(
    _ name: String, _ answers: [ToleranceMatrix.Answer], _ sound: [ToleranceMatrix.Answer]
  ) -> String {
    func share(_ count: Int) -> String {
      guard !answers.isEmpty else { return "-" }
      let share = Int((100 * Double(count) / Double(answers.count)).rounded())
      return "\(count) (\(share) %)"
    }
    let past = answers.count { $0 == .nowhere }
    let pastNormal = answers.count { $0 != .onNormalLogits }
    let rejected = sound.count { $0 != .nowhere }
    return line(
      name,
      ["\(answers.count)", share(pastNormal), share(past), "\(rejected) of \(sound.count)"])
  }

  private static func mark(_ answer: ToleranceMatrix.Answer?) -> String {
    switch answer {
    case .onNormalLogits: "."
    case .onOtherFamilies: "o"
    case .nowhere: "P"
    case nil: "-"
    }
  }

  private static func line(_ name: String, _ fields: [String]) -> String {
    var text = ""
    for (field, width) in zip(fields, columns) { text += field.rightAligned(in: width, gap: 1) }
    return name.leftAligned(in: width - columns.reduce(0, +)) + text
  }

  private static func row(_ name: String, _ fields: [String]) -> String {
    let text = fields.map { $0.rightAligned(in: 6, gap: 1) }.joined()
    return name.leftAligned(in: 40) + text
  }
}
