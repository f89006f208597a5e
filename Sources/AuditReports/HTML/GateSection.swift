import SoftmaxAudit

/// What a policy asked, and where the answer was no.
enum GateSection {
  private typealias View = HTMLReport.View
  /// How many judgements are told; all are in the results.
  private static let shown = 100

  /// The sections of all files that hold the verdict of a gate.
  static func views(_ sources: ReportSources) -> [HTMLReport.View] {
    sources.labelled.compactMap { label, source in
      source.results.gate.map { view($0, label) }
    }
  }

  private static func view(_ gate: GateResult, _ label: String?) -> View {
    let told = gate.judgements.filter { $0.verdict != .passed }
    var remarks = gate.exclusions.map { GateTextReport.sentence(of: $0, in: gate) }
    remarks += gate.notMeasured.map { "Not measured: \($0)" } + gate.notes
    if told.count > shown { remarks.append("\(told.count - shown) more are in the results.") }
    return [
      "title": "Gate: \(gate.policy)" + (label.map { " · \($0)" } ?? ""),
      "anchor": "gate" + (label ?? ""), "summary": GateTextReport.summary(gate),
      "hasRows": !told.isEmpty, "rows": told.prefix(shown).map { row($0, gate) },
      "failures": told.prefix(shown).filter(\.isFailure).enumerated().map {
        failure($1, gate, isOpen: $0 == 0)
      },
      "remarks": remarks,
    ]
  }

  private static func row(_ judgement: GateResult.Judgement, _ gate: GateResult) -> View {
    [
      "place": "\(gate.policy):\(judgement.line)", "name": GateTextReport.name(judgement),
      "figure": GateTextReport.subject(judgement), "budget": judgement.budget,
      "measured": GateTextReport.measured(judgement),
      "verdict": GateTextReport.verdict(judgement.verdict).lowercased(),
      "kind": judgement.isFailure ? "up" : "",
    ]
  }

  /// Why the gate is red, as a card.
  private static func failure(
    _ judgement: GateResult.Judgement, _ gate: GateResult, isOpen: Bool
  ) -> View {
    var view = row(judgement, gate)
    view["isOpen"] = isOpen
    view["sentences"] =
      [judgement.message ?? ""] + (judgement.cause.map { ["Cause: \($0)."] } ?? [])
    view["command"] = judgement.replay.map { [["command": $0]] } ?? []
    return view
  }

  static let template = """
    {{#gates}}
    <section aria-labelledby="{{anchor}}">
    <h2 id="{{anchor}}">{{title}}</h2>
    <p class="cap">{{summary}}</p>
    {{#hasRows}}
    <div class="scroll pin" tabindex="0" role="region" aria-label="{{title}}">
    <table><caption class="sr">{{title}}</caption>
    <thead><tr><th scope="col">implementation</th><th class="l" scope="col">verdict</th><th class="l" scope="col">figure</th><th scope="col">budget</th><th scope="col">measured</th><th class="l" scope="col">rule</th></tr></thead>
    <tbody>
    {{#rows}}<tr><th scope="row">{{name}}</th><td class="l {{kind}}">{{verdict}}</td><td class="l">{{figure}}</td><td>{{budget}}</td><td>{{measured}}</td><td class="l">{{place}}</td></tr>
    {{/rows}}
    </tbody></table></div>
    {{/hasRows}}
    {{#failures}}
    <details class="card"{{#isOpen}} open="open"{{/isOpen}}><summary><span class="name">{{figure}}</span><span>{{name}}</span><span class="amount">{{place}}</span></summary>
    <div class="in">
    {{#sentences}}<p>{{.}}</p>
    {{/sentences}}
    {{>command}}
    </div></details>
    {{/failures}}
    {{#remarks}}<p class="note">{{.}}</p>
    {{/remarks}}
    </section>
    {{/gates}}
    """
}
