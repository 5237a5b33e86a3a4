import { INSTANCE } from '../../engine/backend.ts'
import type { Store, StoredRecord } from '../../storage/port.ts'
import type { Asset } from '../assets/asset.ts'
import { type Entry, entryOf, Rankings, Snapshot } from './snapshot.ts'

const PAGE = 500

/**
 * All assets of one type in memory, kept in step with the store: an installation has thousands of
 * them at most, and a list may search and sort them all. The store tells what changed; it is read
 * again when someone asks next.
 */
export class AssetCollection<A extends Asset> {
  readonly #store: Store
  readonly #type: string
  readonly #read: (record: StoredRecord) => A
  readonly #unsubscribe: () => void
  readonly #rankings = new Rankings()

  #entries = new Map<string, Entry<A>>()
  #snapshot: Snapshot<A>
  /** What to read again; `null` stands for everything. */
  #stale: Set<string> | null = null
  /** How many tidings came in, and how many of them the snapshot shows. */
  #heard = 0
  #shown = -1
  #refreshing: Promise<void> | null = null

  constructor(store: Store, type: string, read: (record: StoredRecord) => A) {
    this.#store = store
    this.#type = type
    this.#read = read
    this.#snapshot = new Snapshot([], this.#rankings)
    this.#unsubscribe = store.subscribe((changes) => this.#hear(changes))
  }

  /** A snapshot that shows at least what had been heard of when this was called. */
  async current(): Promise<Snapshot<A>> {
    const needed = this.#heard
    while (this.#shown < needed) {
      this.#refreshing ??= this.#refresh().finally(() => {
        this.#refreshing = null
      })
      await this.#refreshing
    }
    return this.#snapshot
  }

  close(): void {
    this.#unsubscribe()
  }

  #hear(changes: Parameters<Parameters<Store['subscribe']>[0]>[0]): void {
    const mine = changes.filter((one) => one.backendId === INSTANCE && one.type === this.#type)
    if (changes.length > 0 && mine.length === 0) return
    this.#heard += 1
    if (changes.length === 0) this.#stale = null
    else for (const change of mine) this.#stale?.add(change.id)
  }

  async #refresh(): Promise<void> {
    const heard = this.#heard
    const stale = this.#stale
    // What changes while we read is heard of, and read again by whoever needs to see it.
    this.#stale = new Set()
    try {
      if (stale) await this.#readAgain([...stale])
      else this.#entries = await this.#readAll()
      this.#snapshot = new Snapshot([...this.#entries.values()], this.#rankings)
      this.#shown = heard
    } catch (error) {
      this.#stale = null
      throw error
    }
  }

  async #readAgain(ids: readonly string[]): Promise<void> {
    for (let at = 0; at < ids.length; at += PAGE) {
      const some = ids.slice(at, at + PAGE)
      const records = await this.#store.getMany(INSTANCE, this.#type, some)
      for (const id of some) this.#entries.delete(id)
      this.#put(this.#entries, records)
    }
  }

  async #readAll(): Promise<Map<string, Entry<A>>> {
    const entries = new Map<string, Entry<A>>()
    let last = ''
    for (;;) {
      const { records } = await this.#store.find({
        backendId: INSTANCE,
        type: this.#type,
        ...(last !== '' && { where: { op: 'gt', field: 'id', value: last } }),
        orderBy: [{ field: 'id', direction: 'asc' }],
        limit: PAGE,
      })
      this.#put(entries, records)
      last = records.at(-1)?.id ?? ''
      if (records.length < PAGE) return entries
    }
  }

  #put(entries: Map<string, Entry<A>>, records: readonly StoredRecord[]): void {
    for (const record of records) entries.set(record.id, entryOf(this.#read(record)))
  }
}
