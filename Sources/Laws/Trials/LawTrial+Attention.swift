import AuditedOperations
import Basics
import ErrorMeasurement
import FloatFormats
import Oracle
import PropertyTesting

/// The parts that laws of attention share.
extension LawTrial {
  /// The answer to a case of attention, in binary64 numbers.
  struct AttentionAnswer {
    /// Row-major.
    var outputs: [Double]
    /// One for each row; `nil` where the implementation gives none.
    var logSumExp: LogSumExpOutput?
  }

  /// The reason for which a law says nothing of a case that is none of attention.
  static let noAttention = "it is no case of attention"

  /// The case with what the implementation offers of its modifiers, and with what a person asked
  /// for; `nil` where it is none of attention.
  func attention(_ input: LawCase) -> AttentionCase? {
    guard var made = AttentionCase(input) else { return nil }
    made.rule.given = subject.givenModifiers
    made.rule = made.rule.keeping(subject.modifiers)
    return made
  }

  /// The answer of the implementation to a case.
  func answer(to input: AttentionCase) throws -> AttentionAnswer {
    let answer = try makeCall(input.lawCase, AttentionWork(trial: self, input: input))
    keep(answer.outputs)
    return answer
  }

  private struct AttentionWork: FormatPairWork {
    let trial: LawTrial
    let input: AttentionCase

    func run<F: BinaryFloat, G: BinaryFloat>(
      _ format: F.Type, _ output: G.Type
    ) throws -> AttentionAnswer {
      let answer: SoftmaxAnswer<G>
      do {
        answer = try trial.instance.answer(
          to: input.inputs(as: F.self), laidOut: .rowMajor, as: output)
      } catch let error as UserError
        where error.kind == .notMeasured && !input.rule.kinds.isEmpty
      {
        // A modifier that is not offered is no finding.
        throw OutsideDomain()
      }
      let shape = input.shape
      guard answer.probabilities.geometry.shape == shape.output else {
        throw CallFailure(
          .rubbish,
          "the output has the shape \(answer.probabilities.geometry.shape), not \(shape.output)")
      }
      if let given = answer.logSumExp, given.numbers.count != shape.rowCount {
        throw CallFailure(
          .rubbish, "there are \(given.numbers.count) logsumexps of \(shape.rowCount) queries")
      }
      trial.note(answer.misconduct)
      return AttentionAnswer(
        outputs: answer.probabilities.elements.exactDoubles,
        logSumExp: answer.logSumExp)
    }
  }

  // MARK: Exact values

  /// The exact values of a row.
  ///
  /// - Parameter format: That of the logsumexp; nil for that of outputs.
  func values(
    of number: Int, _ rows: AttentionRows, _ part: AttentionPart = .output,
    in format: FloatFormat? = nil
  ) -> FilteredAttentionRow {
    let (row, planes) = rows.row(number)
    return FilteredAttentionRow(
      OperationLane(row, part), planes, in: format ?? subject.output, storedAs: subject.input,
      oracle: oracle)
  }

  /// The permitted distance of a row's outputs; `nil` where nothing is promised about it.
  func tolerance(
    of number: Int, _ rows: AttentionRows, _ part: AttentionPart = .output,
    in format: FloatFormat? = nil
  ) -> LaneTolerance? {
    AttentionTolerance(
      input: subject.input, output: format ?? subject.output, underflow: subject.underflow
    ).tolerance(of: AttentionLane(rows.row(number).row, part))
  }

  /// The permitted distances of all outputs; infinite for those of rows of which nothing is
  /// promised.
  func bounds(_ rows: AttentionRows) -> [Double] {
    (0..<rows.count).flatMap { number in
      tolerance(of: number, rows)?.bounds
        ?? Array(repeating: .infinity, count: rows.shape.valueDimension)
    }
  }

  // MARK: Judging

  /// Judges the outputs of every row that has a value.
  func judge(
    _ answer: AttentionAnswer, _ rows: AttentionRows, _ notes: inout Observations
  ) -> LawOutcome {
    judgeRows(rows) { judge(rows.outputs($0, of: answer.outputs), $0, .output, rows, &notes) }
  }

  /// Judges rows by something, and tells of the first that is broken.
  func judgeRows(_ rows: AttentionRows, _ judge: (Int) -> LawOutcome) -> LawOutcome {
    var judged = rows.count == 0
    var reason = Self.withoutBound
    for number in 0..<rows.count {
      let outcome = judge(number)
      switch outcome {
      case .broken: return outcome
      case .kept: judged = true
      case .inapplicable(let own): reason = own
      }
    }
    return judged ? .kept : .inapplicable(reason)
  }

