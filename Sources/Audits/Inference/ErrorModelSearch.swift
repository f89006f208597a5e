import AuditRecords
import AuditedOperations
import FloatFormats
import RealModule

/// Finds the smallest model that covers what was measured.
///
/// A model covers a lane where its log M, or F of a logarithm, is at least what the lane needs.
/// Smallest is the model whose bound is the smallest over the lanes measured, by the mean of its
/// logarithm: a worse exp and a better sum are weighed as the lanes weigh them. Bounds within a
/// hundredth of each other are taken for equal, and the narrower computing format is named: next to
/// the rounding to 16 bits, float32 and float64 look alike, and nobody should promise the latter.
struct ErrorModelSearch {
  let operation: AuditedOperation
  let output: FloatFormat
  let lanes: [LaneObservation]
  private let kinds: [LaneObservation.Kind]

  init(_ operation: AuditedOperation, output: FloatFormat, lanes: [LaneObservation]) {
    self.operation = operation
    self.output = output
    self.lanes = lanes
    kinds = LaneObservation.kinds(of: operation, output: output)
  }

  /// The formats that an implementation with outputs of a format may compute in: at least float32,
  /// or the format itself.
  static func computingFormats(output: FloatFormat) -> [FloatFormat] {
    FloatFormat.allCases.filter { $0 == output || ($0.precision >= 24 && $0.contains(output)) }
  }

  /// All models whose accumulation and exponential are as given.
  private func models(
    ulps: [Double], accumulations: (FloatFormat) -> [FloatFormat]
  ) -> [ErrorModel] {
    Self.computingFormats(output: output).flatMap { computing in
      accumulations(computing).flatMap { accumulation in
        ErrorModel.Order.all.flatMap { order in
          ErrorModel.Subtraction.allCases.flatMap { subtraction in
            ulps.flatMap { ulps in
              [false, true].map {
                ErrorModel(
                  computing: computing, exponentialUlps: ulps, subtraction: subtraction,
                  order: order, accumulation: accumulation, flushes: $0)
              }
            }
          }
        }
      }
    }
  }

  /// The sound models.
  var sound: [ErrorModel] {
    models(ulps: [0.5, 1, 2, 3, 4]) { [$0] }
  }

  /// Models that nobody should take for a budget: they only tell what a softmax may suffer from.
  var unsound: [ErrorModel] {
    models(ulps: [8, 16, 32, 64, 128, 256, 1024, 4096]) { [$0] }
      + models(ulps: [1, 4]) { computing in
        FloatFormat.allCases.filter { $0.precision < computing.precision }
      }
  }

  /// The smallest of the models that cover all lanes, and how near it the lanes come; nil where
  /// none does.
  func smallest(of models: [ErrorModel]) -> (model: ErrorModel, ratio: Double)? {
    let covering = models.compactMap { model in fit(model).map { (model: model, fit: $0) } }
    guard let least = covering.map(\.fit.size).min() else { return nil }
    return covering.filter { $0.fit.size <= least + Double.log(onePlus: 0.01) }
      .min {
        ($0.model.computing.precision, $0.fit.size) < ($1.model.computing.precision, $1.fit.size)
      }
      .map { ($0.model, $0.fit.ratio) }
  }

  /// The largest part of its bound that a model is used to and the mean of the log of the bound;
  /// nil where it does not cover a lane.
  private func fit(_ model: ErrorModel) -> (ratio: Double, size: Double)? {
    guard let place = place(of: model) else { return nil }
    var (ratio, size) = (0.0, 0.0)
    for lane in lanes {
      guard let factor = factor(of: model, place, on: lane) else { return nil }
      let needed = lane.needed[place][model.flushes ? 1 : 0]
      // Binary64 has lost 2^-44 of either at most.
      guard needed <= factor * (1 + 0x1p-40) else { return nil }
      ratio = max(ratio, needed > 0 ? growth(needed) / growth(factor) : 0)
      size += Double.log(
        growth(factor + kinds[place].slope * lane.meanDistance)
          + kinds[place].rounding * lane.meanMagnitude)
    }
    // An implementation flushes only if that alone explains it.
    return (ratio, size / Double(max(lanes.count, 1)) + (model.flushes ? 1 : 0))
  }

  /// The relative error that an exponent makes; of a logarithm the error is that itself.
  private func growth(_ exponent: Double) -> Double {
    operation == .softmax ? Double.expMinusOne(exponent) : exponent
  }

  /// The lane that a model falls short of most; nil where it covers all.
  func worst(for model: ErrorModel) -> LaneObservation? {
    guard let place = place(of: model) else { return nil }
    func shortfall(_ lane: LaneObservation) -> Double {
      guard let factor = factor(of: model, place, on: lane) else { return 0 }
      return lane.needed[place][model.flushes ? 1 : 0] / factor
    }
    return lanes.map { ($0, shortfall($0)) }.filter { $0.1 > 1 }.max { $0.1 < $1.1 }?.0
  }

  private func place(of model: ErrorModel) -> Int? {
    kinds.firstIndex(of: LaneObservation.Kind(of: model, operation, output: output))
  }

  private func factor(of model: ErrorModel, _ place: Int, on lane: LaneObservation) -> Double? {
    guard operation == .softmax else {
      return model.logarithmError(
        count: lane.length, logSpread: lane.logSpreads[place], sum: lane.sum, logSum: lane.logSum)
    }
    return model.logFactor(
      count: lane.length, logSpread: lane.logSpreads[place], sum: lane.sum, output: output)
  }
}
