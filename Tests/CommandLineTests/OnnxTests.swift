import AuditedOperations
import FloatFormats
import Foundation
import Testing

@testable import AuditRecords

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
  /// Makes models: `name opset rank axis`, axis `none` for the default; `spelled` has no node
  /// Softmax.
  static let maker = """
    import sys
    from onnx import TensorProto, helper, save

    def model(path, opset, rank, nodes, inputs=1, constants=()):
        shape = rank if isinstance(rank, list) else [None] * rank
        graph = helper.make_graph(
            nodes, "g",
            [helper.make_tensor_value_info("xw"[k], TensorProto.FLOAT, shape) for k in range(inputs)],
            [helper.make_tensor_value_info("y", TensorProto.FLOAT, shape)], initializer=constants)
        made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)])
        made.ir_version = 7
        save(made, path)

    folder = sys.argv[1]
    for name, opset, rank, axis in [
            ("new-last", 13, 3, None), ("new-first", 13, 2, 0), ("new-middle", 13, 3, 1),
            ("old-default", 11, 2, None), ("old-first", 11, 2, 0), ("old-flat", 11, 4, 2), ("vector", 13, 1, None)]:
        arguments = {} if axis is None else {"axis": axis}
        model(f"{folder}/{name}.onnx", opset, rank, [helper.make_node("Softmax", ["x"], ["y"], **arguments)])
    def quantised(path, nodes, first, last, kind):
        graph = helper.make_graph(
            nodes, "g", [helper.make_tensor_value_info("x", first, [None, None])],
            [helper.make_tensor_value_info("y", last, [None, None])], initializer=[
                helper.make_tensor("c", TensorProto.FLOAT, [], [0.1]), helper.make_tensor("z", kind, [], [5]),
                helper.make_tensor("d", TensorProto.FLOAT, [], [1 / 128]), helper.make_tensor("o", kind, [], [0])])
        made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)])
        made.ir_version = 7
        save(made, path)

    before = helper.make_node("DequantizeLinear", ["x", "c", "z"], ["f"])
    softmax = helper.make_node("Softmax", ["f"], ["p"])
    after = helper.make_node("QuantizeLinear", ["p", "d", "o"], ["y"])
    byte = TensorProto.UINT8
    quantised(f"{folder}/bytes.onnx", [before, softmax, after], byte, byte, byte)
    quantised(
        f"{folder}/to-floats.onnx", [before, helper.make_node("LogSoftmax", ["f"], ["y"])], byte, TensorProto.FLOAT, byte)
    quantised(
        f"{folder}/relu.onnx", [before, helper.make_node("Relu", ["f"], ["g"]), helper.make_node("Softmax", ["g"], ["p"]), after],
        byte, byte, byte)
    model(f"{folder}/logits.onnx", 13, 2, [
        helper.make_node("Relu", ["x"], ["z"]), helper.make_node("Softmax", ["z"], ["y"])])
    model(f"{folder}/two.onnx", 13, 2, [helper.make_node("Add", ["x", "w"], ["y"])], inputs=2)
    model(f"{folder}/fixed.onnx", 13, [3, 10], [helper.make_node("Softmax", ["x"], ["y"])])
    model(f"{folder}/nchw.onnx", 11, [None, 3, None, None], [helper.make_node("Softmax", ["x"], ["y"], axis=1)])
    model(f"{folder}/nchw345.onnx", 11, [None, 3, 4, 5], [helper.make_node("Softmax", ["x"], ["y"], axis=1)])
    model(f"{folder}/chain.onnx", 13, 2, [
        helper.make_node("Softmax", ["x"], ["z"], name="first"), helper.make_node("Softmax", ["z"], ["y"])])
    model(f"{folder}/scaled.onnx", 13, 2, [
        helper.make_node("Mul", ["x", "c"], ["z"]), helper.make_node("Softmax", ["z"], ["y"], name="weights")],
        constants=[helper.make_tensor("c", TensorProto.FLOAT, [], [0.125])])
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
      #expect(rows.allSatisfy { $0.inputFormat == .float32 })
    }
  }

  @Test("A quantised model says itself what its integers mean, and is measured in steps")
  func quantised() async throws {
    let folder = try await models()
    let file = folder.path("results.json")
    let words = ["--json", file, "--quiet"]
    // 128 steps make 1: nothing saturates, and no version of the runtime wraps.
    let bytes = try await run(["audit", "--onnx", folder.path("bytes.onnx")] + words)
    #expect(bytes.status == 0, "\(bytes.notes)")
    let rows = try results(in: file).accuracy
    #expect(rows.allSatisfy { $0.formatPair == "uint8" && $0.maxSteps != nil } && rows.count > 5)
    let logits = try #require(rows.first?.parameters?.quantised?["logits"])
    #expect(logits.scale == Double(Float(0.1)) && logits.zeroPoint == 5 && logits.type == .uint8)
    let floats = try await run(["audit", "--onnx", folder.path("to-floats.onnx")] + words)
    #expect(floats.status == 0, "\(floats.notes)")
    let others = try results(in: file).accuracy
    #expect(
      others.allSatisfy {
        $0.formatPair == "uint8 to float32" && $0.operation == .logSoftmax && $0.maxScaled != nil
      })
    let relu = try await run(["audit", "--onnx", folder.path("relu.onnx")] + words)
    #expect(relu.status == 2 && relu.notes.contains("Relu"), "\(relu.notes)")
    let check = try await run(["check", "--onnx", folder.path("bytes.onnx")])
    #expect(check.status == 64 && check.notes.contains("audit measures it"), "\(check.notes)")
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

  @Test("A model of fixed shape gets its lanes in calls of that shape")
  func fixedShape() async throws {
    let folder = try await models()
    let file = folder.path("results.json")
    // Seven lanes, where it has room for three.
    let outcome = try await run([
      "audit", "--onnx", folder.path("fixed.onnx"), "--length", "10", "--samples", "7", "--family",
      "normal-4", "--max-ulp", "64", "--json", file,
    ])
    #expect(outcome.status == 0, "\(outcome.notes)")
    #expect(outcome.notes.contains("its shape is (3, 10)"), "\(outcome.notes)")
    let row = try #require(try results(in: file).accuracy.first)
    #expect(row.lanes == 7 && row.mismatches == 0 && row.failure == nil)
  }

  @Test("A node of a larger model is audited alone, under the name of both")
  func node() async throws {
    let folder = try await models()
    let file = folder.path("results.json")
    for node in ["chain.onnx#y", "chain.onnx#first", "scaled.onnx#weights", "logits.onnx#y"] {
      let outcome = try await run([
        "audit", "--onnx", folder.path(node), "--length", "33", "--family", "normal-4", "--max-ulp",
        "64", "--json", file,
      ])
      #expect(outcome.status == 0, "\(outcome.notes)")
      #expect(
        try results(in: file).accuracy.map(\.implementation)
          == [node.replacingOccurrences(of: ".onnx", with: "")])
    }
  }

  @Test(
    "A tensor of the model's own shape is run as it is: opset 11 adds over all that follows its axis"
  )
  func ownShape() async throws {
    let folder = try await models()
    let file = folder.path("results.json")
    // Equal logits: 1/3 along the axis, 1/12 over all dimensions from it on.
    let logits = try folder.array(
      "x.npy", Array(repeating: 1, count: 24), shape: [2, 3, 2, 2])
    let outcome = try await run([
      "audit", "--onnx", folder.path("nchw.onnx"), "--logits", logits, "--axis", "1", "--max-ulp",
      "64", "--json", file,
    ])
    #expect(outcome.status == 1)
    #expect(
      outcome.notes.contains(
        "opset 11: it adds over all dimensions from axis 1 on; on a tensor of rank 4 that is no softmax along axis 1"
      ), "\(outcome.notes)")
    let worst = try #require(try results(in: file).accuracy.first?.worst)
    // The float32 number nearest to 1/12.
    #expect(worst.computed == "0x1.555556p-4")
  }

  @Test("A tensor of the model's own shape is run where its lanes are shorter than those it takes")
  func fixedOwnShape() async throws {
    let folder = try await models()
    // Equal logits: 1/3 along the axis, 1/60 over all dimensions from it on.
    let logits = try folder.array(
      "x.npy", Array(repeating: 1, count: 120), shape: [2, 3, 4, 5])
    let file = folder.path("results.json")
    let outcome = try await run([
      "audit", "--onnx", folder.path("nchw345.onnx"), "--logits", logits, "--axis", "1", "--json",
      file,
    ])
    #expect(outcome.status == 1, "\(outcome.notes)")
    let row = try #require(try results(in: file).accuracy.first)
    #expect(row.shape == [2, 3, 4, 5] && row.elements == 120)
    // The float32 number nearest to 1/60.
    #expect(row.worst?.computed == "0x1.111112p-6")
    let other = try folder.array("z.npy", Array(repeating: 1, count: 24), shape: [2, 3, 4])
    let refused = try await run([
      "audit", "--onnx", folder.path("nchw345.onnx"), "--logits", other, "--axis", "1",
    ])
    #expect(refused.status == 2)
    #expect(refused.notes.contains("made for none of these lanes"), "\(refused.notes)")
  }

  @Test("Laws are checked on lanes of the one length that a model takes")
  func lawsOfFixedShape() async throws {
    let folder = try await models()
    let outcome = try await run([
      "check", "--onnx", folder.path("fixed.onnx"), "--law", "equal-logits", "--law",
      "special-lanes", "--law", "permutation", "--effort", "0.2",
    ])
    #expect(outcome.status == 0, "\(outcome.notes)")
    #expect(outcome.output.contains("3 kept, 0 broken"), "\(outcome.output)")
  }

  @Test("A model that is no softmax of its one input is status 2 with the reason")
  func refusals() async throws {
    let folder = try await models()
    let garbage = try folder.file("garbage.onnx", Data("garbage".utf8))
    for (path, words) in [
      (
        folder.path("logits.onnx"),
        "it also has Relu; audit the softmax alone as \(folder.path("logits.onnx"))#y"
      ),
      (folder.path("two.onnx"), "it has 2 inputs (x, w) and 1 outputs; one of each is needed"),
      (
        folder.path("chain.onnx"),
        "2 nodes Softmax; name one, of \(folder.path("chain.onnx"))#first, "
      ),
      (
        folder.path("chain.onnx") + "#third", "it has no node Softmax of the name third; there are "
      ),
      (folder.path("scaled.onnx"), "its logits are its input times 0.125 (a node Mul); audit"),
      (garbage, "garbage.onnx cannot be loaded: "),
      (folder.path("missing.onnx"), "missing.onnx; check the path"),
    ] {
      let outcome = try await run(["audit", "--onnx", path])
      #expect(outcome.status == 2)
      #expect(outcome.notes.contains(words), "\(outcome.notes)")
    }
  }
}
