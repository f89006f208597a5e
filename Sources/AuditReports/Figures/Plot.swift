/// One pair of axes with what is drawn between them.
struct Plot: Sendable {
  /// Points of one colour, one shape and one kind of line.
  struct Series: Sendable {
    enum Line: Sendable, Equatable {
      case none
      case straight
      /// A level for each point and steps between them; points are the left ends.
      case steps
      /// Thin and dotted, without marks: what the others must not exceed.
      case limit
    }
    var name: String
    /// The index of one of the eight colours and shapes.
    var style: Int
    var line: Line
    var points: [Point]
    /// Not in the legend: it belongs to a series that is.
    var isSecondary = false
  }

  struct Point: Sendable {
    var x: Double
    var y: Double
    /// The text for a pointer that rests on the mark.
    var tooltip: String
    /// Drawn as an outline: the figure is not the whole story.
    var isHollow = false
  }

  /// A part of the horizontal axis with a name.
  struct Region: Sendable {
    var range: ClosedRange<Double>
    var name: String
  }

  /// A horizontal line with a name.
  struct Guide: Sendable {
    var value: Double
    var name: String
  }

  var title: String
  /// The algorithm that the plot is limited to; empty where it is not.
  var algorithm = ""
  var x: Axis
  var y: Axis
  var series: [Series]
  var regions: [Region] = []
  var guides: [Guide] = []

  /// Whether there is anything to see.
  var isEmpty: Bool { !series.contains { !$0.points.isEmpty } }

  /// The figure in words, for those who do not see it.
  var description: String {
    let parts = series.filter { !$0.isSecondary }.compactMap { series -> String? in
      let values = series.points.map(\.y).filter { !$0.isNaN }
      guard let low = values.min(), let high = values.max() else { return nil }
      return
        "\(series.name): from \(FigureText.statistic(low)) to \(FigureText.statistic(high))"
    }
    return "\(y.title) against \(x.title). \(parts.joined(separator: "; "))."
  }
}
