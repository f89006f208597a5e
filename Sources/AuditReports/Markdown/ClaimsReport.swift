import AuditRecords

/// Published claims and what they come to, for terminals and for repositories.
package enum ClaimsReport {
  private static let width = 80

  /// A table, and for each claim that is not correct why, in at most 80 columns.
  package static func text(_ claims: [ClaimJudgement]) -> String {
    var lines = ["claim                     decimals  correct  units off  verdict"]
    for claim in claims {
      lines.append(
        claim.id.onOneLine.leftAligned(in: 26) + "\(claim.decimals.count)".rightAligned(in: 8)
          + "\(claim.correctCount)".rightAligned(in: 9) + unitsOff(claim).rightAligned(in: 11)
          + "  "
          + words(claim.verdict))
    }
    for claim in claims where claim.verdict != .correct {
      lines +=
        [""] + (mark(claim) + claim.id.onOneLine + ": " + claim.explanation).wrapped(to: width)
      if let worst = claim.worst {
        let decimal = claim.decimals[worst]
        lines.append("  printed  \(decimal.printed)")
        lines.append("  exact    \(decimal.exact)")
      }
    }
    return (lines + ["", summary(claims)]).joined(separator: "\n") + "\n"
  }

  /// The same as Markdown.
  package static func markdown(_ claims: [ClaimJudgement]) -> String {
    var lines = [
      "# Published claims", "",
      "Each printed decimal against the exact softmax of the logits printed with it. A decimal is correct where it is within",
      "half a unit of its last digit of the exact value.", "", summary(claims), "",
      "| claim | decimals | correct | farthest off, in units of the last digit | verdict |",
      "|---|---:|---:|---:|---|",
    ]
    for claim in claims {
      lines.append(
        "| \(MarkdownText.escaped(claim.id)) | \(claim.decimals.count) | \(claim.correctCount) | \(unitsOff(claim)) | "
          + "\(words(claim.verdict)) |")
    }
    for claim in claims where claim.verdict != .correct {
      lines += ["", "**\(MarkdownText.escaped(claim.id))**: \(claim.explanation)."]
      if let worst = claim.worst {
        let decimal = claim.decimals[worst]
        lines.append("Printed `\(decimal.printed)`, exact `\(decimal.exact)`.")
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private static func summary(_ claims: [ClaimJudgement]) -> String {
    let decimals = claims.reduce(0) { $0 + $1.decimals.count }
    let correct = claims.reduce(0) { $0 + $1.correctCount }
    let sound = claims.filter(\.verdict.isSound).count
    return
      "\(sound) of \(claims.count) claims hold; \(correct) of \(decimals) decimals are the correct rounding."
  }

  private static func words(_ verdict: ClaimJudgement.Verdict) -> String {
    switch verdict {
    case .correct: "correct"
    case .arithmetic: "arithmetic"
    case .printedLogits: "printed logits"
    case .lowerPrecision: "LOWER PRECISION"
    case .wrongFormula: "WRONG FORMULA"
    case .unexplained: "WRONG"
    }
  }

  private static func mark(_ claim: ClaimJudgement) -> String {
    claim.verdict.isSound ? "" : "WRONG "
  }

  private static func unitsOff(_ claim: ClaimJudgement) -> String {
    claim.worst.map { FigureText.maximum(abs(claim.decimals[$0].unitsOff.value)) } ?? "-"
  }
}
