import AuditedOperations
import Basics
import FloatFormats
import SoftmaxVariants

extension Policy {
  /// The input formats that rules speak of; all where one leaves them open.
  package var formats: [FloatFormat] {
    let named = rules.map(\.selector.formats)
    return FloatFormat.everyOne.filter { format in
      named.contains { $0.contains(format) }
        || FloatFormat.allCases.contains(format)
          && (named.isEmpty || named.contains { $0.isEmpty })
    }
  }

  /// The built-in implementations that rules judge.
  ///
  /// - Parameters:
  ///   - operations: The operations that are asked about.
  ///   - usual: The operation of rules that mention none.
  ///   - outsiders: The names of the implementations that were asked for; `nil` where none was. A
  ///     pattern that is the name of one of them needs no built-in one.
  package func builtIns(
    of operations: [AuditedOperation], usually usual: AuditedOperation,
    beside outsiders: [String]?
  ) -> [BuiltInImplementation] {
    operations.flatMap { BuiltInImplementation.all(of: $0) }.filter { builtIn in
      rules.contains { rule in
        let isOfOperation =
          rule.selector.operations.isEmpty
          ? builtIn.operation == usual
          : rule.selector.operations.contains { Glob.matches(builtIn.operation.name, $0) }
        guard rule.judges, isOfOperation,
          rule.selector.formats.isEmpty
            || builtIn.formats.contains(where: rule.selector.formats.contains)
        else { return false }
        let patterns = rule.selector.implementations
        guard !patterns.isEmpty else { return outsiders == nil }
        return patterns.contains { pattern in
          PolicySelector.names(pattern, builtIn.name)
            && !(outsiders ?? []).contains { PolicySelector.names(pattern, $0) }
        }
      }
    }
  }
}
