import Foundation

/// One axis of a plot: where values stand, and which of them are written beside it.
///
/// Positions run from 0 to 1. A logarithmic axis has a place of its own for 0 at its lower end and
/// one for infinity at its upper end where the values need them, so that neither is left out nor
/// mistaken for a small or a large number.
struct Axis: Sendable, Equatable {
  enum Scale: Sendable, Equatable {
    case linear
    /// Base 10 or 2.
    case logarithmic(base: Int)
  }

  struct Tick: Sendable, Equatable {
    var value: Double
    var label: String
  }

  /// The quantity on the axis, with its unit.
  var title: String
  let scale: Scale
  /// The finite positive range of a logarithmic axis, the range of a linear one.
  let range: ClosedRange<Double>
  /// Whether there is a place for 0, and for what is below the floor.
  let hasZero: Bool
  let hasInfinity: Bool
  /// The least value with a place of its own: smaller ones stand with 0; 0 where nothing does.
  let floor: Double
  let ticks: [Tick]

  /// The room that 0 and infinity take, as a part of the axis.
  private static let margin = 0.09

  /// A linear axis with ticks of its own.
  init(linear range: ClosedRange<Double>, title: String, ticks: [Tick]) {
    self.title = title
    scale = .linear
    self.range = range
    hasZero = false
    hasInfinity = false
    floor = 0
    self.ticks = ticks
  }

  /// A linear axis from 0 that holds all values, with round ticks.
  init(fromZeroTo values: [Double], title: String, unit: String = "") {
    let largest = values.filter(\.isFinite).max().map { max($0, 0) } ?? 0
    let step = Self.roundStep(for: largest > 0 ? largest : 1, count: 5)
    let upper = max((largest / step).rounded(.up), 1) * step
    var ticks: [Tick] = []
    for number in 0...max(1, Int((upper / step).rounded())) {
      let value = Double(number) * step
      ticks.append(Tick(value: value, label: FigureText.short(value) + unit))
    }
    self.init(linear: 0...upper, title: title, ticks: ticks)
  }

  /// A logarithmic axis that holds all values and ends at whole powers of its base.
  ///
  /// - Parameters:
  ///   - values: Not negative; NaN is left out.
  ///   - floor: A power of the base; what is smaller stands with 0, so that it does not take the
  ///     room of the rest.
  init(logarithmic values: [Double], base: Int = 10, floor: Double = 0, title: String) {
    self.title = title
    scale = .logarithmic(base: base)
    hasZero = values.contains { $0 == 0 || $0 > 0 && $0 < floor }
    hasInfinity = values.contains(.infinity)
    self.floor = values.contains { $0 > 0 && $0 < floor } ? floor : 0
    let positive = values.filter { $0 > 0 && $0 >= floor && $0.isFinite }
    var low = Self.floorLogarithm(positive.min() ?? 1, base)
    var high = Self.ceilingLogarithm(positive.max() ?? 1, base)
    if low == high {
      // A single power stands in the middle.
      (low, high) = (low - 1, high + 1)
    }
    // A power beyond binary64 stands for the number at the end of it.
    let lower = max(Self.power(base, low), .leastNonzeroMagnitude)
    let upper = min(Self.power(base, high), .greatestFiniteMagnitude)
    range = lower...upper
    let room = base == 2 ? 7 : 6
    let step = max(1, (high - low + room - 1) / room)
    var ticks = stride(from: low, through: high, by: step).map {
      Tick(value: Self.power(base, $0), label: Self.label(base, $0))
    }
    if base == 10, high - low == 1 {
      ticks += [2, 5].map {
        Tick(value: Double($0) * lower, label: Self.label(base, low, times: $0))
      }
    }
    ticks.sort { $0.value < $1.value }
    if hasZero {
      let label = self.floor > 0 ? "<\(FigureText.short(self.floor))" : "0"
      ticks.insert(Tick(value: 0, label: label), at: 0)
    }
    if hasInfinity { ticks.append(Tick(value: .infinity, label: "∞")) }
    self.ticks = ticks
  }

