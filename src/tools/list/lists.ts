import type { Store, StoredRecord } from '../../storage/port.ts'
import type { Asset } from '../assets/asset.ts'
import { AssetCollection } from './collection.ts'

type Listed<A extends Asset> = {
  readonly recordType: string
  read(record: StoredRecord): A
}

/** The assets of each type in memory, from when someone first asks for them. */
export class AssetLists {
  readonly #store: Store
  readonly #byType = new Map<string, AssetCollection<Asset>>()

  constructor(store: Store) {
    this.#store = store
  }

  of<A extends Asset>(type: Listed<A>): AssetCollection<A> {
    const before = this.#byType.get(type.recordType)
    // Sound: a record type is read in one way.
    if (before) return before as unknown as AssetCollection<A>
    const made = new AssetCollection<A>(this.#store, type.recordType, (record) => type.read(record))
    this.#byType.set(type.recordType, made as unknown as AssetCollection<Asset>)
    return made
  }

  close(): void {
    for (const one of this.#byType.values()) one.close()
  }
}
