private struct Family: Hashable {
  let parent: Int?
  let label: String
}

extension CaseRun {
  /// The spans that share parent and label, in order, for each parent and label that has some.
  var families: [[Int]] {
    var places: [Family: Int] = [:]
    var families: [[Int]] = []
    for (number, span) in spans.enumerated() {
      let family = Family(parent: span.parent, label: span.label)
      if let place = places[family] {
        families[place].append(number)
      } else {
        places[family] = families.count
        families.append([number])
      }
    }
    return families
  }
}
