/// The time that a run takes, from the times of some of its parts on one thread.
package struct FleetEstimate: Codable, Sendable, Equatable {
  /// The number of parts that were measured.
  package var measuredParts: Int
  /// Seconds for what every unit does whatever its parts: loading implementations, tables, its
  /// witnesses by MPFR.
  package var startSeconds: Double
  /// Seconds for a part: the mean of those measured.
  package var partSeconds: Double
  /// The least mean of a run that was measured, and the greatest.
  package var quickestPartSeconds: Double
  package var slowestPartSeconds: Double
  /// Seconds for all parts.
  package var totalSeconds: Double
  /// Two standard errors of ``totalSeconds``; nil where one part of several was measured.
  package var uncertaintySeconds: Double?

  /// An estimate from a sample without replacement.
  ///
  /// The standard error of the total N m is N s sqrt((1 - k/N) / k) for k of N parts with the
  /// standard deviation s: W. G. Cochran, "Sampling Techniques", 3rd ed., section 2.6. It knows
  /// nothing of parts unlike all that were measured.
  ///
  /// - Parameters:
  ///   - seconds: The times of a part, one for each group of parts that was measured, at least one.
  ///   - size: The number of parts of a group.
  ///   - parts: The number of all parts.
  ///   - start: The time that is no part's.
  package init(of seconds: [Double], size: Int = 1, parts: Int, start: Double) {
    precondition(!seconds.isEmpty && seconds.count * size <= parts, "a sample of the parts")
    let count = Double(seconds.count)
    let mean = seconds.reduce(0, +) / count
    measuredParts = seconds.count * size
    startSeconds = start
    partSeconds = mean
    quickestPartSeconds = seconds.min() ?? mean
    slowestPartSeconds = seconds.max() ?? mean
    totalSeconds = mean * Double(parts)
    if measuredParts == parts {
      uncertaintySeconds = 0
    } else if seconds.count > 1 {
      let squares = seconds.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
      let deviation = (squares / (count - 1)).squareRoot()
      let share = (1 - Double(measuredParts) / Double(parts)) / count
      uncertaintySeconds = 2 * Double(parts) * deviation * share.squareRoot()
    }
  }

  /// An estimate from runs of different numbers of parts, the first the shortest.
  ///
  /// The time of a run is taken for a + b m of m parts; b is the slope from the first run to the
  /// longest ones, and a the least that is left of a run: an a that is too small is paid for by the
  /// parts.
  package init(ofRuns runs: [(parts: Int, seconds: Double)], parts: Int, start: Double) {
    precondition(!runs.isEmpty, "a run")
    let longest = runs.map(\.parts).max() ?? 1
    let sample = runs.filter { 2 * $0.parts > longest }
    var own = 0.0
    if 2 * runs[0].parts <= longest {
      let (count, time) = sample.reduce((0, 0.0)) { ($0.0 + $1.parts, $0.1 + $1.seconds) }
      let number = Double(sample.count)
      let slope =
        (time / number - runs[0].seconds) / (Double(count) / number - Double(runs[0].parts))
      own = max(0, runs.map { $0.seconds - max(0, slope) * Double($0.parts) }.min() ?? 0)
    }
    let size = sample.map(\.parts).min() ?? 1
    self.init(
      of: sample.map { max(0, $0.seconds - own) / Double($0.parts) }, size: size, parts: parts,
      start: start + own)
  }

  /// The number of units that take about so many seconds each, the start included.
  ///
  /// - Parameter parts: The number of all parts; a unit has one of them at least.
  package func units(ofSeconds seconds: Double, parts: Int) -> Int {
    let share = max(seconds - startSeconds, partSeconds, 1e-3)
    let count = (totalSeconds / share).rounded(.up)
    return max(1, Int(min(count, Double(parts), Double(FleetPlan.greatestCount))))
  }

  /// Processor seconds of all units together.
  package func processorSeconds(units: Int) -> Double {
    totalSeconds + startSeconds * Double(units)
  }
}
