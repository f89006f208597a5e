import FloatFormats
import PropertyTesting
import RealModule

func naturalLogarithm(_ x: Double) -> Double { Double.log(x) }

/// A named, seeded source of logits.
///
/// A family is a value: a name, a sentence on what it is for, and a function. The lane of a case
/// depends on the seed, the family, the format, the length and the number of the sample, and on
/// nothing else.
///
/// To add one: a value in a file of this folder, and a line in ``LogitFamily/all``.
public struct LogitFamily: Sendable {
  /// The description of the lane that a family is to make.
  public struct Request: Sendable {
    /// The format of the logits; they are rounded to it after they are made.
    public let format: FloatFormat
    /// The number of logits, at least 1.
    public let length: Int
    /// The number of the sample, from 0.
    public let sample: Int
  }

  /// The name on the command line and in results.
  public let name: String
  /// The purpose of the family, in one sentence.
  public let purpose: String
  /// Whether long lanes are worth their time: the family separates summations.
  public let goesLong: Bool
  /// Whether the family stands for what programs compute every day, and not for a place where
  /// arithmetic is hard.
  public let isOrdinary: Bool
  /// The lengths at which the family is itself; nil for those of every other family.
  package let ownLengths: [Int]?
  let appliesTo: @Sendable (FloatFormat) -> Bool
  let reach: @Sendable (FloatFormat, _ length: Int) -> Double
  let make: @Sendable (Request, inout CounterGenerator) -> [Double]

  /// The name of the family whose lengths go from 0 to 2^17 and past every power of two.
  public static let sweeping = "normal-4"

  /// A family.
  ///
  /// - Parameter reach: The largest finite magnitude that a logit can have in a format at a length.
  init(
    _ name: String, _ purpose: String, goesLong: Bool = false, isOrdinary: Bool = false,
    lengths ownLengths: [Int]? = nil,
    appliesTo: @escaping @Sendable (FloatFormat) -> Bool = { _ in true },
    reach: @escaping @Sendable (FloatFormat, _ length: Int) -> Double,
    make: @escaping @Sendable (Request, inout CounterGenerator) -> [Double]
  ) {
    self.name = name
    self.purpose = purpose
    self.goesLong = goesLong
    self.isOrdinary = isOrdinary
    self.ownLengths = ownLengths
    self.reach = reach
    self.appliesTo = appliesTo
    self.make = make
  }

  /// The families, in the order in which they are listed and reported.
  public static let all: [LogitFamily] =
    scattered + languageModels + attention + structured + edges + adversarial

  /// The lane of one case; where the format has no infinities, its largest numbers are in their
  /// place.
  public func lane<F: BinaryFloat>(
    seed: UInt64, length: Int, sample: Int, as format: F.Type = F.self
  ) -> [F] {
    guard length > 0 else { return [] }
    var generator = CounterGenerator(
      seed: seed, stream: "\(name)/\(F.format.rawValue)/\(length)/\(sample)")
    let request = Request(format: F.format, length: length, sample: sample)
    let lane = make(request, &generator)
    // A format without infinities takes its nearest number.
    return [F](rounding: F.format.hasInfinities ? lane : lane.map(F.format.nearest))
  }

  /// Whether the family has lanes for a format.
  public func applies(to format: FloatFormat) -> Bool { appliesTo(format) }

  /// Whether no finite logit of the family's lanes is larger in magnitude than a limit.
  public func staysWithin(_ limit: Double, as format: FloatFormat, length: Int) -> Bool {
    min(reach(format, length), format.greatestFinite) <= limit
  }
}

extension LogitFamily {
  /// A magnitude that no normal deviate of the generator has.
  ///
  /// The ratio of uniforms takes |x| up to sqrt(-4 ln u), and u is at least 2^-53.
  static let largestDeviate = 12.2
}

extension LogitFamily.Request {
  /// `length` independent values.
  func values(_ make: () -> Double) -> [Double] { (0..<length).map { _ in make() } }

  /// log of the largest finite number of the format.
  var logGreatest: Double { naturalLogarithm(format.greatestFinite) }
  /// log of the least normal number: where exp becomes subnormal.
  var logLeastNormal: Double { naturalLogarithm(format.leastNormal) }
  /// log of the least subnormal number: where exp vanishes.
  var logLeastSubnormal: Double { naturalLogarithm(format.leastSubnormal) }
}
