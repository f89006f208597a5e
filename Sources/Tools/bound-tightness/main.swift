import AuditedOperations
import Basics
import Foundation

// How near the built-in variants come to their a-priori bounds: a bound that is exceeded is wrong,
// and one that nothing comes near is of little use.

let usage = "usage: bound-tightness [--operation NAME] [SEED]"
var arguments = Array(CommandLine.arguments.dropFirst())
var operations = AuditedOperation.all
if arguments.first == "--operation" {
  guard arguments.count >= 2, let named = AuditedOperation(named: arguments[1]),
    operations.contains(named)
  else { fail(usage, status: 64) }
  operations = [named]
  arguments.removeFirst(2)
}
guard let seed = arguments.first.map({ UInt64($0) }) ?? RunSeed.standard, arguments.count <= 1
else { fail(usage, status: 64) }

var findings: [String] = []
for operation in operations {
  findings +=
    operation == .softmax
    ? await reportSoftmax(seed: seed) : await reportOperation(operation, seed: seed)
}
for finding in findings { print("failed: \(finding)") }
exit(findings.isEmpty ? 0 : 1)
