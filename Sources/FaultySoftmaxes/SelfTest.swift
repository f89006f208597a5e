import AuditRecords
import AuditedOperations
import Basics
import FloatFormats
import Laws

/// The laws on trial: whether they notice every fault, and leave what is sound alone.
///
/// After mutation testing: R. A. DeMillo, R. J. Lipton and F. G. Sayward, "Hints on test data
/// selection: help for the practicing programmer", Computer 11(4), 1978. The faults are written by
/// hand after real ones.
package struct SelfTest: Sendable {
  package var laws: [Law]
  package var seed: UInt64
  package var effort: Double
  package var threads: Int
  package var faulty: [FaultySoftmax]
  package var sound: [SoundSoftmax]
  /// Whether each of them is tried in every format that it is offered for; else in one, formats
  /// taking turns.
  package var usesEveryFormat: Bool

  package init(
    laws: [Law] = Law.all, seed: UInt64 = RunSeed.standard, effort: Double = 1,
    threads: Int = 1, faulty: [FaultySoftmax] = FaultySoftmax.all,
    sound: [SoundSoftmax] = SoundSoftmax.all, usesEveryFormat: Bool = false
  ) {
    self.laws = laws
    self.seed = seed
    self.effort = effort
    self.threads = threads
    self.faulty = faulty
    self.sound = sound
    self.usesEveryFormat = usesEveryFormat
  }

  /// The number of logits of a case that faults and formats are first tried up to.
  ///
  /// Cases of millions of logits are most of the work of some laws, and few faults need them.
  static let largestCase = 1 << 18

  /// The operations that there is something to try of.
  private var operations: [AuditedOperation] {
    AuditedOperation.everyOne.filter { operation in
      faulty.contains { $0.operation == operation } || sound.contains { $0.operation == operation }
    }
  }

  /// Checks the laws of each operation on all implementations of it.
  package func run(
    progress: @escaping @Sendable (_ done: Int, _ total: Int) -> Void = { _, _ in }
  ) async throws -> KillMatrix {
    let operations = operations
    var whole = KillMatrix(laws: laws.map(\.name), faulty: [], sound: [])
    var lawsOfEach: [KillMatrix.OperationLaws] = []
    for (number, operation) in operations.enumerated() {
      var part = self
      part.laws = laws.filter { $0.operations.contains(operation) }
      part.faulty = faulty.filter { $0.operation == operation }
      part.sound = sound.filter { $0.operation == operation }
      let matrix = try await part.runAlone(operation) { done, total in
        progress(number * total + done, operations.count * total)
      }
      whole.faulty += matrix.faulty
      whole.sound += matrix.sound
      lawsOfEach.append(.init(operation: operation, laws: matrix.laws))
    }
    if operations == [.softmax] {
      whole.laws = lawsOfEach[0].laws
    } else {
      whole.operations = lawsOfEach
    }
    return whole
  }

  /// Checks all laws on all of them, which compute one operation.
  ///
  /// Faults are tried on cases of moderate size first; what no law catches there, on all others
  /// too. Sound ones are tried on all cases where each has one format, and on those of moderate
  /// size where it has every one.
  private func runAlone(
    _ operation: AuditedOperation,
    progress: @escaping @Sendable (_ done: Int, _ total: Int) -> Void
  ) async throws -> KillMatrix {
    let classes = Dictionary(
      faulty.map { ($0.name, $0.bugClass.code) }, uniquingKeysWith: { first, _ in first })
    var faultyEntries: [String: [KillMatrix.Entry]] = [:]
    var soundEntries: [KillMatrix.Entry] = []
    for (step, format) in FloatFormat.allCases.enumerated() {
      let chosen = faulty.taking(turns: !usesEveryFormat, in: format)
      let unharmed = sound.taking(turns: !usesEveryFormat, in: format)
      let steps = FloatFormat.allCases.count
      func check(
        _ implementations: [any SoftmaxImplementation], upTo largest: Int?, from part: Int
      ) async throws -> [PropertyRow] {
        var plan = CheckPlan(
          implementations: implementations, formats: [format], laws: laws, seed: seed,
          effort: effort, threads: threads)
        plan.stopsAtFirstFailure = true
        plan.largestCase = largest
        return try await Check(plan).run { done, total in
          progress(step * 100 + part + done * 40 / max(total, 1), steps * 100)
        }
      }
      var rows = try await check(
        chosen + (usesEveryFormat ? unharmed : []), upTo: Self.largestCase, from: 0)
      let caught = Set(rows.filter { $0.verdict == .failed }.map(\.implementation))
      let missed = chosen.filter { !caught.contains($0.name) }
      let names = Set(missed.map(\.name))
      rows.removeAll { names.contains($0.implementation) }
      rows += try await check(missed + (usesEveryFormat ? [] : unharmed), upTo: nil, from: 50)
      for (name, group) in Dictionary(grouping: rows, by: \.implementation) {
        let entry = KillMatrix.Entry(
          implementation: name, operation: operation == .softmax ? nil : operation,
          format: format, bugClass: classes[name],
          broken: laws.map(\.name).filter { law in
            group.contains { $0.law == law && $0.verdict == .failed }
          },
          notMeasured: group.filter { $0.verdict == .notMeasured || $0.verdict == .undecided }
            .map { "\($0.law): \($0.reason ?? "")" })
        if classes[name] != nil {
          faultyEntries[name, default: []].append(entry)
        } else {
          soundEntries.append(entry)
        }
      }
    }
    let order = Dictionary(
      sound.enumerated().map { ($0.element.name, $0.offset) },
      uniquingKeysWith: { first, _ in first })
    return KillMatrix(
      laws: laws.map(\.name), faulty: faulty.flatMap { faultyEntries[$0.name] ?? [] },
      sound: soundEntries.sorted {
        let (a, b) = (order[$0.implementation] ?? 0, order[$1.implementation] ?? 0)
        return a != b ? a < b : $0.format.rawValue < $1.format.rawValue
      })
  }
}

extension Array where Element: SoftmaxImplementation {
  /// Those that are tried in a format.
  ///
  /// - Parameter takesTurns: Whether each is tried in one of its formats, the formats taking turns;
  ///   else in all of them.
  func taking(turns takesTurns: Bool, in format: FloatFormat) -> [Element] {
    enumerated().filter { place, one in
      guard one.formats.contains(format) else { return false }
      return !takesTurns || one.formats[place % one.formats.count] == format
    }.map(\.element)
  }
}
