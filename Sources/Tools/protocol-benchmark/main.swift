import AuditedOperations
import Basics
// What it costs to call a plug-in in a process of its own: the time of a call less what the plug-in
// itself took.
//
//     protocol-benchmark path/of/softmax-audit path/of/plugin.so
import ExternalImplementations
import FloatFormats

let arguments = CommandLine.arguments.dropFirst()
guard arguments.count == 2, let program = arguments.first, let library = arguments.last else {
  print("usage: protocol-benchmark path/of/softmax-audit path/of/plugin.so")
  throw UserError(.usage, "two paths are needed")
}
let plugin = try Plugin.isolated(
  name: nil, at: PluginPlace(path: library), program: program,
  limits: WorkerLimits(.plugin, seconds: nil))

for (lanes, length) in [(1, 10), (1, 1000), (64, 1000), (64, 32_768)] {
  let geometry = try LaneGeometry(shape: [lanes, length], axis: 1)
  let logits = Tensor(
    geometry: geometry, elements: (0..<geometry.elementCount).map { Float($0 % 17) })
  let clock = ContinuousClock()
  var overheads: [Double] = []
  for _ in 0..<200 {
    let start = clock.now
    let answer = try plugin.answer(to: logits, laidOut: .rowMajor, as: Float.self)
    let overhead = (clock.now - start) - (answer.duration ?? .zero)
    overheads.append(overhead / .nanoseconds(geometry.elementCount))
  }
  overheads.sort()
  print(
    "\(lanes) x \(length) float32: least \(overheads[0]), median \(overheads[overheads.count / 2]) ns per element"
  )
}
