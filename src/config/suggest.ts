/**
 * The candidate that someone most likely meant, or `undefined` when nothing is near: at most two
 * slips in a short word, one in three letters of a long one.
 */
export function suggest(word: string, candidates: readonly string[]): string | undefined {
  let best: string | undefined
  let bestDistance = Math.max(2, Math.floor(word.length / 3)) + 1
  for (const candidate of candidates) {
    const distance = slips(word.toLowerCase(), candidate.toLowerCase())
    if (distance >= bestDistance) continue
    best = candidate
    bestDistance = distance
  }
  return best
}

/** The suggestion as the end of a message: ` Did you mean x?`, or nothing. */
export function didYouMean(word: string, candidates: readonly string[]): string {
  const meant = suggest(word, candidates)
  return meant === undefined ? '' : ` Did you mean ${meant}?`
}

/** Insertions, deletions, replacements and swaps of neighbours that make one word the other. */
function slips(a: string, b: string): number {
  // table[i][j]: for the first i letters of a and the first j of b.
  const table = Array.from({ length: a.length + 1 }, (_, row) => [row])
  const at = (row: number, column: number) => table[row]?.[column] ?? 0
  for (let column = 1; column <= b.length; column += 1) table[0]?.push(column)
  for (let row = 1; row <= a.length; row += 1) {
    for (let column = 1; column <= b.length; column += 1) {
      const replaced = at(row - 1, column - 1) + (a[row - 1] === b[column - 1] ? 0 : 1)
      const added = Math.min(at(row - 1, column), at(row, column - 1)) + 1
      const isSwap = a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]
      const swapped = row > 1 && column > 1 && isSwap ? at(row - 2, column - 2) + 1 : added
      table[row]?.push(Math.min(replaced, added, swapped))
    }
  }
  return at(a.length, b.length)
}
