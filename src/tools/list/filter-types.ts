import type { Asset } from '../assets/asset.ts'
import { type Problems, quoted } from '../problems.ts'
import { membersOf } from './order.ts'

type FilterType<A> = {
  /** The values of one axis exclude each other; different axes are independent. */
  readonly axis: string
  readonly holds: (asset: A) => boolean
}

/** The values that `filterType` takes for one type of asset. */
export type FilterTypes<A> = Readonly<Record<string, FilterType<A>>>

export const PUBLICATION_FILTERS: FilterTypes<Asset> = {
  NOT_PUBLISHED: { axis: 'published', holds: (asset) => !asset.published },
  PUBLISHED: { axis: 'published', holds: (asset) => asset.published },
}

export const TRASH_FILTERS: FilterTypes<Asset> = {
  NOT_TRASH: { axis: 'inTrash', holds: (asset) => !asset.inTrash },
  TRASH: { axis: 'inTrash', holds: (asset) => asset.inTrash },
}

export const ACTIVITY_FILTERS: FilterTypes<Asset> = {
  ACTIVE: { axis: 'inactive', holds: (asset) => !asset.inactive },
  INACTIVE: { axis: 'inactive', holds: (asset) => asset.inactive },
}

/** Of what was made with the low-code tool. */
export const MAX_FILTERS: FilterTypes<Asset> = {
  MAX_EXCLUDE: { axis: 'max', holds: (asset) => !asset.max },
  MAX_INCLUDE: { axis: 'max', holds: () => true },
  MAX_ONLY: { axis: 'max', holds: (asset) => asset.max },
}

/**
 * How the values of one axis are joined. `every`: both of a pair contradict each other and match
 * nothing, as the page's "and" says; `some` would make a pair no constraint at all.
 */
const WITHIN_AN_AXIS: 'every' | 'some' = 'every'

/** Reads comma lists, repeated or not, of known values in upper case. */
export function parseFilterTypes<A>(
  values: readonly string[],
  known: FilterTypes<A>,
  problems: Problems,
): string[] {
  const wanted = [...new Set(membersOf(values))]
  for (const value of wanted.filter((one) => !Object.hasOwn(known, one))) {
    problems.push(`${quoted(value)} is not a filterType; use ${Object.keys(known).join(', ')}.`)
  }
  return wanted
}

/** Joins values of different axes by "and". */
export function filterTypeTest<A>(
  wanted: readonly string[],
  known: FilterTypes<A>,
): (asset: A) => boolean {
  const axes = new Map<string, FilterType<A>[]>()
  for (const value of wanted) {
    const filter = known[value]
    if (filter) axes.set(filter.axis, [...(axes.get(filter.axis) ?? []), filter])
  }
  const groups = [...axes.values()]
  return (asset) => groups.every((group) => group[WITHIN_AN_AXIS]((one) => one.holds(asset)))
}
