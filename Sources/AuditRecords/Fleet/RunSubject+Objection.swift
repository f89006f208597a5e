import Basics

extension RunSubject {
  /// Makes sure that a machine would do parts of this run.
  ///
  /// - Parameters:
  ///   - here: The subject of the same command line on the machine.
  ///   - plan: The name of the file that this subject comes from.
  /// - Throws: ``UserError`` of kind `malformedInput` where the program is of another version than
  ///   the file, of kind `notMeasured` where the machine would measure something else.
  package func expectSame(_ here: RunSubject, in plan: String) throws(UserError) {
    try expectSameProgram(here.tool, in: plan)
    func refuse(_ reason: String) -> UserError {
      UserError(.notMeasured, "\(plan) cannot be followed here: \(reason)")
    }
    guard library == here.library else {
      throw refuse(
        "the library of the oracle is \(here.library), that of the plan is \(library)")
    }
    if let lost = here.notMeasured.first(where: { !notMeasured.contains($0) }) {
      throw refuse(lost)
    }
    if let found = notMeasured.first(where: { !here.notMeasured.contains($0) }) {
      throw refuse(
        "what could not be measured when it was planned can be now (\(found)); plan again")
    }
    if let reason = changedImplementation(here) { throw refuse(reason) }
    guard digest == here.digest, parts == here.parts, seed == here.seed, domain == here.domain
    else {
      throw refuse(
        "the files that the command reads, or the lanes and laws that it comes to, are others than when it was planned"
      )
    }
    let changed = answers.sorted { $0.key < $1.key }.first { here.answers[$0.key] != $0.value }
    if let changed {
      throw refuse(
        "\(changed.key) gives other outputs on this processor, or with these libraries, than where it was planned"
      )
    }
  }

  /// Makes sure that the program is the one that made the file of this subject.
  ///
  /// - Throws: ``UserError`` of kind `malformedInput`.
  package func expectSameProgram(
    _ program: AuditResults.Tool, in plan: String
  ) throws(UserError) {
    guard tool == program else {
      throw UserError(
        .malformedInput,
        "\(plan) was made by version \(tool.version); this is \(program.version): plan again, or use that version"
      )
    }
  }

  /// A sentence about an implementation that is another one on a machine.
  private func changedImplementation(_ here: RunSubject) -> String? {
    let names = Set(implementations.keys).union(here.implementations.keys)
    for name in names.sorted() {
      guard let own = implementations[name], let other = here.implementations[name] else {
        return "\(name) is there only here, or only where it was planned"
      }
      for key in Set(own.keys).union(other.keys).sorted() where own[key] != other[key] {
        let what = key == FileDigest.key ? "SHA-256" : key
        return
          "the \(what) of \(name) is \(other[key] ?? "not known"), that of the plan is \(own[key] ?? "not known")"
      }
    }
    return nil
  }
}
