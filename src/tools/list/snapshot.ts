import { LRUCache } from 'lru-cache'
import type { Asset } from '../assets/asset.ts'
import { compareVersions } from './compare-versions.ts'
import { foldCase } from './fold.ts'
import type { OrderAttribute, OrderTerm } from './order.ts'
import { Ranking } from './ranking.ts'

/** An asset, ready to be searched. */
export type Entry<A extends Asset> = {
  readonly asset: A
  /** Name, display name and description, case folded, with {@link TEXT_END} after each. */
  readonly searched: string
}

/** No stored text contains it, so nothing that is searched for reaches from one text to the next. */
export const TEXT_END = '\0'

export function entryOf<A extends Asset>(asset: A): Entry<A> {
  const texts = [asset.name, asset.title, asset.desc].filter((text) => text !== null)
  return { asset, searched: texts.map((text) => foldCase(text) + TEXT_END).join('') }
}

/** The ranks of texts by attribute and language. They outlive the snapshots that use them. */
export class Rankings {
  readonly #rankings = new LRUCache<string, Ranking>({ max: 24 })

  of(attribute: OrderAttribute, language: string): Ranking {
    const versions = attribute === 'version'
    const key = versions ? attribute : `${attribute} ${language}`
    const before = this.#rankings.get(key)
    if (before) return before
    const ranking = new Ranking(versions ? compareVersions : new Intl.Collator(language).compare)
    this.#rankings.set(key, ranking)
    return ranking
  }
}

type Entries<A extends Asset> = ReadonlyMap<string, Entry<A>>
type SortedLists<A extends Asset> = LRUCache<string, readonly Entry<A>[]>

/** All assets of a type at one moment, and the orders in which they were asked for since. */
export class Snapshot<A extends Asset> {
  readonly #entries: Entries<A>
  readonly #rankings: Rankings
  readonly #sorted: SortedLists<A> = new LRUCache({ max: 64 })
  readonly #sortedBefore: SortedLists<A> | null

  /**
   * @param entries by id; they must not change any more
   * @param before the snapshot that this one replaces
   */
  constructor(entries: Entries<A>, rankings: Rankings, before: Snapshot<A> | null) {
    this.#entries = entries
    this.#rankings = rankings
    this.#sortedBefore = before && before.#sorted
  }

  /**
   * The assets by these terms, text by the collation of `language`, ties by version and then id.
   * What has no value comes last ascending and first descending.
   */
  sorted(order: readonly OrderTerm[], language: string): readonly Entry<A>[] {
    const key = JSON.stringify([language, order])
    const before = this.#sorted.get(key)
    if (before) return before
    const sorted = this.#sort(this.#unsorted(key), order, language)
    this.#sorted.set(key, sorted)
    return sorted
  }

  /** Starts from the order of the snapshot before: what is nearly sorted sorts in no time. */
  #unsorted(key: string): readonly Entry<A>[] {
    const kept = new Set(
      this.#sortedBefore?.get(key)?.filter((entry) => this.#entries.get(entry.asset.id) === entry),
    )
    for (const entry of this.#entries.values()) kept.add(entry)
    return [...kept]
  }

  #sort(
    entries: readonly Entry<A>[],
    order: readonly OrderTerm[],
    language: string,
  ): readonly Entry<A>[] {
    const ties: OrderTerm = { attribute: 'version', direction: 'asc' }
    const columns = [...order, ties].map((term) => this.#column(entries, term, language))
    const byColumns = (a: number, b: number): number => {
      for (const column of columns) {
        const left = column[a] ?? 0
        const right = column[b] ?? 0
        if (left !== right) return left < right ? -1 : 1
      }
      return (entries[a]?.asset.id ?? '') < (entries[b]?.asset.id ?? '') ? -1 : 1
    }
    return [...entries.keys()].sort(byColumns).flatMap((at) => entries[at] ?? [])
  }

  /** A number for each asset, that sorts ascending. Infinity stands for no value. */
  #column(
    entries: readonly Entry<A>[],
    { attribute, direction }: OrderTerm,
    language: string,
  ): Float64Array {
    const values = entries.map(({ asset }) => asset[attribute])
    const ranking = this.#rankings.of(attribute, language)
    ranking.learn(values.filter((value) => typeof value === 'string'))
    const sign = direction === 'asc' ? 1 : -1
    return Float64Array.from(values, (value) => {
      if (value === null) return sign * Number.POSITIVE_INFINITY
      return sign * (typeof value === 'string' ? ranking.rankOf(value) : value)
    })
  }
}
