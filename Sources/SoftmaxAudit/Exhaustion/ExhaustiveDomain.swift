import FloatFormats

/// A finite set of lanes, each of which has a number.
public struct ExhaustiveDomain: Sendable, Hashable, Codable {
  public enum Kind: String, Sendable, Hashable, Codable, CaseIterable {
    /// All ordered pairs of finite numbers of the format, -0 and +0 both.
    case pairs
    /// All lanes of a length whose logits are multiples of a step, up to a limit in size.
    case tuples
    /// The lanes (0, -d) for every positive d of the format below a limit.
    case differences
  }

  public let kind: Kind
  public let format: String
  /// The number of logits in a lane.
  public let length: Int
  /// The largest size of a logit; nil where all finite numbers are meant.
  public let limit: Figure?
  /// The distance between neighbouring logits of tuples.
  public let step: Figure?
  /// The number of lanes.
  public let lanes: UInt64

  /// The largest number of lanes that a domain may have.
  public static let greatestLaneCount: UInt64 = 1 << 36
  /// The longest tuples; the error bound of the measurement counts on it.
  public static let greatestLength = 8

  /// A domain.
  ///
  /// - Parameters:
  ///   - limit: For pairs nil means all finite numbers; for tuples and differences it must be given.
  ///   - step: For tuples only.
  /// - Throws: ``UserError`` of kind `usage` where there is no such domain, or it has too many lanes.
  public init(
    _ kind: Kind, format: FloatFormat, length: Int? = nil, limit: Double? = nil,
    step: Double? = nil
  ) throws(UserError) {
    self.kind = kind
    self.format = format.rawValue
    self.limit = limit.map { Figure($0) }
    self.step = step.map { Figure($0) }
    self.length = kind == .tuples ? length ?? 3 : 2
    func demand(_ condition: Bool, _ message: String) throws(UserError) {
      if !condition { throw UserError(.usage, message) }
    }
    if let limit {
      try demand(
        limit > 0 && limit <= format.greatestFinite && format.holds(limit),
        "--limit \(limit): use a positive number that \(format.rawValue) holds exactly")
    }
    try demand(
      kind == .tuples || length == nil || length == 2,
      "--length belongs to tuples; \(kind.rawValue) have two logits")
    try demand(kind == .tuples || step == nil, "--step belongs to tuples")
    let count: UInt64?
    switch kind {
    case .pairs:
      let values = 2 * (format.magnitudeBits(of: limit ?? format.greatestFinite) + 1)
      let (product, overflow) = values.multipliedReportingOverflow(by: values)
      count = overflow ? nil : product
    case .differences:
      guard let limit else {
        throw UserError(.usage, "differences need --limit: they are the numbers below it")
      }
      count = format.magnitudeBits(of: limit) - 1
    case .tuples:
      guard let limit, let step else {
        throw UserError(.usage, "tuples need --limit and --step: logits are multiples of the step")
      }
      try demand(step > 0 && step.isFinite, "--step \(step): use a positive number")
      let each = (limit / step).rounded(.down)
      let length = self.length
      try demand(
        (2...Self.greatestLength).contains(length),
        "--length \(length): tuples have from 2 to \(Self.greatestLength) logits")
      // Sizes up to 2^P steps are numbers of the format, if the step is a power of two that it has.
      try demand(
        each <= Double(sign: .plus, exponent: format.precision, significand: 1)
          && step.significand == 1 && format.holds(step),
        "--step \(step): use a power of two that is not below 2^-\(format.precision) of the limit")
      let values = 2 * UInt64(each) + 1
      count = (0..<length).reduce(UInt64(1) as UInt64?) { product, _ in
        product.flatMap { product in
          let (next, overflow) = product.multipliedReportingOverflow(by: values)
          return overflow || next > Self.greatestLaneCount ? nil : next
        }
      }
    }
    guard let count, count <= Self.greatestLaneCount else {
      throw UserError(
        .usage,
        "\(kind.rawValue) of \(format.rawValue) within these limits are more than 2^36 lanes; take a smaller --limit"
      )
    }
    guard count > 0 else {
      throw UserError(.usage, "there is no positive number of \(format.rawValue) below the limit")
    }
    lanes = count
  }

  private enum CodingKeys: String, CodingKey {
    case kind, format, length, limit, step, lanes
  }

