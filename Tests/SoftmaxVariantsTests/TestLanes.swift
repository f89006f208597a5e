import FloatFormats
import RealModule
import TestSupport

/// Seeded lanes of a format: several lengths of several kinds, the edges of the format among them.
func testLanes<F: BinaryFloat>(of format: F.Type) -> [[F]] {
  var random = SplitMix64(seed: 0x50F7_3A0F)
  let leastLog = Double.log(F.format.leastNormal) - Double(F.format.precision) * 0.7
  let step = F.format.unitRoundoff / 4
  var lanes: [[Double]] = []
  for length in [1, 2, 3, 5, 8, 9, 17, 40] {
    func lane(_ make: (Int) -> Double) { lanes.append((0..<length).map(make)) }
    for scale in [1.0, 4, 20, 100] { lane { _ in scale * random.normal() } }
    lane { _ in 1000 + random.uniform(0, 1) }
    lane { _ in leastLog + random.uniform(-3, 3) }
    lane { $0 == 0 ? 0 : leastLog + random.uniform(-3, 3) }
    lane { $0 == length - 1 ? 0 : leastLog * random.uniform(0, 1) }
    lane { Double($0) * step }
    lane { Double($0) * 0.75 }
    lane { $0 == 0 ? 0 : -Double(F.format.precision) * 0.6932 }
    lane { $0 > 0 && random.uniform(0, 1) < 0.4 ? -.infinity : 3 * random.normal() }
    lane { $0 % 3 == 1 ? -F.format.greatestFinite : random.normal() }
    lane { $0 % 2 == 0 ? F.format.greatestFinite : -F.format.greatestFinite }
    lane { _ in
      let bits = F.BitPattern(truncatingIfNeeded: random.next())
      let value = F(bitPattern: bits)
      return value.isFinite ? value.exactDouble : 0
    }
  }
  return lanes.map { $0.map { F(rounding: $0) } }
}

/// A lane of equal terms long enough for a sum of the format to stagnate, where that is affordable.
func stagnatingLane<F: BinaryFloat>(of format: F.Type) -> [F] {
  Array(repeating: F.zero, count: F.format.precision > 11 ? 300 : 3 << (F.format.precision - 1))
}