  /// Judges the outputs of a row, or its logsumexp.
  ///
  /// - Parameter format: That of the logsumexp; nil for that of outputs.
  func judge(
    _ outputs: [Double], _ number: Int, _ part: AttentionPart, in format: FloatFormat? = nil,
    _ rows: AttentionRows, _ notes: inout Observations
  ) -> LawOutcome {
    let exact = values(of: number, rows, part, in: format)
    guard exact.special == nil else { return .inapplicable("its rows have no value") }
    guard let tolerance = tolerance(of: number, rows, part, in: format) else {
      return .inapplicable(Self.withoutBound)
    }
    var worst: (ratio: Double, index: Int) = (0, 0)
    for (index, y) in outputs.enumerated() {
      let value = exact.value(at: index)
      let name = part == .output ? "output \(index)" : "the logsumexp"
      switch OutputClass(y, against: value, of: subject.operation.output, in: exact.format) {
      case .rightInfinity: continue
      case .mismatch:
        notes.score(.greatestFiniteMagnitude)
        return .broken(
          Violation(
            "\(name) of \(rows.name(number)) is \(text(y)), exact is \(exactText(index, exact))",
            kind: y.isNaN ? "NaN" : y.isInfinite ? "infinite" : "nonzero"))
      case .measured: break
      }
      if value.isUndecided {
        leaveUndecided()
        continue
      }
      let error = UlpError(of: y, against: value).magnitudeUpperBound
        .scaled(byPowerOfTwo: Int(value.quantumExponent))
      let bound = tolerance.bound(at: index, output: y)
      let ratio = error == 0 ? 0 : error / bound
      if ratio > worst.ratio { worst = (ratio, index) }
    }
    notes.score(worst.ratio)
    guard worst.ratio > 1 else { return .kept }
    // What is so near to the bound is told by exact figures.
    var certified = BoundRatio()
    certified.compare(
      outputs, with: outputs.indices.map { tolerance.bound(at: $0, output: outputs[$0]) },
      reference: oracle.reference(of: exact.inputs, in: exact.format), lane: 0,
      figures: FigureCache(oracle: oracle))
    guard let ratio = certified.largest, let index = certified.index, ratio > 1 else {
      return .kept
    }
    let name = part == .output ? "output \(index)" : "the logsumexp"
    return .broken(
      Violation(
        "\(name) of \(rows.name(number)) is \(text(outputs[index])), exact is "
          + "\(exactText(index, exact)): off by \(ratioText(ratio)) times what is tolerated",
        kind: "error", severity: ratio))
  }

  private func exactText(_ index: Int, _ exact: FilteredAttentionRow) -> String {
    let value = exact.value(at: index)
    if value.width == 0, !value.isUndecided { return "\(value.approximate)" }
    return oracle.decimalText(slot: index, of: exact.inputs, digits: 20) ?? "undecided"
  }

  /// The exact value for every output of a case, in decimal; empty where some row has none.
  func expected(ofAttention input: LawCase, upTo most: Int) -> [String] {
    guard let made = attention(input) else { return [] }
    let rows = AttentionRows(made, in: subject.input)
    var texts: [String] = []
    for number in 0..<rows.count where texts.count < most {
      let exact = values(of: number, rows)
      guard exact.special == nil else { return [] }
      for index in 0..<exact.count where texts.count < most {
        // A digit costs a row of exponentials.
        texts.append(
          made.keys <= 64 && texts.count < 64
            ? exactText(index, exact) : "\(exact.value(at: index).approximate)")
      }
    }
    return texts
  }

  /// Judges whether rows have the same bits after a change, and their logsumexps where both have
  /// one.
  ///
  /// - Parameters:
  ///   - rows: The rows that are compared, by their number before and after.
  ///   - change: The change, for people to read.
  func sameBits(
    _ before: AttentionAnswer, _ after: AttentionAnswer, _ rows: AttentionRows,
    _ pairs: [(before: Int, after: Int)], _ change: String, _ notes: inout Observations
  ) -> LawOutcome {
    for pair in pairs {
      let name = rows.name(pair.before)
      let outputs = comparison(
        rows.outputs(pair.before, of: before.outputs), rows.outputs(pair.after, of: after.outputs),
        allowed: nil, change: change, changedOutputs: after.outputs,
        named: { "output \($0) of \(name)" }, &notes)
      if case .broken = outputs { return outputs }
      guard let one = before.logSumExp?.numbers[pair.before],
        let other = after.logSumExp?.numbers[pair.after]
      else { continue }
      let logSumExp = comparison(
        [one], [other], allowed: nil, change: change, changedOutputs: after.outputs,
        named: { _ in "the logsumexp of \(name)" }, &notes)
      if case .broken = logSumExp { return logSumExp }
    }
    return .kept
  }
}
