import AuditRecords
import AuditedOperations
import ErrorMeasurement
import FloatFormats
import Oracle
import PropertyTesting

extension Law {
  /// The order of the keys, with their values, changes no output beyond roundings.
  ///
  /// Catches keys at the end of a block or of the row that are left out or counted twice.
  static let keysPermuted = Law(
    "keys-permuted", "Keys and values permuted together leave every output where it was.",
    grade: .required, tolerance: "twice the bound of the row",
    catches: [.tails, .indexWidth, .formula], of: [.attention],
    budget: Budget(random: 100, edges: 10), form: .tensor(AttentionCase.ranges + [1...0xFFFF]),
    cases: { format in
      let cases = AttentionCases.cases(format, sometimes: [.scale, .softcap, .sink])
      return Generator { source in
        var made = try cases.generate(from: &source)
        made.arguments = [try source.integer(in: 1...0xFFFF)]
        return made.lawCase
      }
    }
  ) { input, trial, notes in
    guard var made = trial.attention(input) else { return .inapplicable(LawTrial.noAttention) }
    made.rule = made.rule.keeping([.scale, .softcap, .sink])
    var random = CounterGenerator(seed: UInt64(made.arguments[0]), stream: "keys")
    var order = Array(0..<made.keys)
    for place in order.indices.reversed() {
      order.swapAt(place, random.integer(0...place))
    }
    let permuted = made.takingKeys(order)
    let rows = AttentionRows(made, in: trial.subject.input)
    let before = try trial.answer(to: made)
    let after = try trial.answer(to: permuted)
    return trial.comparison(
      before.outputs, after.outputs, allowed: trial.bounds(rows).map { 2 * $0 },
      change: "after keys and values were permuted", changedOutputs: after.outputs, &notes)
  }
}

extension Law {
  /// Keys that no query sees do not matter, NaN in them included.
  ///
  /// Catches masks that are added to NaN, weights of 0 that are multiplied with a NaN or an
  /// infinity in a value, and maxima that hidden keys take part in.
  static let hiddenKeys = Law(
    "hidden-keys",
    "Whatever stands in keys and values that a mask hides, no bit of an output changes.",
    grade: .required, tolerance: "none: the same bits",
    catches: [.specialValues, .formula], of: [.attention],
    budget: Budget(random: 100, edges: 12), form: .tensor(AttentionCase.ranges + [0...5]),
    modifiers: [.mask],
    cases: { format in
      let cases = AttentionCases.cases(
        format, .init(keys: 2...150), always: [.mask], sometimes: [.scale, .softcap, .sink])
      return Generator { source in
        var made = try cases.generate(from: &source)
        made.rule.mask = .padding
        made.arguments = [try source.integer(in: 0...5)]
        return made.lawCase
      }
    }
  ) { input, trial, notes in
    guard let made = trial.attention(input), made.rule.mask == .padding else {
      return .inapplicable(LawTrial.withoutModifiers)
    }
    let rows = AttentionRows(made, in: trial.subject.input)
    guard rows.count > 0 else { return .inapplicable("there is no query") }
    let hidden = rows.row(0).row
    let places = (0..<made.keys).filter { !hidden.sees($0) }
    guard !places.isEmpty else { return .inapplicable("no key is hidden") }
    let (key, value): (Double, Double) =
      [
        (0, .nan), (.nan, .nan), (.infinity, 0), (0, -.infinity), (16, 16), (-16, 1000),
      ][made.arguments[0]]
    let changed = made.replacingKeys(places, key: key, value: value)
    let before = try trial.answer(to: made)
    let after = try trial.answer(to: changed)
    return trial.sameBits(
      before, after, rows, (0..<rows.count).map { ($0, $0) },
      "with \(key) in hidden keys and \(value) in their values", &notes)
  }
}

extension Law {
  /// With a causal mask the keys after those that a query sees do not matter, NaN included.
  ///
  /// Catches masks that are off by one, and those of the other alignment where there are not as
  /// many queries as keys.
  static let laterKeys = Law(
    "later-keys",
    "With a causal mask no bit of a query's output depends on the keys that come after its own.",
    grade: .required, tolerance: "none: the same bits",
    catches: [.axes, .formula, .specialValues], of: [.attention],
    budget: Budget(random: 100, edges: 12),
    form: .tensor(AttentionCase.ranges + [0...63, 0...2]), modifiers: [.causal],
    cases: { format in
      let cases = AttentionCases.cases(
        format, .init(queries: 1...8, keys: 2...70), always: [.causal],
        sometimes: [.scale, .softcap, .sink])
      return Generator { source in
        var made = try cases.generate(from: &source)
        made.arguments = [try source.integer(in: 0...63), try source.integer(in: 0...2)]
        return made.lawCase
      }
    }
  ) { input, trial, notes in
    guard let made = trial.attention(input), let causal = made.rule.causal else {
      return .inapplicable(LawTrial.withoutModifiers)
    }
    guard made.queries > 0 else { return .inapplicable("there is no query") }
    let query = made.arguments[0] % made.queries
    let seen = causal.seenKeys(of: query, queries: made.queries, keys: made.keys)
    guard seen < made.keys else { return .inapplicable("the query sees all keys") }
    let number: Double = [.nan, 12, -12][made.arguments[1]]
    let changed = made.replacingKeys(Array(seen..<made.keys), key: number, value: number)
    let rows = AttentionRows(made, in: trial.subject.input)
    let before = try trial.answer(to: made)
    let after = try trial.answer(to: changed)
    // The queries before it see no more than it does.
    let same = (0..<rows.count).filter { rows.shape.place(ofRow: $0).query <= query }
    return trial.sameBits(
      before, after, rows, same.map { ($0, $0) },
      "with \(number) in all keys from number \(seen) on", &notes)
  }
}

extension Law {
  /// A query that sees no key gives what the special-lane policy says, and harms no other.
  static let noKey = Law(
    "no-key",
    "A query that sees no key has the outputs that the special-lane policy says; other queries are as good as ever.",
    grade: .required, tolerance: "none for such queries; the others as for attention-error",
    catches: [.specialValues, .emptiness], of: [.attention],
    budget: Budget(random: 80, edges: 10), form: .tensor(AttentionCase.ranges),
    modifiers: [.causal],
    cases: { format in
      let cases = AttentionCases.cases(
        format, .init(queries: 2...7, keys: 1...5), always: [.causal],
        sometimes: [.scale, .softcap])
      return cases.map { made in
        var made = made
        // The first queries are before all keys.
        made.rule.causal = .bottomRight
        return made.lawCase
      }
    }
  ) { input, trial, notes in
    guard let made = trial.attention(input), made.rule.causal == .bottomRight else {
      return .inapplicable(LawTrial.withoutModifiers)
    }
    let rows = AttentionRows(made, in: trial.subject.input)
    let answer = try trial.answer(to: made)
    var isSpecial = false
    for number in 0..<rows.count {
      let outputs = rows.outputs(number, of: answer.outputs)
      let exact = trial.values(of: number, rows)
      guard let special = exact.special else {
        let outcome = trial.judge(outputs, number, .output, rows, &notes)
        if case .broken = outcome { return outcome }
        continue
      }
      isSpecial = true
      let policy = trial.subject.specialLanes
      let agreed = SpecialAgreement(of: exact, by: policy).count(outputs, special)
      if agreed < UInt64(outputs.count) {
        return .broken(
          Violation(
            "\(rows.name(number)) sees no key and has the output \(trial.text(outputs[0])), where the "
              + "policy \(policy.description) wants another", kind: "special"))
      }
    }
    return isSpecial ? .kept : .inapplicable("every query sees a key")
  }
}