  /// The place of a value, from 0 to 1; `nil` where the axis has no place for it.
  func position(of value: Double) -> Double? {
    switch scale {
    case .linear:
      guard value.isFinite, range.upperBound > range.lowerBound else { return nil }
      return (value - range.lowerBound) / (range.upperBound - range.lowerBound)
    case .logarithmic:
      let low = hasZero ? Self.margin : 0
      let high = hasInfinity ? 1 - Self.margin : 1
      if value == 0 || value > 0 && value < floor { return hasZero ? 0 : nil }
      if value == .infinity { return hasInfinity ? 1 : nil }
      guard value > 0 else { return nil }
      let (first, last) = (log2(range.lowerBound), log2(range.upperBound))
      let place = low + (log2(value) - first) / (last - first) * (high - low)
      return min(max(place, low), high)
    }
  }

  /// One axis for all plots of a row, so that they can be compared; nil where they are of different
  /// kinds.
  static func shared(_ axes: [Axis]) -> Axis? {
    guard let first = axes.first,
      axes.allSatisfy({ $0.scale == first.scale && $0.title == first.title })
    else { return nil }
    switch first.scale {
    case .linear:
      guard axes.allSatisfy({ $0.range.lowerBound == first.range.lowerBound }) else { return nil }
      return axes.max { $0.range.upperBound < $1.range.upperBound }
    case .logarithmic(let base):
      let floor = axes.map(\.floor).max() ?? 0
      var values = axes.flatMap { [$0.range.lowerBound, $0.range.upperBound] }
      if floor > 0 { values.append(floor / 2) }
      if axes.contains(where: \.hasZero) { values.append(0) }
      if axes.contains(where: \.hasInfinity) { values.append(.infinity) }
      return Axis(logarithmic: values, base: base, floor: floor, title: first.title)
    }
  }

  private static func power(_ base: Int, _ exponent: Int) -> Double {
    base == 2
      ? Double(sign: .plus, exponent: exponent, significand: 1)
      : Double("1e\(exponent)") ?? .nan
  }

  private static func floorLogarithm(_ value: Double, _ base: Int) -> Int {
    var exponent = Int((base == 2 ? log2(value) : log10(value)).rounded(.down))
    // The logarithm may be off by a little at whole powers.
    while power(base, exponent + 1) <= value { exponent += 1 }
    while power(base, exponent) > value { exponent -= 1 }
    return exponent
  }

  private static func ceilingLogarithm(_ value: Double, _ base: Int) -> Int {
    let exponent = floorLogarithm(value, base)
    return power(base, exponent) == value ? exponent : exponent + 1
  }

  private static func label(_ base: Int, _ exponent: Int, times factor: Int = 1) -> String {
    if base == 2 {
      return (0...13).contains(exponent) ? "\(1 << exponent)" : "2\(exponent.superscript)"
    }
    return (-2...3).contains(exponent)
      ? FigureText.short(Double(factor) * power(10, exponent))
      : (factor == 1 ? "" : "\(factor)·") + "10\(exponent.superscript)"
  }

  /// 1, 2 or 5 times a power of ten, so that about so many steps reach a value.
  private static func roundStep(for value: Double, count: Int) -> Double {
    let raw = value / Double(count)
    let unit = power(10, floorLogarithm(max(raw, .leastNormalMagnitude), 10))
    return [1, 2, 5, 10].map { $0 * unit }.first { $0 >= raw } ?? raw
  }
}

extension Int {
  /// The number in raised digits.
  var superscript: String {
    let raised: [Character: Character] = [
      "-": "⁻", "0": "⁰", "1": "¹", "2": "²", "3": "³", "4": "⁴", "5": "⁵", "6": "⁶", "7": "⁷",
      "8": "⁸", "9": "⁹",
    ]
    return String(String(self).map { raised[$0] ?? $0 })
  }
}
