import FloatFormats
import Testing

@testable import AuditedOperations
@testable import FaultySoftmaxes

@Suite("Places of a strided tensor")
struct StridedPlacesTests {
  @Test("The layouts of a matrix of 2 by 3")
  func matrix() {
    func places(_ layout: TensorLayout) -> [Int] {
      StridedPlaces(shape: [2, 3], layout: layout).places()
    }
    for layout in [TensorLayout.rowMajor, .misaligned, .readOnly] {
      #expect(places(layout) == [0, 1, 2, 3, 4, 5])
    }
    #expect(places(.columnMajor) == [0, 2, 4, 1, 3, 5])
    #expect(places(.sliced) == [0, 2, 4, 12, 14, 16])
    #expect(places(.reversed) == [5, 4, 3, 2, 1, 0])
  }

  @Test("Every element has a place of its own in the memory", arguments: TensorLayout.allCases)
  func placesAreDistinct(layout: TensorLayout) {
    for shape in [[4], [2, 3, 4], [1, 5, 1], [3, 0, 2]] {
      let strided = StridedPlaces(shape: shape, layout: layout)
      let places = strided.places()
      #expect(places.count == shape.reduce(1, *))
      #expect(Set(places).count == places.count)
      #expect(places.allSatisfy { $0 >= 0 && $0 < strided.capacity })
    }
  }

  @Test("What is read as packed is what lies side by side; what is written in order of the input")
  func readingAndWriting() throws {
    let geometry = try LaneGeometry(shape: [2, 3], axis: 1)
    let tensor = Tensor<Float>(geometry: geometry, elements: [1, 2, 3, 4, 5, 6])
    #expect(PlainRecipe().find(tensor, in: .columnMajor).elements == tensor.elements)
    #expect(PlainRecipe().leave(tensor, in: .columnMajor).elements == tensor.elements)
    #expect(Careless().find(tensor, in: .columnMajor).elements == [1, 4, 2, 5, 3, 6])
    #expect(Careless().find(tensor, in: .reversed).elements == [6, 5, 4, 3, 2, 1])
    #expect(Careless().leave(tensor, in: .columnMajor).elements == [1, 4, 2, 5, 3, 6])
  }

  private struct Careless: SoftmaxRecipe {
    var writesInOrderOfInput: Bool { true }
    func addresses(_ truth: StridedPlaces) -> StridedPlaces {
      var result = truth
      result.strides = StridedPlaces.packed(truth.shape)
      result.offset = 0
      return result
    }
  }
}
