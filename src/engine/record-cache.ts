import { LRUCache } from 'lru-cache'
import type { Claim, RecordAddress, Store, StoredRecord } from '../storage/port.ts'

const ENTRIES_MAX = 20_000

type Entry = { readonly value: unknown; readonly address: string | null }

/**
 * Values derived from records that nearly every call needs: the backend, the session, whether its
 * user is an administrator. An entry is dropped as soon as its record changes, in this process or
 * in another that shares the database.
 */
export class RecordCache {
  readonly #store: Store
  readonly #entries = new LRUCache<string, Entry>({ max: ENTRIES_MAX })
  readonly #keysByAddress = new Map<string, Set<string>>()
  readonly #unsubscribe: () => void
  /** Grows with each notice, so that a read that a change overtook is not kept. */
  #notices = 0

  constructor(store: Store) {
    this.#store = store
    this.#unsubscribe = store.subscribe((changes) => {
      this.#notices += 1
      if (changes.length === 0) this.#forgetAll()
      for (const change of changes) this.#forget(addressText(change))
    })
  }

  /**
   * What `derive` makes of a record, or `null` when there is none (which is not remembered). At once
   * when it is known, so that the common case waits for nothing. Each type of record has one
   * derivation: a second would be given the value of the first.
   */
  get<T>(
    address: RecordAddress,
    derive: (record: StoredRecord) => T,
  ): T | null | Promise<T | null> {
    const key = addressText(address)
    const known = this.#entries.get(key)
    if (known) return known.value as T
    return this.#load(key, () => this.#store.get(address), derive)
  }

  /** The same for the record that holds a claim. A claim that moves changes both its records. */
  getByClaim<T>(
    backendId: string,
    claim: Claim,
    derive: (record: StoredRecord) => T,
  ): T | null | Promise<T | null> {
    const key = `${backendId}\0${claim.scope}\0${claim.value}\0claim`
    const known = this.#entries.get(key)
    if (known) return known.value as T
    return this.#load(key, () => this.#store.getByClaim(backendId, claim), derive)
  }

  close(): void {
    this.#unsubscribe()
    this.#forgetAll()
  }

  async #load<T>(
    key: string,
    read: () => Promise<StoredRecord | null>,
    derive: (record: StoredRecord) => T,
  ): Promise<T | null> {
    const before = this.#notices
    const record = await read()
    if (!record) return null
    const value = derive(record)
    if (this.#notices === before) this.#remember(key, addressText(record), value)
    return value
  }

  #remember(key: string, address: string, value: unknown): void {
    this.#entries.set(key, { value, address })
    const keys = this.#keysByAddress.get(address)
    if (keys) keys.add(key)
    else this.#keysByAddress.set(address, new Set([key]))
    if (this.#keysByAddress.size > 2 * ENTRIES_MAX) this.#forgetAll()
  }

  #forget(address: string): void {
    for (const key of this.#keysByAddress.get(address) ?? []) this.#entries.delete(key)
    this.#keysByAddress.delete(address)
  }

  #forgetAll(): void {
    this.#entries.clear()
    this.#keysByAddress.clear()
  }
}

function addressText({ backendId, type, id }: RecordAddress): string {
  return `${backendId}\0${type}\0${id}`
}
