import AuditedOperations
import Foundation
import Testing

@testable import AuditRecords

@Suite("The verify command on saved tensors of any operation")
struct VerifyOperationTests {
  private func verify(_ operation: String, _ words: [String]) async throws -> Outcome {
    try await run(["verify", "--operation", operation] + words)
  }

  @Test("Gradients by hand pass, and those without the sum fail")
  func softmaxGradient() async throws {
    let folder = try TemporaryFolder()
    let logits = try folder.array("x.npy", [0, 0, 1, 1], shape: [2, 2])
    let upstream = try folder.array("g.npy", [1, 0, 2, -2], shape: [2, 2])
    let right = try folder.array("right.npy", [0.25, -0.25, 1, -1], shape: [2, 2])
    let wrong = try folder.array("wrong.npy", [0.5, 0, 1, -1], shape: [2, 2])
    let json = folder.path("r.json")
    let inputs = ["--logits", logits, "--input", "upstream=" + upstream]
    let passed = try await verify(
      "softmax-vjp", inputs + ["--output", "gradient=" + right, "--json", json])
    #expect(passed.status == 0, "\(passed.notes)")
    let row = try #require(try results(in: json).accuracy.first)
    #expect(row.operation == .softmaxVJP && row.maxUlp == 0.0 && row.elements == 4)
    let failed = try await verify("softmax-vjp", inputs + ["--output", "gradient=" + wrong])
    #expect(failed.status == 1)
    #expect(failed.notes.contains("wrong.npy"))

    let probabilities = try folder.array("y.npy", [0.5, 0.5, 0.5, 0.5], shape: [2, 2])
    let backward = [
      "--input", "probabilities=" + probabilities, "--input", "upstream=" + upstream,
    ]
    #expect(
      try await verify("softmax-backward", backward + ["--output", "gradient=" + right]).status
        == 0)
    #expect(
      try await verify("softmax-backward", backward + ["--output", "gradient=" + wrong]).status
        == 1)
    let logarithmic = try folder.array("l.npy", [0.5, -0.5, 2, -2], shape: [2, 2])
    #expect(
      try await verify("log-softmax-vjp", inputs + ["--output", "gradient=" + logarithmic]).status
        == 0)
  }

  @Test("Losses have the shape without the axis or with length 1, along any axis")
  func losses() async throws {
    let folder = try TemporaryFolder()
    let logits = try folder.array("x.npy", [0, 5, 0, 5, 0, 5], shape: [3, 2])
    let targets = try folder.integers("t.npy", [2, -100], shape: [2])
    // ln 3 to float32.
    let loss = try folder.array("l.npy", [0x1.193ea8p+0, 0], shape: [2])
    let kept = try folder.array("k.npy", [0x1.193ea8p+0, 0], shape: [1, 2])
    let words = ["--logits", logits, "--input", "targets=" + targets, "--axis", "0"]
    for file in [loss, kept] {
      let outcome = try await verify("cross-entropy", words + ["--output", "loss=" + file])
      #expect(outcome.status == 0, "\(outcome.notes)")
    }
    let counted = try folder.array("c.npy", [0x1.193ea8p+0, 0x1.193ea8p+0], shape: [2])
    #expect(
      try await verify("cross-entropy", words + ["--output", "loss=" + counted]).status == 1)
    let json = folder.path("r.json")
    for (reduction, value) in [("mean", Float(0x1.193ea8p+0)), ("sum", 0x1.193ea8p+0)] {
      let one = try folder.array("one.npy", [value], shape: [])
      let outcome = try await verify(
        "cross-entropy",
        words + ["--output", "loss=" + one, "--reduction", reduction, "--json", json])
      #expect(outcome.status == 0, "\(outcome.notes)")
      #expect(try results(in: json).accuracy.first?.elements == 1)
    }
    let half = try folder.array("half.npy", [0x1.193ea8p-1], shape: [1])
    #expect(
      try await verify(
        "cross-entropy", words + ["--output", "loss=" + half, "--reduction", "mean"]
      ).status == 1)
  }

  @Test("Smoothing, weights and the ignored class change the loss and its gradient")
  func parameters() async throws {
    let folder = try TemporaryFolder()
    let logits = try folder.array("x.npy", [0, 0, 0, 0], shape: [1, 4])
    let targets = try folder.integers("t.npy", [1], shape: [1])
    let weights = try folder.array("w.npy", [0, 2, 0, 1], shape: [4])
    let words = ["--logits", logits, "--input", "targets=" + targets]
    // ln 4 (2 (1 - 1/2) + (1/2)/4 (2 + 1)) = 1.375 ln 4, and p = 1/4 of 1.375.
    let loss = try folder.array("l.npy", [1.906_154_7], shape: [1])
    let gradient = try folder.array(
      "d.npy", [0.34375, 0.34375 - 1.25, 0.34375, 0.34375 - 0.125], shape: [1, 4])
    let parameters = ["--label-smoothing", "0.5", "--class-weights", weights]
    let right = try await verify(
      "cross-entropy", words + ["--output", "loss=" + loss] + parameters)
    #expect(right.status == 0, "\(right.notes)")
    let slope = try await verify(
      "cross-entropy-vjp", words + ["--output", "gradient=" + gradient] + parameters)
    #expect(slope.status == 0, "\(slope.notes)")
    for other in [["--label-smoothing", "0.25", "--class-weights", weights], []] {
      #expect(
        try await verify("cross-entropy", words + ["--output", "loss=" + loss] + other).status
          == 1)
      #expect(
        try await verify("cross-entropy-vjp", words + ["--output", "gradient=" + gradient] + other)
          .status == 1)
    }
    #expect(
      try await verify(
        "cross-entropy", words + ["--output", "loss=" + loss, "--ignore-index", "1"]
      ).status == 1)
  }

  @Test("Log-softmax, logsumexp and the Jacobian, along an axis that is not the last")
  func otherOutputs() async throws {
    let folder = try TemporaryFolder()
    let logits = try folder.array("x.npy", [0, 3, 0, 3], shape: [2, 2])
    let logTwo = Float(0x1.62e43p-1)
    let logarithms = try folder.array(
      "l.npy", [-logTwo, -logTwo, -logTwo, -logTwo], shape: [2, 2])
    let sums = try folder.array("s.npy", [logTwo, 3 + logTwo], shape: [2])
    let jacobian = try folder.array(
      "j.npy", [0.25, 0.25, -0.25, -0.25, -0.25, -0.25, 0.25, 0.25], shape: [2, 2, 2])
    let words = ["--logits", logits, "--axis", "0", "--output"]
    for (operation, output) in [
      ("log-softmax", "log-probabilities=" + logarithms), ("logsumexp", "logsumexp=" + sums),
      ("softmax-jacobian", "jacobian=" + jacobian),
    ] {
      let json = folder.path("r.json")
      let outcome = try await verify(operation, words + [output, "--json", json])
      #expect(outcome.status == 0, "\(operation): \(outcome.notes)")
      // What was written is consistent for whoever reads it.
      let again = try await run(["report", json])
      #expect(again.status == 0, "\(operation): \(again.notes)")
    }
    let other = try await verify(
      "log-softmax",
      ["--logits", logits, "--axis", "1", "--output", "log-probabilities=" + logarithms])
    #expect(other.status == 1)
    let softmax = try folder.array("y.npy", [0.5, 0.5, 0.5, 0.5], shape: [2, 2])
    let roles = try await run([
      "verify", "--input", "logits=" + logits, "--output", "probabilities=" + softmax, "--axis",
      "0",
    ])
    #expect(roles.status == 0, "\(roles.notes)")
  }

  @Test("Roles, parameters, shapes and targets that do not fit are told in a sentence")
  func mistakes() async throws {
    let folder = try TemporaryFolder()
    let logits = try folder.array("x.npy", [0, 1, 2, 3], shape: [2, 2])
    let other = try folder.array("o.npy", [0, 1, 2], shape: [3])
    let targets = try folder.integers("t.npy", [0, 2], shape: [2])
    let loss = ["--output", "loss=" + other]
    let losses: [([String], Int32, String)] = [
      (["--logits", logits] + loss, 64, "cross-entropy needs --input targets=FILE"),
      (
        ["--logits", logits, "--input", "logits=" + logits, "--input", "targets=" + targets]
          + loss, 64, "logits was given twice"
      ),
      (
        ["--logits", logits, "--input", "upstream=" + logits] + loss, 64,
        "cross-entropy has no such input; it has logits, targets"
      ),
      (
        ["--logits", logits, "--input", "targets=" + targets] + loss, 65,
        "the target of lane 1 is 2, which is none of the 2 classes nor the ignored -100"
      ),
      (["--logits", logits, "--input", "targets=" + logits] + loss, 65, "int32 or int64"),
      (
        ["--logits", logits, "--input", "targets=" + targets, "--label-smoothing", "nan"] + loss,
        64, "use a number from 0 to 1"
      ),
      (
        [
          "--logits", logits, "--input", "targets=" + targets, "--ignore-index", "2",
          "--class-weights", other,
        ] + loss, 65, "there are 3 class weights for 2 classes"
      ),
      (
        ["--logits", logits, "--input", "targets=" + targets, "--ignore-index", "2"] + loss, 65,
        "it has that without axis 1"
      ),
    ]
    for (words, status, sentence) in losses {
      let outcome = try await verify("cross-entropy", words)
      #expect(outcome.status == status, "\(sentence): \(outcome.notes)")
      #expect(outcome.notes.contains(sentence), "\(outcome.notes)")
    }
    let gradient = ["--logits", logits, "--input", "upstream=" + logits]
    let others: [(String, [String], Int32, String)] = [
      (
        "softmax-vjp", gradient + ["--output", "gradient=" + logits, "--label-smoothing", "0.1"],
        64, "softmax-vjp has no --label-smoothing"
      ),
      (
        "cross-entropy-vjp",
        [
          "--logits", logits, "--input", "targets=" + targets, "--ignore-index", "2", "--output",
          "gradient=" + logits, "--reduction", "mean",
        ], 64, "cross-entropy-vjp has no --reduction"
      ),
      ("softmax-vjp", gradient + ["--output", "loss=" + logits], 64, "has no such output"),
      ("softmax-vjp", gradient + ["--output", "gradient=" + other], 65, "they must have the same"),
      (
        "softmax-vjp",
        ["--logits", logits, "--input", "upstream=" + other, "--output", "gradient=" + logits], 65,
        "upstream has the shape [3]"
      ),
      (
        "softmax-vjp", gradient + ["--output", "gradient=" + logits, "--declare", "naive"], 64,
        "there is no model \"naive\" of softmax-vjp"
      ),
      (
        "softmax-vjp",
        gradient + [
          "--output", "gradient=" + logits, "--declare", "recomputed", "--underflow", "flush",
        ], 64, "the bounds of softmax-vjp know nothing of --underflow flush"
      ),
      ("soft-max", gradient, 64, "there is no operation soft-max"),
    ]
    for (operation, words, status, sentence) in others {
      let outcome = try await verify(operation, words)
      #expect(outcome.status == status, "\(sentence): \(outcome.notes)")
      #expect(outcome.notes.contains(sentence), "\(outcome.notes)")
    }
  }

  @Test("Single lanes, lanes without a logit and tensors without a lane are verified")
  func extremeShapes() async throws {
    let folder = try TemporaryFolder()
    let logits = try folder.array("x.npy", [1, 2, 3], shape: [3])
    let target = try folder.integers("t.npy", [2], shape: [])
    let loss = try folder.array("l.npy", [0.407_605_97], shape: [])
    let single = try await verify(
      "cross-entropy",
      ["--logits", logits, "--input", "targets=" + target, "--output", "loss=" + loss])
    #expect(single.status == 0, "\(single.notes)")

    let empty = try folder.array("e.npy", [], shape: [2, 0])
    let sums = try folder.array("s.npy", [-.infinity, -.infinity], shape: [2])
    let ignored = try folder.integers("i.npy", [-100, -100], shape: [2])
    let zeros = try folder.array("z.npy", [0, 0], shape: [2])
    let matrices = try folder.array("j.npy", [], shape: [2, 0, 0])
    for (operation, words) in [
      ("softmax", ["--probabilities", empty]), ("logsumexp", ["--output", "logsumexp=" + sums]),
      ("cross-entropy", ["--input", "targets=" + ignored, "--output", "loss=" + zeros]),
      ("softmax-jacobian", ["--output", "jacobian=" + matrices]),
    ] {
      let outcome = try await verify(operation, ["--logits", empty] + words)
      #expect(outcome.status == 0, "\(operation): \(outcome.notes)")
    }
    let none = try folder.array("n.npy", [], shape: [0, 3])
    let targets = try folder.integers("nt.npy", [], shape: [0])
    let zero = try folder.array("zero.npy", [0], shape: [])
    let nan = try folder.array("nan.npy", [.nan], shape: [])
    // Of no lane the sum is 0, and the mean 0 / 0.
    for (file, reduction, status) in [
      (zero, "sum", Int32(0)), (nan, "sum", 1), (zero, "mean", 1), (nan, "mean", 0),
    ] {
      let outcome = try await verify(
        "cross-entropy",
        [
          "--logits", none, "--input", "targets=" + targets, "--output", "loss=" + file,
          "--reduction", reduction,
        ])
      #expect(outcome.status == status, "\(reduction) \(file): \(outcome.notes)")
    }
  }

  @Test("Lanes without a value are held against the policy, whatever input makes them so")
  func specialLanes() async throws {
    let folder = try TemporaryFolder()
    let (nan, infinity) = (Float.nan, Float.infinity)
    let logits = try folder.array(
      "x.npy", [1, nan, infinity, 0, -infinity, -infinity, 1, 1], shape: [4, 2])
    let upstream = try folder.array("g.npy", [1, 2, 1, 2, 1, 2, 1, nan], shape: [4, 2])
    let nans = try folder.array("n.npy", Array(repeating: nan, count: 8), shape: [4, 2])
    let zeros = try folder.array("z.npy", Array(repeating: 0, count: 8), shape: [4, 2])
    let words = ["--logits", logits, "--input", "upstream=" + upstream]
    for operation in ["softmax-vjp", "log-softmax-vjp"] {
      for (file, policy, status) in [
        (nans, "nan-somewhere", Int32(0)), (zeros, "nan-somewhere", 1), (nans, "nan-everywhere", 0),
        (zeros, "nan-zero", 1), (nans, "nan-zero", 1),
        (zeros, "infinity-one-hot,masked-zero,nan-zero", 0),
        (nans, "nan-as-masked", 1),
      ] {
        let outcome = try await verify(
          operation,
          words + ["--output", "gradient=" + file, "--special-lanes", policy])
        #expect(outcome.status == status, "\(operation) \(policy): \(outcome.notes)")
      }
    }
  }
}
