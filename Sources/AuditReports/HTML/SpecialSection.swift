/// The outputs for lanes that have no softmax.
struct SpecialSection: PagePart {
  /// Implementations that do the same.
  struct Row: PagePart {
    let nan: String
    let infinity: String
    let masked: String
    let against: String
    let who: String
  }

  let rows: [Row]

  init(_ summaries: [AccuracySummary]) {
    rows = SpecialBehaviour.all(of: summaries).map { group in
      Row(
        nan: group.nan, infinity: group.infinity, masked: group.masked,
        against: FigureText.count(group.lanesAgainstPolicy), who: group.who)
    }
  }
}
