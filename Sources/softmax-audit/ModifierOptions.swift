import ArgumentParser
import AuditedOperations
import Basics
import ExternalImplementations
import FloatFormats

/// The modifiers of the logits of a softmax, its logarithm and a logsumexp.
struct ModifierOptions: ParsableArguments {
  @Option(
    name: .long, parsing: .unconditional,
    help: ArgumentHelp(
      "Multiply the logits by this number first, as in 0.125 = 1 / sqrt(64).", valueName: "factor"))
  var scale: Double?

  @Option(
    name: .long, parsing: .unconditional,
    help: ArgumentHelp(
      "Then bound them by a soft cap k: k tanh(z / k).", valueName: "k"))
  var softcap: Double?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Then add a mask: the numbers of a file, repeated to the shape of the logits, or 'causal', with "
        + "queries along the axis before the last and keys along the last.",
      valueName: "causal|file"))
  var mask: String?

  @Option(
    name: .long, parsing: .unconditional,
    help: ArgumentHelp(
      "Then let a sink take its share: one more logit, neither scaled nor capped, without an output. A "
        + "number, or a file with one for each lane.", valueName: "value|file"))
  var sink: String?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Of a causal mask where there are not as many keys as queries: whether query i sees keys up to i "
        + "(top-left), or the last query sees all (bottom-right, the default).",
      valueName: "alignment"))
  var causalAlignment: CausalAlignment?

  /// Whether none was given.
  var isEmpty: Bool {
    scale == nil && softcap == nil && mask == nil && sink == nil && causalAlignment == nil
  }

  /// The name of a mask that hides later keys.
  static let causalMask = "causal"

  private var isCausal: Bool { mask == Self.causalMask }
  /// The file of a mask; `nil` where there is none.
  private var maskFile: String? { isCausal ? nil : mask }
  /// The sink, where it is a number.
  var sinkNumber: Double? { sink.flatMap { Double(text: $0) } }
  /// The file of sinks; `nil` where there is none.
  private var sinkFile: String? { sinkNumber == nil ? sink : nil }

  /// The files, for those that must not be written to.
  var namedFiles: [String] { [maskFile, sinkFile].compactMap { $0 } }

  /// The words that give the same modifiers again.
  var words: [String] {
    var words: [String] = []
    if let scale { words += ["--scale", "\(scale)"] }
    if let softcap { words += ["--softcap", "\(softcap)"] }
    if let mask { words += ["--mask", mask] }
    if let sink { words += ["--sink", sink] }
    if let causalAlignment { words += ["--causal-alignment", causalAlignment.rawValue] }
    return words
  }

  /// Adds the modifiers that an operation does not have, and numbers that are out of their range.
  func check(for operation: AuditedOperation, _ mistakes: inout Mistakes) {
    let given: [(name: String, isGiven: Bool)] = [
      ("--scale", scale != nil), ("--softcap", softcap != nil), ("--mask", mask != nil),
      ("--sink", sink != nil), ("--causal-alignment", causalAlignment != nil),
    ]
    if !operation.takesModifiers {
      for option in given where option.isGiven {
        mistakes.add(.usage, "\(operation.name) has no \(option.name); leave it out")
      }
      return
    }
    do throws(UserError) {
      try LogitModifiers.check(scale: scale, softcap: softcap)
    } catch {
      mistakes.add(error.kind, error.message)
    }
    if causalAlignment != nil, !isCausal {
      mistakes.add(.usage, "--causal-alignment belongs to --mask causal; there is none")
    }
    if let sinkNumber, sinkNumber.isNaN {
      mistakes.add(.usage, "--sink \(sink ?? ""): use a number, -inf for no sink, or a file")
    }
  }

  /// The modifiers for a tensor of logits, with notes about what was rounded or taken for granted.
  ///
  /// - Throws: ``UserError`` where files hold something else or do not fit, and where there are no
  ///   queries for a causal mask.
  func modifiers(
    of geometry: LaneGeometry, in format: FloatFormat, quietly: Bool = false
  ) throws -> LogitModifiers {
    guard !isEmpty else { return .none }
    func note(_ text: String) { if !quietly { Console.note("note: \(text)") } }
    var modifiers = LogitModifiers(scale: scale, softcap: softcap)
    if isCausal {
      modifiers.causal = causalAlignment ?? .bottomRight
      try modifiers.check(geometry)
      let queries = modifiers.queries(in: geometry)
      if causalAlignment == nil, queries != geometry.length {
        note(
          "\(queries) queries and \(geometry.length) keys: the last query sees all keys (--causal-alignment bottom-right)"
        )
      }
    }
    if let maskFile {
      modifiers.mask = try numbers(in: maskFile, repeatedTo: geometry.shape, format, "the mask")
    }
    if let sinkNumber {
      let own = format.rounded(sinkNumber)
      if own != sinkNumber {
        note("--sink \(sink ?? "") is rounded to \(format.rawValue): \(own.hexText)")
      }
      modifiers.sink = Array(repeating: own, count: geometry.laneCount)
    } else if let sinkFile {
      var shape = geometry.shape
      shape.remove(at: geometry.axis)
      modifiers.sink = try numbers(in: sinkFile, repeatedTo: shape, format, "the sink")
    }
    try modifiers.check(geometry)
    return modifiers
  }

  /// The numbers of a file, repeated to a shape.
  private func numbers(
    in file: String, repeatedTo shape: [Int], _ format: FloatFormat, _ name: String
  ) throws -> [Double] {
    let integers: FloatFormat? = format.isNarrow ? format : nil
    let tensor = try SavedTensor.read(file, integersAre: integers)
    let numbers = try tensor.numbers()
    if let other = numbers.first(where: { !$0.isNaN && !format.holds($0) }) {
      throw UserError(
        .malformedInput,
        "\(file) holds \(other), which is no \(format.rawValue) number; save it in the format of the logits"
      )
    }
    // A lane's own axis may be there with length 1.
    var own = tensor.shape
    if own.count == shape.count + 1, let place = own.lastIndex(of: 1), name == "the sink" {
      own.remove(at: place)
    }
    return try Broadcast.elements(numbers, of: own, to: shape, name: "\(name) \(file)")
  }
}

extension CausalAlignment: ExpressibleByArgument {}
