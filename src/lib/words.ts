/** Long enough for any word that people search for; what is longer is an id or a link. */
const WORD_LENGTH_MAX = 64

const WORD = /[\p{L}\p{N}\p{M}_]+/gu

/**
 * The words of a text, as search compares them: without case or accents, split at punctuation, in
 * the order of the text.
 */
export function wordsOf(text: string): string[] {
  const plain = text
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .toLowerCase()
  return (plain.match(WORD) ?? []).filter((word) => word.length <= WORD_LENGTH_MAX)
}

/** Each two words that follow each other, with a blank between them, by which phrases are found. */
export function pairsOf(words: readonly string[]): string[] {
  return words.slice(1).map((word, i) => `${words[i]} ${word}`)
}