  /// A domain from a file, which has to be one that can be made.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    func mistake(_ words: String) -> DecodingError {
      .dataCorrupted(.init(codingPath: decoder.codingPath, debugDescription: words))
    }
    let name = try container.decode(String.self, forKey: .format)
    guard let format = FloatFormat(rawValue: name) else {
      throw mistake("there is no format \"\(name)\"")
    }
    let (length, lanes) = (
      try container.decode(Int.self, forKey: .length),
      try container.decode(UInt64.self, forKey: .lanes)
    )
    do {
      try self.init(
        container.decode(Kind.self, forKey: .kind), format: format, length: length,
        limit: container.decodeIfPresent(Figure.self, forKey: .limit)?.value,
        step: container.decodeIfPresent(Figure.self, forKey: .step)?.value)
    } catch let error as UserError {
      throw mistake("there is no such domain: \(error.message)")
    }
    guard self.lanes == lanes else {
      throw mistake("the domain has \(self.lanes) lanes, not \(lanes)")
    }
  }

  /// The domain in one sentence.
  public var summary: String {
    switch kind {
    case .pairs:
      let range = limit.map { "numbers up to \($0.value) in size" } ?? "finite numbers"
      return "all ordered pairs of \(range) in \(format), -0 and +0 both"
    case .tuples:
      return
        "all lanes of \(length) multiples of \(step?.value ?? 0) up to \(limit?.value ?? 0) in size"
    case .differences:
      return "the lanes (0, -d) for every \(format) number d with 0 < d < \(limit?.value ?? 0)"
    }
  }

  // MARK: Lanes by number

  /// How many different logits there are, where every place takes any of them.
  private var choices: UInt64 {
    switch kind {
    case .pairs:
      let format = FloatFormat(rawValue: format) ?? .float64
      return 2 * (format.magnitudeBits(of: limit?.value ?? format.greatestFinite) + 1)
    case .tuples:
      return 2 * UInt64(((limit?.value ?? 0) / (step?.value ?? 1)).rounded(.down)) + 1
    case .differences:
      return 0
    }
  }

  /// Writes consecutive lanes, in the format and as binary64.
  struct Writer<F: BinaryFloat> {
    private let domain: ExhaustiveDomain
    private let values: [F]
    private let doubles: [Double]
    private var digits: [Int]

    init(_ domain: ExhaustiveDomain) {
      self.domain = domain
      digits = Array(repeating: 0, count: domain.length)
      let count = domain.choices
      switch domain.kind {
      case .pairs:
        let half = Int(count / 2)
        values = (0..<Int(count)).map { index in
          index < half
            ? -F(bitPattern: F.BitPattern(half - 1 - index))
            : F(bitPattern: F.BitPattern(index - half))
        }
      case .tuples:
        let half = Double(count / 2)
        let step = domain.step?.value ?? 0
        values = (0..<Int(count)).map { F(rounding: (Double($0) - half) * step) }
      case .differences:
        values = []
      }
      doubles = values.map(\.exactDouble)
    }

    /// Writes lanes from a number on.
    mutating func write(
      from first: UInt64, count: Int, to logits: UnsafeMutablePointer<F>,
      exactly exact: UnsafeMutablePointer<Double>
    ) {
      let length = domain.length
      if domain.kind == .differences {
        for index in 0..<count {
          let d = F(bitPattern: F.BitPattern(first + UInt64(index) + 1))
          logits[2 * index] = .zero
          logits[2 * index + 1] = -d
          exact[2 * index] = 0
          exact[2 * index + 1] = -d.exactDouble
        }
        return
      }
      var rest = first
      let base = values.count
      for place in (0..<length).reversed() {
        digits[place] = Int(rest % UInt64(base))
        rest /= UInt64(base)
      }
      for lane in 0..<count {
        for place in 0..<length {
          logits[lane * length + place] = values[digits[place]]
          exact[lane * length + place] = doubles[digits[place]]
        }
        var place = length - 1
        digits[place] += 1
        while place > 0, digits[place] == base {
          digits[place] = 0
          place -= 1
          digits[place] += 1
        }
      }
    }

    /// One lane.
    mutating func lane(_ number: UInt64) -> [F] {
      var exact = [Double](repeating: 0, count: domain.length)
      return [F](unsafeUninitializedCapacity: domain.length) { logits, filled in
        logits.initialize(repeating: .zero)
        write(from: number, count: 1, to: logits.baseAddress!, exactly: &exact)
        filled = domain.length
      }
    }
  }
}

extension FloatFormat {
  /// Whether a number is one of the format.
  fileprivate func holds(_ value: Double) -> Bool { rounded(value) == value }

  /// The encoding of a positive number of the format.
  fileprivate func magnitudeBits(of value: Double) -> UInt64 {
    switch self {
    case .float16: UInt64(Float16(rounding: value).bitPattern)
    case .bfloat16: UInt64(BFloat16(rounding: value).bitPattern)
    case .float32: UInt64(Float(rounding: value).bitPattern)
    case .float64: value.bitPattern
    }
  }
}
