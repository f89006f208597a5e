import AuditRecords
import FloatFormats

/// The largest error against the magnitude of the exact probability, with the subnormal range
/// marked.
enum MagnitudeFigure {
  static func make(_ lineups: [Lineup]) -> ReportFigure {
    ReportFigure(
      id: "magnitude", title: "Error against the magnitude of the output",
      caption:
        "The largest error against the exact probability. Below the least normal number one ULP is the smallest subnormal "
        + "number, so that an error of 1 may be all of the value. From a sample of the outputs: a lower bound of the largest "
        + "error.",
      missing: "The results hold no errors by magnitude.", lineups: lineups
    ) { lineup, panel in
      guard let format = panel.members.first?.summary.outputFormat else { return nil }
      let width = ErrorSample.octavesPerGroup(minimumExponent: format.minimumExponent)
      let maxima = panel.members.map { member -> [(key: Int, value: Double)] in
        var largest: [Int: Double] = [:]
        for sample in member.summary.rows.compactMap(\.sample) {
          // A forged file may name octaves that the format does not have.
          for (octave, figure) in zip(sample.octaves, sample.octaveMaxima)
          where octave >= format.quantumExponent - width && octave <= 0 {
            largest[octave] = max(largest[octave] ?? 0, figure.value)
          }
        }
        return largest.sorted { $0.key < $1.key }
      }
      let octaves = maxima.flatMap { $0.map(\.key) }
      guard let least = octaves.min(), let most = octaves.max() else { return nil }
      guard least < 0 else { return nil }
      let lowest = Double(least)
      let highest = Double(min(most + width, 0))
      let step = max(1, ((most + width - least) / width + 5) / 6) * width
      var ticks: [Axis.Tick] = []
      for exponent in stride(from: 0, through: least, by: -step) where Double(exponent) <= highest {
        ticks.insert(
          Axis.Tick(
            value: Double(exponent), label: exponent == 0 ? "1" : "2\(exponent.superscript)"),
          at: 0)
      }
      let edge = Double(format.minimumExponent)
      return Plot(
        title: lineup.title(of: panel),
        x: Axis(linear: lowest...highest, title: "exact probability", ticks: ticks),
        y: Axis(
          logarithmic: maxima.flatMap { $0.map(\.value) }, floor: ReportFigure.leastError,
          title: "largest error, ULP"),
        series: zip(panel.members, maxima).map { member, maxima in
          Plot.Series(
            name: member.name, style: member.style, line: .straight,
            points: maxima.map { octave, value in
              // A group that reaches below the normal range is drawn in the part of it that exists.
              let top =
                octave < format.minimumExponent
                ? min(octave + width, format.minimumExponent) : octave + width
              // The only probability of the binade of 1 is 1.
              return Plot.Point(
                x: min((Double(octave) + Double(top)) / 2, 0), y: value,
                tooltip:
                  "\(member.name), 2\(octave.superscript) to 2\(top.superscript): \(FigureText.maximum(value)) ULP"
              )
            })
        },
        regions: lowest < edge ? [Plot.Region(range: lowest...edge, name: "subnormal")] : [])
    }
  }
}
