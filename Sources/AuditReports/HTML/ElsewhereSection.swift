import SoftmaxAudit

/// Which tolerances in use elsewhere would have accepted each implementation.
enum ElsewhereSection {
  /// The section; nil where nobody asked for it.
  static func view(_ summaries: [AccuracySummary]) -> HTMLReport.View? {
    guard let table = ElsewhereTable(summaries) else { return nil }
    return [
      "sentences": table.sentences,
      "tolerances": table.tolerances.map { tolerance -> HTMLReport.View in
        ["name": tolerance.name, "formula": tolerance.formula, "source": tolerance.source]
      },
      "rows": table.rows.map { row -> HTMLReport.View in
        [
          "name": row.summary.named(row.summary.implementation),
          "format": row.summary.formatPair, "pair": row.summary.formatPair,
          "algorithm": row.summary.algorithm, "verdict": row.verdict.word,
          "verdictKind": row.verdict == .failed ? "up" : "",
          "ulp": FigureText.maximum(row.summary.maxUlp),
          "cells": row.answers.map { answer -> HTMLReport.View in
            let isAgainst = row.verdict == .failed && answer == .accepted
            return ["text": answer.words, "kind": isAgainst ? "up" : ""]
          },
        ]
      },
    ]
  }

  static let template = """
    {{#elsewhere}}
    <section aria-labelledby="elsewhere">
    <h2 id="elsewhere">Would it pass elsewhere?</h2>
    <p class="cap">Which tolerances in use would have accepted the outputs, the exact value being the reference: accepted where every output of every cell measured is. In parentheses the cells rejected.</p>
    {{#sentences}}<p class="note">{{.}}</p>
    {{/sentences}}
    <div class="scroll pin" tabindex="0" role="region" aria-label="Would it pass elsewhere?">
    <table><caption class="sr">Would it pass elsewhere?</caption>
    <thead><tr><th scope="col">implementation</th><th class="l" scope="col">format</th><th scope="col">max ULP</th><th class="l" scope="col">here</th>{{#tolerances}}<th class="l" scope="col" title="{{formula}}">{{name}}</th>{{/tolerances}}</tr></thead>
    <tbody>
    {{#rows}}<tr data-pair="{{pair}}" data-algorithm="{{algorithm}}"><th scope="row">{{name}}</th><td class="l">{{format}}</td><td>{{ulp}}</td><td class="l {{verdictKind}}">{{verdict}}</td>{{#cells}}<td class="l {{kind}}">{{text}}</td>{{/cells}}</tr>
    {{/rows}}
    </tbody></table></div>
    <dl class="facts">
    {{#tolerances}}<dt>{{name}}</dt><dd>{{formula}} ({{source}})</dd>
    {{/tolerances}}
    </dl>
    </section>
    {{/elsewhere}}
    """
}
