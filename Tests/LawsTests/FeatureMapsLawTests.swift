import FloatFormats
import PropertyTesting
import TestSupport
import Testing

@testable import AuditedOperations
@testable import Laws

@Suite("The law of feature maps")
struct FeatureMapsLawTests {
  @Test("A last channel that is lost where many lanes lie side by side is found")
  func lastChannel() throws {
    let losing = AlteredSoftmax { call, outputs in
      guard call.geometry.inner >= 2048, call.geometry.length > 2 else { return }
      outputs[call.geometry.places(ofLane: call.geometry.laneCount - 1).last ?? 0] = 0
    }
    let map = FeatureMap(images: 2, channels: 3, places: 2048)
    try expect(.featureMaps, finds: losing, on: map.batch.input(.float32))
  }

  @Test(
    "Have 3 to 1000 channels and up to 2^17 places at, below and above powers of two, and 8 million logits together"
  )
  func sizes() {
    let maps = FeatureMap.all
    for exponent in 11...16 {
      #expect(maps.contains { $0.places == 1 << exponent && $0.channels >= 3 }, "\(exponent)")
    }
    // The shapes of a segmentation, of a classifier and of attention over a map.
    for (channels, places) in [(21, 65_536), (10, 16_384), (19, 50_000), (64, 3136), (17, 2048)] {
      #expect(maps.contains { $0.channels == channels && $0.places == places })
    }
    #expect(maps.contains { $0.images > 1 && $0.channels >= 17 && $0.places >= 4096 })
    #expect(maps.contains { $0.channels >= 1000 } && maps.contains { $0.places >= 1 << 17 })
    #expect(maps.reduce(0) { $0 + $1.images * $1.channels * $1.places } <= 8_000_000)
  }

  @Test("Give neighbours, and the same place of two images, different lanes")
  func lanes() throws {
    let input = FeatureMap(images: 2, channels: 17, places: 1024).batch.input(.float32)
    #expect(input.geometry.shape == [2, 17, 1024])
    for lane in [0, 511, 1023] {
      #expect(input.lane(lane) != input.lane(lane + 1))
      #expect(input.lane(lane) != input.lane(lane + 1024))
    }
  }
}
