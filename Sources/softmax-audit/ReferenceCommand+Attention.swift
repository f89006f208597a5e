import AuditedOperations
import Audits
import Basics
import ExternalImplementations
import FloatFormats
import Oracle

extension ReferenceCommand {
  /// Writes or prints the outputs of an attention.
  func runOnAttention() async throws {
    var mistakes = Mistakes()
    if !lane.isEmpty {
      mistakes.add(.usage, "attention takes files alone; leave \(lane[0]) out")
    }
    threads.check(&mistakes)
    if specialLanes != nil {
      mistakes.add(.usage, "--special-lanes is about a softmax; leave it out, and NaN is written")
    }
    let written = [output, logSumExpOutput].compactMap { $0 }
    if !written.isEmpty, digits != Self.usualDigits {
      mistakes.add(.usage, "--digits are those of printed values; leave it out with --output")
    }
    try OutputPlaces(
      files: [("--output", output), ("--logsumexp-output", logSumExpOutput)],
      inputs: inputs.namedFiles + modifiers.namedFiles
    ).check(&mistakes)
    let wantedFiles = try mistakes.collect {
      try SavedAttentionFiles(inputs, parameters, modifiers, axis: axis)
    }
    let files = try mistakes.require(wantedFiles)
    var saved = try files.read(integersAre: format, quietly: false)
    if let format {
      let (rounded, changed) = try saved.rounded(to: format)
      saved = rounded
      if changed > 0 {
        Console.note(
          "note: \(changed) numbers of \(files.all.joined(separator: " and ")) are rounded to \(format.rawValue)"
        )
      }
    }
    guard !written.isEmpty else { return try print(saved) }
    for (part, path) in [(AttentionPart.output, output), (.logSumExp, logSumExpOutput)] {
      guard let path else { continue }
      let rounding = AttentionRounding(
        of: saved, part, as: outputFormat, threads: threads.count)
      let file = try NumpyWriter(path, format: rounding.format, shape: rounding.shape)
      let special = try await rounding.run { try file.append(encoded: $0) }
      try file.finish()
      if special > 0 {
        let rows = special == 1 ? "1 row has" : "\(special) rows have"
        Console.note(
          "note: \(rows) no \(part.rawValue): a score is NaN or +inf, or no key is seen; NaN is written"
        )
      }
    }
  }

  /// The most outputs whose values are printed.
  private static let mostPrinted = 1000

  /// Prints the outputs and the logsumexp of each row.
  private func print(_ saved: SavedAttention) throws {
    let shape = saved.shape
    let count = shape.rowCount * (shape.valueDimension + 1)
    guard (1...Self.mostPrinted).contains(count) else {
      throw UserError(
        .usage,
        count == 0
          ? "there is no query; there is nothing to print"
          : "there are \(count) values, and up to \(Self.mostPrinted) are printed; name --output")
    }
    for number in 0..<shape.rowCount {
      let (batch, head, query) = shape.place(ofRow: number)
      if shape.rowCount > 1 {
        try Console.print(
          (number > 0 ? "\n" : "") + "batch \(batch), head \(head), query \(query)\n")
      }
      for part in AttentionPart.allCases {
        let lane = saved.lane(number, part)
        let labels =
          part == .output
          ? (0..<shape.valueDimension).map { "output \($0)" } : [part.rawValue]
        if lane.lackOfValue == nil {
          try printLane(lane, labels: labels)
        } else {
          try Console.print("no \(part.rawValue): a score is NaN or +inf, or no key is seen\n")
        }
      }
    }
  }
}
