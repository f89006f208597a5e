/// The classes of real softmax defects, from a catalogue of 190 published ones.
///
/// The codes are those of the catalogue, but for the last four, which have few reports or none and
/// came to mind while the laws were written. Two classes of the catalogue are left out: tests that
/// were wrong themselves, which no implementation can show, and wrong gradients, whose mistakes
/// have the class of what went wrong.
package enum BugClass: String, Sendable, Hashable, Codable, CaseIterable {
  case overflow = "OV"
  case specialValues = "NF"
  case lowPrecision = "LP"
  case axes = "AX"
  case contraction = "CF"
  case formula = "FM"
  case nondeterminism = "DT"
  case memoryLayout = "ML"
  case approximation = "AP"
  case indexWidth = "IX"
  case types = "TY"
  case tails = "TL"
  case emptiness = "EM"
  case wrongFunction = "WD"
  case temperature = "TP"
  case quantized = "QU"
  case underflow = "UF"
  case rounding = "RB"
  case equality = "EQ"
  case conduct = "CO"

  /// The two letters by which tables refer to the class.
  package var code: String { rawValue }

  /// The mistake, in one line.
  package var summary: String {
    switch self {
    case .specialValues: "Infinities, NaNs and masked lanes are treated otherwise than declared"
    case .axes: "The softmax runs along another axis, or over the wrong elements of it"
    case .overflow: "The maximum is not subtracted, or it is not the maximum"
    case .lowPrecision: "Sums or intermediate results are kept in too narrow a format"
    case .contraction: "A transformation by a compiler or a fused kernel changed the arithmetic"
    case .formula:
      "The formula loses accuracy, or forgets a step, in exact arithmetic or in rounded"
    case .nondeterminism: "The result depends on earlier calls, on the batch, or on chance"
    case .memoryLayout: "Strides or alignment of the input are ignored"
    case .approximation:
      "The exponential or the reciprocal is an approximation, and a poor one"
    case .indexWidth: "An index, a length or a count is kept in too narrow an integer"
    case .types: "The computation runs in another format than input or output have"
    case .tails: "Lengths that are no multiple of a block, or cross a threshold, go wrong"
    case .emptiness: "Empty lanes, empty batches or lanes of one logit go wrong"
    case .temperature: "A temperature or a clamp changes the logits though none was asked for"
    case .quantized: "Probabilities or exponentials are rounded to a fixed-point grid"
    case .wrongFunction: "Another function than the softmax is computed"
    case .underflow: "Small terms or results become zero, or are kept away from it"
    case .rounding: "Rounding is one-sided or happens twice"
    case .equality: "Equal logits, their order, or their places are not respected"
    case .conduct: "Something besides the output changes"
    }
  }

  /// Reports of such bugs in public libraries; empty where none was found.
  package var references: [String] {
    switch self {
    case .specialValues:
      ["ml-explore/mlx#1467", "intel/torch-xpu-ops#5022", "ikawrakow/ik_llama.cpp#2344"]
    case .axes: ["microsoft/onnxruntime#17833", "openxla/xla#11772", "ARM-software/CMSIS_5#1441"]
    case .overflow:
      ["pytorch/pytorch#62897", "ROCm/AMDMIGraphX#1290", "huggingface/transformers#17433"]
    case .lowPrecision:
      ["huggingface/candle#3727", "sonos/tract#2586", "tenstorrent/tt-metal#52045"]
    case .contraction:
      ["pytorch/pytorch#101039", "Maratyszcza/NNPACK#174", "pytorch/pytorch#122179"]
    case .formula: ["scipy/scipy#16186", "pytorch/pytorch#11752", "ml-explore/mlx#4169"]
    case .nondeterminism:
      ["NervanaSystems/neon#171", "vllm-project/vllm#55249", "pytorch/pytorch#123911"]
    case .memoryLayout: ["tracel-ai/burn#4815", "NVIDIA/TransformerEngine#2734", "torch/nn#825"]
    case .approximation:
      ["sonos/tract#2677", "torch/nn#804", "Dao-AILab/flash-attention#2316"]
    case .indexWidth:
      ["pytorch/pytorch#84144", "microsoft/onnxruntime#32299", "intel/torch-xpu-ops#2949"]
    case .types:
      ["vllm-project/vllm#55249", "MIC-DKFZ/nnUNet#1581", "pytorch/pytorch#102723"]
    case .tails:
      ["pytorch/pytorch#143644", "microsoft/onnxruntime#14475", "tenstorrent/tt-metal#38626"]
    case .emptiness:
      ["pytorch/pytorch#17262", "tensorflow/tensorflow#6766", "robertknight/rten#307"]
    case .temperature: ["google-deepmind/gemma#562", "google-research/tabfm#102"]
    case .quantized: ["fastmachinelearning/hls4ml#115", "ARM-software/CMSIS_5#940"]
    case .wrongFunction: ["tensorflow/tensorflow#2315"]
    case .underflow: ["apache/mxnet#13141", "scikit-learn/scikit-learn#17978"]
    case .conduct: ["ggml-org/llama.cpp#3194", "hpcaitech/ColossalAI#2285"]
    case .rounding, .equality: []
    }
  }
}
