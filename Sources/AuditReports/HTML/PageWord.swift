/// The meanings of the words of a report, for readers who meet them for the first time.
struct PageWord: PagePart {
  let word: String
  let meaning: String

  private init(_ word: String, _ meaning: String) {
    self.word = word
    self.meaning = meaning
  }

  static let all: [PageWord] = [
    PageWord(
      "lane", "one row of logits, over which the softmax is taken"
    ),
    PageWord(
      "ULP",
      "the spacing of the numbers that the output format holds, at the exact value; the best possible rounding is at most 0.5 ULP off"
    ),
    PageWord(
      "largest found",
      "the largest error among the outputs measured, rounded up; inputs that were not measured can be worse"
    ),
    PageWord(
      "ordinary",
      "the largest error found in families of logits as programs make them every day; the others are built to be hard"
    ),
    PageWord(
      "c.r. (correctly rounded)",
      "the output is the number of its format that is nearest to the exact value"
    ),
    PageWord(
      "bound",
      "what the error cannot exceed on that very lane: proved where an algorithm is declared; where none is, what every sound form of the softmax in use keeps to"
    ),
    PageWord(
      "mismatch",
      "an output that has no error in ULP: NaN, infinite or negative where the exact value is a number, not 0 where it is 0, or a special lane against its policy"
    ),
    PageWord(
      "domain",
      "the inputs for which a bound holds; beyond it nothing is promised, and a mismatch is excused"
    ),
    PageWord(
      "zeros",
      "outputs that are 0 although the exact value is positive, because it is below what the format can hold, or lost"
    ),
    PageWord(
      "law",
      "a property of every sound softmax, such as a sum near 1, or lanes that do not touch each other"
    ),
    PageWord(
      "not judged",
      "measured, and compared with no bound and no limit: neither good nor bad"
    ),
  ]
}
