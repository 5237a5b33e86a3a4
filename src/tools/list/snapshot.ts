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

/** All assets of a type at one moment, and the orders in which they were asked for since. */
export class Snapshot<A extends Asset> {
  readonly #entries: readonly Entry<A>[]
  readonly #rankings: Rankings
  readonly #sorted = new LRUCache<string, readonly Entry<A>[]>({ max: 64 })

  constructor(entries: readonly Entry<A>[], rankings: Rankings) {
    this.#entries = entries
    this.#rankings = rankings
  }

  get entries(): readonly Entry<A>[] {
    return this.#entries
  }

  /**
   * The assets by these terms, text by the collation of `language`, ties by version and then id.
   * What has no value comes last ascending and first descending.
   */
  sorted(order: readonly OrderTerm[], language: string): readonly Entry<A>[] {
    const key = JSON.stringify([language, order])
    const before = this.#sorted.get(key)
    if (before) return before
    const sorted = this.#sort(order, language)
    this.#sorted.set(key, sorted)
    return sorted
  }

  #sort(order: readonly OrderTerm[], language: string): readonly Entry<A>[] {
    const ties: OrderTerm = { attribute: 'version', direction: 'asc' }
    const columns = [...order, ties].map((term) => this.#column(term, language))
    const entries = this.#entries
    const byColumns = (a: number, b: number): number => {
      for (const column of columns) {
        const left = column[a] ?? 0
        const right = column[b] ?? 0
        if (left !== right) return left < right ? -1 : 1
      }
      return (entries[a]?.asset.id ?? '') < (entries[b]?.asset.id ?? '') ? -1 : 1
    }
    return [...entries.keys()]
      .sort(byColumns)
      .map((at) => entries[at])
      .filter((entry) => entry !== undefined)
  }

  /** A number for each asset, that sorts ascending. Infinity stands for no value. */
  #column({ attribute, direction }: OrderTerm, language: string): Float64Array {
    const values = this.#entries.map(({ asset }) => asset[attribute])
    const ranking = this.#rankings.of(attribute, language)
    ranking.learn(values.filter((value) => typeof value === 'string'))
    const sign = direction === 'asc' ? 1 : -1
    return Float64Array.from(values, (value) => {
      if (value === null) return sign * Number.POSITIVE_INFINITY
      return sign * (typeof value === 'string' ? ranking.rankOf(value) : value)
    })
  }
}
