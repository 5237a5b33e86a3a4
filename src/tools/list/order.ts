import { type Problems, quoted } from '../problems.ts'

const ATTRIBUTES = ['name', 'version', 'modifiedOn', 'createdOn', 'deletedOn', 'deletedBy'] as const

export type OrderAttribute = (typeof ATTRIBUTES)[number]

export type OrderTerm = {
  readonly attribute: OrderAttribute
  readonly direction: 'asc' | 'desc'
}

const DEFAULT_ORDER: readonly OrderTerm[] = [{ attribute: 'name', direction: 'asc' }]

/**
 * Reads `attr[:asc|:desc]` joined by commas, the most significant first. An attribute that comes
 * again decides nothing more, so only its first mention counts.
 */
export function parseOrder(values: readonly string[], problems: Problems): readonly OrderTerm[] {
  const terms = new Map<OrderAttribute, OrderTerm>()
  for (const member of membersOf(values)) {
    const term = parseTerm(member)
    if (!term) {
      problems.push(
        `${quoted(member)} is not an order; use attr, attr:asc or attr:desc with attr one of ${ATTRIBUTES.join(', ')}.`,
      )
    } else if (!terms.has(term.attribute)) terms.set(term.attribute, term)
  }
  return terms.size === 0 ? DEFAULT_ORDER : [...terms.values()]
}

/** The members of comma lists, without the blanks around them; empty ones are skipped. */
export function membersOf(values: readonly string[]): string[] {
  return values
    .flatMap((value) => value.split(','))
    .map((one) => one.trim())
    .filter(Boolean)
}

function parseTerm(text: string): OrderTerm | null {
  const [name = '', direction = 'asc', ...rest] = text.split(':').map((one) => one.trim())
  const attribute = ATTRIBUTES.find((one) => one === name)
  const way = direction.toLowerCase()
  if (!attribute || rest.length > 0 || (way !== 'asc' && way !== 'desc')) return null
  return { attribute, direction: way }
}
