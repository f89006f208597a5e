import AuditRecords
import AuditedOperations
import FloatFormats
import PropertyTesting

extension Law {
  /// Lanes side by side keep their own maximum, sum and special values.
  ///
  /// Kernels that take 4, 8 or 16 neighbours at a time, one in each place of a vector, mix them up
  /// where a place is counted wrongly. With neighbours of one height that hardly shows: the softmax
  /// with a foreign maximum is nearly the same. So lanes stand 50, 200 or 10 000 apart, up and
  /// down, with NaNs, +inf and masks among them.
  package static let neighbours = Law(
    "neighbours",
    "Lanes side by side are right however far apart their logits are, and whatever a special lane among them holds.",
    grade: .required,
    tolerance: "as for componentwise-error, lane by lane; special lanes by the special-lane policy",
    catches: [.axes, .memoryLayout, .specialValues, .overflow],
    budget: Budget(random: 80, edges: 24), form: .tensor(),
    cases: { format in
      Generator { source in
        let inner = try LaneCases.lengths(2...130).generate(from: &source)
        let outer = try source.integer(in: 1...3)
        let most = min(300, 16_384 / (inner * outer))
        let length = try LaneCases.lengths(2...most).generate(from: &source)
        let gap = [200.0, 50, 10_000, 0][try source.integer(in: 0...3)]
        let pattern = try source.integer(in: 0...6)
        let isDown = try source.boolean()
        let trouble = try source.integer(in: 0...5)
        let place = try source.integer(in: 0...inner - 1)
        let seed = try source.bits(width: 16)
        var random = CounterGenerator(seed: seed, stream: "neighbours")
        let heights = (0..<inner).map { lane -> Double in
          // Every 1, 2, 4, 8, 16, 32 lanes another height, or as it comes.
          let step = pattern < 6 ? lane >> pattern & 1 : random.integer(0...2)
          return Double(isDown ? -step : step) * gap
        }
        let geometry = LaneGeometry(outer: outer, length: length, inner: inner)
        var logits = [Double](repeating: 0, count: geometry.elementCount)
        for lane in 0..<geometry.laneCount {
          let start = geometry.start(ofLane: lane)
          let column = lane % inner
          for index in 0..<length {
            let step = Double((index * (column % 5 + 2) + lane / inner) % 9) / 2
            logits[start + index * inner] = format.finite(heights[column] + step)
          }
          guard trouble > 0, column == place || trouble == 5 && column % 3 == place % 3 else {
            continue
          }
          for index in 0..<length {
            switch trouble {
            case 1 where index == place % length: logits[start + index * inner] = .nan
            case 2 where index == place % length: logits[start + index * inner] = .infinity
            case 3: logits[start + index * inner] = -.infinity
            case 4, 5:
              if index != place % length { logits[start + index * inner] = -.infinity }
            default: break
            }
          }
        }
        return LawCase(geometry: geometry, logits: logits)
      }
    }
  ) { input, trial, notes in
    let outputs = try trial.outputs(of: input)
    return try trial.judgeSpecialLanes(of: input, outputs, &notes)
  }
}
