/** A media type without its parameters, in small letters. */
export function essenceOf(type: string): string {
  return (type.split(';', 1)[0] ?? '').trim().toLowerCase()
}

/** Whether `application/*` or the like has room for a type; both without parameters. */
export function rangeCovers(range: string, type: string): boolean {
  if (range === '*/*' || range === type) return true
  return range.endsWith('/*') && type.startsWith(range.slice(0, -1))
}

type Range = { readonly type: string; readonly quality: number }

/**
 * The type that an `Accept` header likes best (RFC 9110 §12.5.1), of several that it likes the same
 * the first; `null` when it takes none of them.
 */
export function bestType(types: readonly string[], accept: string | undefined): string | null {
  const ranges = rangesIn(accept ?? '*/*')
  const rated = types.map((type) => ({ type, quality: qualityOf(essenceOf(type), ranges) }))
  const best = Math.max(...rated.map(({ quality }) => quality), 0)
  return rated.find(({ quality }) => quality === best && quality > 0)?.type ?? null
}

/** Of the ranges that cover a type, the narrowest says how much it is liked. */
function qualityOf(type: string, ranges: readonly Range[]): number {
  for (const one of [type, `${type.split('/', 1)[0]}/*`, '*/*']) {
    const range = ranges.find((other) => other.type === one)
    if (range) return range.quality
  }
  // The type may be a range itself, where the definition leaves it open.
  return type.includes('*') ? Math.max(...ranges.map(({ quality }) => quality), 0) : 0
}

function rangesIn(accept: string): Range[] {
  return accept.split(',').flatMap((text) => {
    const [type = '', ...parameters] = text.split(';').map((one) => one.trim().toLowerCase())
    if (!/^[^\s/]+\/[^\s/]+$/.test(type)) return []
    const quality = parameters.map((one) => /^q\s*=\s*([\d.]+)$/.exec(one)?.[1]).find(Boolean)
    return [{ type, quality: quality === undefined ? 1 : Number(quality) }]
  })
}
