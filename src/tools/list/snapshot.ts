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
  #texts: Texts | undefined
  readonly #sorted = new LRUCache<string, Uint32Array>({ max: 64 })

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
   *
   * @param text only those with a text that contains this one, case folded; `null` for all
   */
  sorted(order: readonly OrderTerm[], language: string, text: string | null): readonly Entry<A>[] {
    const key = JSON.stringify([language, order])
    const sorted = this.#sorted.get(key) ?? this.#sort(order, language)
    this.#sorted.set(key, sorted)
    if (text === null) return Array.from(sorted, (at) => this.#entries[at] as Entry<A>)
    const found: Entry<A>[] = []
    const contains = this.#positionsOf(text)
    for (const at of sorted) if (contains[at] === 1) found.push(this.#entries[at] as Entry<A>)
    return found
  }

  /** 1 for each entry with a text that contains `text`. */
  #positionsOf(text: string): Uint8Array {
    const found = new Uint8Array(this.#entries.length)
    // Nothing that is searched for may reach from one text to the next.
    if (text.includes(TEXT_END)) return found
    this.#texts ??= textsOf(this.#entries)
    const { all, ends } = this.#texts
    let at = 0
    for (let from = all.indexOf(text); from >= 0; from = all.indexOf(text, ends[at])) {
      while ((ends[at] ?? 0) <= from) at += 1
      found[at] = 1
    }
    return found
  }

  #sort(order: readonly OrderTerm[], language: string): Uint32Array {
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
    return Uint32Array.from(entries.keys()).sort(byColumns)
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

/** The texts of all entries as one, which is searched ten times as fast as each by itself. */
type Texts = { readonly all: string; readonly ends: Uint32Array }

function textsOf(entries: readonly Entry<Asset>[]): Texts {
  let end = 0
  const ends = Uint32Array.from(entries, ({ searched }) => (end += searched.length))
  return { all: entries.map(({ searched }) => searched).join(''), ends }
}
