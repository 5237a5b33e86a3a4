import { LRUCache } from 'lru-cache'

/** The collation of those who name no language that has one: in CLDR English has the root's order. */
const ROOT = 'en'

// Clients send the same few headers again and again, and making a locale is slow.
const known = new LRUCache<string, string>({ max: 200 })

/**
 * The language whose collation sorts a list, from an `Accept-Language` header: the first by
 * preference that has one. A header that makes no sense chooses nothing, rather than fail.
 */
export function languageOf(header: string | undefined): string {
  if (!header) return ROOT
  const before = known.get(header)
  if (before) return before
  const language = rangesOf(header).map(collationFor).find(Boolean) ?? ROOT
  known.set(header, language)
  return language
}

/** The ranges by preference; those of equal preference in the order in which they were sent. */
function rangesOf(header: string): string[] {
  return header
    .split(',')
    .map((part) => {
      const [range = '', ...parameters] = part.split(';').map((one) => one.trim())
      return { range, quality: qualityOf(parameters) }
    })
    .filter(({ range, quality }) => range !== '' && quality > 0)
    .sort((a, b) => b.quality - a.quality)
    .map(({ range }) => range)
}

function qualityOf(parameters: readonly string[]): number {
  const [parameter] = parameters
  if (parameter === undefined) return 1
  const value = /^q\s*=\s*(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/i.exec(parameter)?.[1]
  return value === undefined ? 0 : Number(value)
}

/** Extensions are dropped: each would be a collation of its own to keep in memory. */
function collationFor(range: string): string | null {
  if (range === '*') return ROOT
  try {
    const tag = new Intl.Locale(range).baseName
    const [supported] = Intl.Collator.supportedLocalesOf(tag, { localeMatcher: 'lookup' })
    return supported ? new Intl.Collator(supported).resolvedOptions().locale : null
  } catch {
    return null
  }
}
