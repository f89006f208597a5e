/// What comes out of lanes that have no softmax.
enum SpecialSection {
  static func view(_ summaries: [AccuracySummary]) -> HTMLReport.View {
    let groups = SpecialBehaviour.all(of: summaries)
    return [
      "hasRows": !groups.isEmpty,
      "rows": groups.map { group -> HTMLReport.View in
        [
          "nan": group.nan, "infinity": group.infinity, "masked": group.masked,
          "against": FigureText.count(group.lanesAgainstPolicy), "who": group.who,
        ]
      },
    ]
  }
}
