/** Compares service releases such as `1.1.7` and `1.6.0.sp2`, number by number. */
export function isBefore(release: string, other: string): boolean {
  const a = numbersOf(release)
  const b = numbersOf(other)
  for (let i = 0; i < Math.max(a.length, b.length); i += 1) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0)
    if (difference !== 0) return difference < 0
  }
  return false
}

function numbersOf(release: string): number[] {
  return (release.match(/\d+/g) ?? []).map(Number)
}
