import Foundation
import SoftmaxAudit
import Testing

/// The Python that scripts/setup-libraries made, if it has onnxruntime and onnx.
private let onnxPython: String? = {
  let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()
  let folder = root.appendingPathComponent(".build/python/libraries")
  let packages =
    (try? FileManager.default.contentsOfDirectory(
      atPath: folder.appendingPathComponent("lib").path))?.first.map {
      folder.appendingPathComponent("lib/\($0)/site-packages").path
    }
  guard let packages,
    ["onnx", "onnxruntime"].allSatisfy({
      FileManager.default.fileExists(atPath: packages + "/" + $0)
    })
  else { return nil }
  return folder.appendingPathComponent("bin/python").path
}()

@Suite(
  "ONNX models",
  .enabled(if: onnxPython != nil, "no onnxruntime: run scripts/setup-libraries onnxruntime"))
struct OnnxTests {
  /// Makes models: `name opset rank axis`, axis `none` for the default; `spelled` has no node Softmax.
  static let maker = """
    import sys
    from onnx import TensorProto, helper, save

    def model(path, opset, rank, nodes, inputs=1):
        shape = [None] * rank
        graph = helper.make_graph(
            nodes, "g",
            [helper.make_tensor_value_info("xw"[k], TensorProto.FLOAT, shape) for k in range(inputs)],
            [helper.make_tensor_value_info("y", TensorProto.FLOAT, shape)])
        made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)])
        made.ir_version = 7
        save(made, path)

    folder = sys.argv[1]
    for name, opset, rank, axis in [
            ("new-last", 13, 3, None), ("new-first", 13, 2, 0), ("new-middle", 13, 3, 1),
            ("old-default", 11, 2, None), ("old-first", 11, 2, 0), ("old-flat", 11, 4, 2), ("vector", 13, 1, None)]:
        arguments = {} if axis is None else {"axis": axis}
        model(f"{folder}/{name}.onnx", opset, rank, [helper.make_node("Softmax", ["x"], ["y"], **arguments)])
    model(f"{folder}/logits.onnx", 13, 2, [
        helper.make_node("Relu", ["x"], ["z"]), helper.make_node("Softmax", ["z"], ["y"])])
    model(f"{folder}/two.onnx", 13, 2, [helper.make_node("Add", ["x", "w"], ["y"])], inputs=2)
    model(f"{folder}/spelled.onnx", 13, 2, [
        helper.make_node("Exp", ["x"], ["e"]),
        helper.make_node("ReduceSum", ["e"], ["s"], keepdims=1),
        helper.make_node("Div", ["e", "s"], ["y"])])
    """

  private func models() async throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    let script = try folder.file("make.py", Data(Self.maker.utf8))
    let made = try await run(program: onnxPython ?? "", [script, folder.url.path])
    try #require(made.status == 0, "\(made.notes)")
    return folder
  }

  @Test("Whatever its axis and operator set, the lanes get to a model as it takes them")
  func axes() async throws {
    let folder = try await models()
    for name in [
      "new-last", "new-first", "new-middle", "old-default", "old-first", "old-flat", "vector",
    ] {
      let file = folder.path("results.json")
      let outcome = try await run([
        "audit", "--onnx", folder.path(name + ".onnx"), "--length", "7", "--length", "33",
        "--samples",
        "4", "--family", "normal-4", "--json", file, "--max-ulp", "64",
      ])
      #expect(outcome.status == 0, "\(name): \(outcome.notes)")
      let rows = try results(in: file).accuracy
      #expect(rows.count == 2 && rows.allSatisfy { $0.implementation == name })
      #expect(rows.allSatisfy { $0.inputFormat == "float32" })
    }
  }

  @Test("A model that spells its softmax out is measured along its last axis")
  func spelledOut() async throws {
    let folder = try await models()
    let file = folder.path("results.json")
    // It sums over everything: right for one lane, wrong for two.
    let words = [
      "audit", "--onnx", folder.path("spelled.onnx"), "--length", "9", "--family", "normal-1",
      "--max-ulp", "64", "--json", file,
    ]
    #expect(try await run(words + ["--samples", "1"]).status == 0)
    #expect(try await run(words + ["--samples", "2"]).status == 1)
  }

  @Test("A model that is no softmax of its one input is status 2 with the reason")
  func refusals() async throws {
    let folder = try await models()
    let garbage = try folder.file("garbage.onnx", Data("garbage".utf8))
    for (path, words) in [
      (folder.path("logits.onnx"), "its logits are not its input: it also has Relu"),
      (folder.path("two.onnx"), "it has 2 inputs and 1 outputs; one of each is needed"),
      (garbage, "garbage.onnx cannot be loaded: "),
      (folder.path("missing.onnx"), "missing.onnx; check the path"),
    ] {
      let outcome = try await run(["audit", "--onnx", path])
      #expect(outcome.status == 2)
      #expect(outcome.notes.contains(words), "\(outcome.notes)")
    }
  }
}
