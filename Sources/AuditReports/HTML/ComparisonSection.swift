import SoftmaxAudit

/// Several results files side by side.
enum ComparisonSection {
  static func view(_ sources: ReportSources, _ summaries: [AccuracySummary]) -> HTMLReport.View {
    let table = SideBySide(sources)
    let labels = sources.labelled.map { $0.label ?? "" }
    return [
      "hasLabels": labels.contains { !$0.isEmpty },
      "rows": sources.labelledFiles.map { label, source -> HTMLReport.View in
        let results = source.results
        return [
          "label": label ?? "", "hasLabel": label != nil, "file": source.name,
          "tool": "\(results.tool.name) \(results.tool.version)",
          "versions": source.implementationVersions, "command": results.command,
          "platform": results.environment.platform, "processor": results.environment.processor,
          "threads": FigureText.counted(UInt64(max(0, results.environment.threads)), "thread"),
          "seed": "\(results.seed)",
          "oracle": results.oracle.library,
        ]
      },
      "remarks": SideBySide.remarks(sources),
      "hasShared": !table.rows.isEmpty,
      "hasNoShared": table.rows.isEmpty && !sources.areDisjoint, "labels": labels,
      "first": labels[0],
      "shared": table.rows.map { row -> HTMLReport.View in
        let reference = row.summaries[0]?.maxUlp
        return [
          "name": row.implementation, "format": row.heading, "pair": row.pair,
          "algorithm": row.algorithm,
          "cells": row.summaries.map { summary -> HTMLReport.View in
            let change = change(summary?.maxUlp, from: reference)
            return [
              "max": FigureText.maximum(summary?.maxUlp) + change.arrow, "kind": change.kind,
              "share": FigureText.share(summary?.correctlyRounded),
            ]
          },
        ]
      },
    ]
  }

  /// An arrow where an error is larger or smaller than that of the first file.
  private static func change(
    _ error: Double?, from reference: Double?
  ) -> (arrow: String, kind: String) {
    guard let error, let reference else { return ("", "") }
    return error > reference ? (" ↑", "up") : error < reference ? (" ↓", "down") : ("", "")
  }
}
