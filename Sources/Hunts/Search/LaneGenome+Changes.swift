import AuditRecords
import FloatFormats
import PropertyTesting
import RealModule

extension LaneGenome {
  /// The greatest number of levels, and of edits.
  private static let greatestCount = 6

  // MARK: Building

  /// The lane.
  package func lane<F: BinaryFloat>(length: Int, as format: F.Type = F.self) -> [F] {
    guard length > 0, !levels.isEmpty else { return [] }
    var random = CounterGenerator(seed: seed, stream: "genome")
    var values: [Double] = []
    values.reserveCapacity(length)
    // One logit of each level first, the rest by weight.
    let present = levels.prefix(length)
    let rest = Double(length - present.count)
    let total = present.reduce(0) { $0 + max($1.weight, 0) }
    var taken = 0.0
    for (number, level) in present.enumerated() {
      taken += max(level.weight, 0)
      let isLast = number == present.count - 1
      let end =
        isLast ? length : min(length, number + 1 + Int(share(rest, taken, of: total)))
      while values.count < end {
        values.append(-level.gap + (level.noise == 0 ? 0 : level.noise * random.normal()))
      }
    }
    switch order {
    case .levels: break
    case .reversedLevels: values.reverse()
    case .ascending: values.sort()
    case .descending: values.sort(by: >)
    case .alternating:
      values.sort(by: >)
      values = (0..<length).map { values[$0 % 2 == 0 ? $0 / 2 : length - 1 - $0 / 2] }
    case .shuffled:
      for index in values.indices.dropFirst() {
        values.swapAt(index, random.integer(0...index))
      }
    }
    let turn = ((rotation % length) + length) % length
    if turn > 0 { values = Array(values[(length - turn)...] + values[..<(length - turn)]) }
    var lane = values.map { F(rounding: $0 + offset) }
    let greatest = F.greatestFinite
    for index in lane.indices where !lane[index].isFinite {
      lane[index] = lane[index].isNegative ? -greatest : greatest
    }
    for edit in edits {
      let index = ((edit.index % length) + length) % length
      let limit = greatest.orderedIndex
      let moved = lane[index].orderedIndex + Int64(max(-1 << 40, min(1 << 40, edit.places)))
      lane[index] = F(orderedIndex: max(-limit, min(limit, moved)))
    }
    return lane
  }

  /// The part of a number that weights up to a level have; 0 where the weights add up to nothing
  /// that can be divided by.
  private func share(_ rest: Double, _ taken: Double, of total: Double) -> Double {
    let part = rest * taken / total
    return part.isFinite ? part : 0
  }

  // MARK: Drawing and changing

  /// A genome at random, for a format.
  static func random(_ format: FloatFormat, _ random: inout CounterGenerator) -> LaneGenome {
    var genome = LaneGenome(
      levels: [Level(gap: 0, weight: drawWeight(&random), noise: drawNoise(&random))],
      order: Order.allCases[random.integer(0...Order.allCases.count - 1)], rotation: 0,
      offset: drawOffset(format, &random), seed: random.next() >> 11, edits: [])
    for _ in 0..<random.integer(0...3) { genome.levels.append(drawLevel(format, &random)) }
    return genome
  }

  private static func drawWeight(_ random: inout CounterGenerator) -> Double {
    random.integer(0...1) == 0 ? 0 : random.uniform()
  }

  private static func drawNoise(_ random: inout CounterGenerator) -> Double {
    random.integer(0...1) == 0 ? 0 : Double.exp(random.uniform(-9, 3))
  }

  private static func drawOffset(
    _ format: FloatFormat, _ random: inout CounterGenerator
  ) -> Double {
    switch random.integer(0...5) {
    case 0...3: 0
    case 4: random.normal() * 10
    // Of every size that the format has, its largest numbers included: where ulps of logits are as
    // large as logarithms of sums, a sum of both is rubbish.
    default:
      random.normal()
        * Double.exp(min(700, random.uniform(0, Double.log(format.greatestFinite) + 2)))
    }
  }

  private static func drawLevel(
    _ format: FloatFormat, _ random: inout CounterGenerator
  ) -> Level {
    // Up to where the exponential vanishes in the format.
    let deepest = -Double.log(format.leastSubnormal) + 2
    let gap =
      random.integer(0...1) == 0
      ? random.uniform(0, min(deepest, 120)) : Double.exp(random.uniform(-8, Double.log(deepest)))
    return Level(gap: gap, weight: random.uniform(), noise: drawNoise(&random))
  }

  /// The genome with one trait changed, or two.
  func changed(_ format: FloatFormat, _ random: inout CounterGenerator) -> LaneGenome {
    var genome = self
    repeat { genome.change(format, &random) } while random.integer(0...2) == 0
    return genome
  }

  private mutating func change(_ format: FloatFormat, _ random: inout CounterGenerator) {
    let level = random.integer(0...levels.count - 1)
    switch random.integer(0...15) {
    case 0...3 where levels[level].gap > 0:
      // Steps of every size, from the last place of the format up to the gap itself.
      let step =
        Double.exp(
          random.uniform(Double.log(format.unitRoundoff), 0)) * levels[level].gap
      levels[level].gap = max(0, levels[level].gap + (random.integer(0...1) == 0 ? step : -step))
    case 4: levels[level].gap = Self.drawLevel(format, &random).gap
    case 5: levels[level].weight = Self.drawWeight(&random)
    case 6: levels[level].weight *= Double.exp(random.normal())
    case 7: levels[level].noise = Self.drawNoise(&random)
    case 8: levels[level].noise *= Double.exp(random.normal())
    case 9 where levels.count < Self.greatestCount:
      levels.insert(Self.drawLevel(format, &random), at: random.integer(0...levels.count))
    case 10 where levels.count > 1: levels.remove(at: level)
    case 11: order = Order.allCases[random.integer(0...Order.allCases.count - 1)]
    case 12: rotation = random.integer(0...3) == 0 ? 0 : random.integer(0...1 << 20)
    case 13:
      offset =
        offset == 0 || random.integer(0...1) == 0
        ? Self.drawOffset(format, &random) : offset * Double.exp(random.normal())
    case 14: seed = random.next() >> 11
    default:
      if !edits.isEmpty, random.integer(0...2) == 0 {
        edits.remove(at: random.integer(0...edits.count - 1))
      } else if edits.count < Self.greatestCount {
        let size = Int(Double.exp(random.uniform(0, 20)))
        edits.append(
          Edit(
            index: random.integer(0...1 << 20), places: random.integer(0...1) == 0 ? size : -size))
      }
    }
  }

  /// A child of two: levels of one, everything else of either.
  static func cross(
    _ a: LaneGenome, _ b: LaneGenome, _ random: inout CounterGenerator
  ) -> LaneGenome {
    var child = a
    if random.integer(0...1) == 0 { child.order = b.order }
    if random.integer(0...1) == 0 { child.rotation = b.rotation }
    if random.integer(0...1) == 0 { child.offset = b.offset }
    if random.integer(0...1) == 0 { child.edits = b.edits }
    if let level = b.levels.last, child.levels.count < greatestCount, random.integer(0...1) == 0 {
      child.levels.append(level)
    }
    return child
  }
}
