/**
 * Compares versions piece by piece, pieces of digits as numbers: 1.2 before 1.10. A number comes
 * before a word, words compare by their characters, and 1 before 1.0.
 */
export function compareVersions(a: string, b: string): number {
  const left = a.split('.')
  const right = b.split('.')
  for (let at = 0; at < Math.min(left.length, right.length); at += 1) {
    const order = comparePieces(left[at] ?? '', right[at] ?? '')
    if (order !== 0) return order
  }
  return left.length - right.length
}

function comparePieces(a: string, b: string): number {
  const numbers = Number(isNumber(b)) - Number(isNumber(a))
  if (numbers !== 0) return numbers
  if (!isNumber(a)) return compareCharacters(a, b)
  // Up to 100 digits are allowed, too many for a double: the longer number is the larger one.
  const left = a.replace(/^0+/, '')
  const right = b.replace(/^0+/, '')
  return left.length - right.length || compareCharacters(left, right)
}

function isNumber(piece: string): boolean {
  return /^\d+$/.test(piece)
}

function compareCharacters(a: string, b: string): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}
