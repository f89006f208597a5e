/// The score of a lane of outputs, and what else was seen of it.
struct ScoredLane {
  /// The largest error in units of the objective; `nil` where there is none.
  var value: Double?
  /// Whether an output matches nothing, although no declared domain excuses it.
  var isUndeclaredMismatch = false
  /// Whether the lane should be judged and has no bound.
  var isUnjudged = false
}
