import AuditRecords
import AuditedOperations
import FloatFormats
import PropertyTesting

extension Law {
  /// A query has the same output alone as among others: decoding gives what prefilling gave.
  ///
  /// Catches maxima that are shared by the queries of a block, and code that is chosen by their
  /// number.
  static let queryAlone = Law(
    "query-alone", "A query has the same output, bit for bit, alone as among other queries.",
    grade: .consistency, tolerance: "none: the same bits",
    catches: [.nondeterminism, .axes], of: [.attention],
    budget: Budget(random: 100, edges: 10), form: .tensor(AttentionCase.ranges + [0...63]),
    cases: { format in
      let cases = AttentionCases.cases(
        format, .init(queries: 2...8), sometimes: [.scale, .softcap, .causal, .sink])
      return Generator { source in
        var made = try cases.generate(from: &source)
        if made.rule.causal != nil { made.rule.causal = .bottomRight }
        made.arguments = [try source.integer(in: 0...63)]
        return made.lawCase
      }
    }
  ) { input, trial, notes in
    guard var made = trial.attention(input), made.queries > 1 else {
      return .inapplicable("there is no other query")
    }
    made.rule = made.rule.keeping([.scale, .softcap, .causal, .sink])
    // The last query sees all keys, alone as among others.
    if made.rule.causal != nil { made.rule.causal = .bottomRight }
    let query = made.rule.causal == nil ? made.arguments[0] % made.queries : made.queries - 1
    let alone = made.takingQuery(query)
    let rows = AttentionRows(made, in: trial.subject.input)
    let all = try trial.answer(to: made)
    let one = try trial.answer(to: alone)
    return trial.sameBits(
      all, one, rows,
      (0..<made.batch * made.heads).map { ($0 * made.queries + query, $0) }, "alone", &notes)
  }
}

extension Law {
  /// A head has the same output alone as among others, with keys of its own as with shared ones.
  ///
  /// Catches heads that read the keys of another, and batches that read those of the first.
  static let headsAlone = Law(
    "heads-alone", "A head of queries has the same output, bit for bit, with its keys alone.",
    grade: .consistency, tolerance: "none: the same bits",
    catches: [.axes, .memoryLayout], of: [.attention],
    budget: Budget(random: 100, edges: 10), form: .tensor(AttentionCase.ranges + [0...63]),
    cases: { format in
      let cases = AttentionCases.cases(format, sometimes: [.scale, .softcap, .causal, .mask])
      return Generator { source in
        var made = try cases.generate(from: &source)
        made.arguments = [try source.integer(in: 0...63)]
        return made.lawCase
      }
    }
  ) { input, trial, notes in
    guard var made = trial.attention(input), made.batch * made.heads > 1 else {
      return .inapplicable("there is no other head")
    }
    made.rule = made.rule.keeping([.scale, .softcap, .causal, .mask])
    let head = made.arguments[0] % (made.batch * made.heads)
    let alone = made.takingHead(head)
    let rows = AttentionRows(made, in: trial.subject.input)
    let all = try trial.answer(to: made)
    let one = try trial.answer(to: alone)
    return trial.sameBits(
      all, one, rows, (0..<made.queries).map { (head * made.queries + $0, $0) }, "alone", &notes)
  }
}

extension Law {
  /// The same call gives the same bits, with another call in between.
  static let attentionRepeats = Law(
    "attention-repeats", "The same queries, keys and values give the same bits again.",
    grade: .consistency, tolerance: "none: the same bits", catches: [.nondeterminism],
    of: [.attention], budget: Budget(random: 40, edges: 6), form: .tensor(AttentionCase.ranges),
    cases: { AttentionCases.cases($0).lawCases }
  ) { input, trial, notes in
    guard let made = trial.attention(input) else { return .inapplicable(LawTrial.noAttention) }
    let rows = AttentionRows(made, in: trial.subject.input)
    let before = try trial.answer(to: made)
    var other = made
    other.query = made.query.map { -$0 }
    other.value = made.value.map { 2 - $0 }
    _ = try trial.answer(to: other)
    let after = try trial.answer(to: made)
    return trial.sameBits(
      before, after, rows, (0..<rows.count).map { ($0, $0) }, "in a later call", &notes)
  }
}
