/// A statement about every value of a generator, and a function that checks it for one.
package struct Property<Value: Sendable>: Sendable {
  package let name: String
  let generator: Generator<Value>
  let examples: [Value]
  let coverage: [CoverageRequirement]
  let work: @Sendable (Value) -> Int
  let check: @Sendable (Value, inout Observations) -> Verdict

  /// A property.
  ///
  /// - Parameters:
  ///   - name: the statement, under which failures are stored.
  ///   - generator: makes the values.
  ///   - examples: values to check before all generated ones.
  ///   - coverage: labels that a share of the random cases must carry.
  ///   - work: how much work it is to check a value, in the unit of
  ///     ``RunConfiguration/shrinkWork``.
  ///   - check: judges one value. It must depend on the value alone; that it does is checked for
  ///     failures.
  package init(
    _ name: String, for generator: Generator<Value>, examples: [Value] = [],
    coverage: [CoverageRequirement] = [], work: @escaping @Sendable (Value) -> Int = { _ in 0 },
    check: @escaping @Sendable (Value, inout Observations) -> Verdict
  ) {
    self.name = name
    self.generator = generator
    self.examples = examples
    self.coverage = coverage
    self.work = work
    self.check = check
  }
}
