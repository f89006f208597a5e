/// The time that a run takes, from the times of some of its parts on one thread.
package struct FleetEstimate: Codable, Sendable, Equatable {
  /// The number of parts that were measured.
  package var measuredParts: Int
  /// Seconds for what every unit does before its first part: loading implementations.
  package var startSeconds: Double
  /// Seconds for a part: the mean of those measured.
  package var partSeconds: Double
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
  ///   - seconds: The times of the parts that were measured, at least one.
  ///   - parts: The number of all parts.
  ///   - start: The time before the first part.
  package init(of seconds: [Double], parts: Int, start: Double) {
    precondition(!seconds.isEmpty && seconds.count <= parts, "a sample of the parts")
    let count = Double(seconds.count)
    let mean = seconds.reduce(0, +) / count
    measuredParts = seconds.count
    startSeconds = start
    partSeconds = mean
    quickestPartSeconds = seconds.min() ?? mean
    slowestPartSeconds = seconds.max() ?? mean
    totalSeconds = mean * Double(parts)
    if seconds.count == parts {
      uncertaintySeconds = 0
    } else if seconds.count > 1 {
      let squares = seconds.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
      let deviation = (squares / (count - 1)).squareRoot()
      let share = (1 - count / Double(parts)) / count
      uncertaintySeconds = 2 * Double(parts) * deviation * share.squareRoot()
    }
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
