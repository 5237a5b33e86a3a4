import type { ToolsContext } from '../context.ts'
import { type Entry, Rankings, Snapshot } from '../list/snapshot.ts'
import type { Asset } from './asset.ts'
import { ASSET_TYPES, type AssetType, type AssetTypeName } from './types.ts'

type Parts = readonly (readonly Entry<Asset>[])[]

type Merged = { readonly parts: Parts; readonly snapshot: Snapshot<Asset> }

async function entriesOf(tools: ToolsContext, type: AssetType): Promise<readonly Entry<Asset>[]> {
  return (await tools.lists.of(type).current()).entries
}

/** Assets of several types as one list, put together anew only when one of them changed. */
export class AllAssets {
  readonly #rankings = new Rankings()
  readonly #merged = new Map<string, Merged>()
  readonly #types = new WeakMap<Asset, AssetType>()

  /** Those of the types that are named, or of every type. */
  of(tools: ToolsContext, names: readonly AssetTypeName[] | null) {
    const types = ASSET_TYPES.filter(({ name }) => names?.includes(name) ?? true)
    const key = types.map(({ name }) => name).join()
    return {
      current: async (): Promise<Snapshot<Asset>> => {
        const parts = await Promise.all(types.map((type) => entriesOf(tools, type)))
        const before = this.#merged.get(key)
        if (before && parts.every((part, at) => part === before.parts[at])) return before.snapshot
        for (const [at, part] of parts.entries()) {
          const type = types[at]
          for (const { asset } of part) if (type) this.#types.set(asset, type)
        }
        const snapshot = new Snapshot(parts.flat(), this.#rankings)
        this.#merged.set(key, { parts, snapshot })
        return snapshot
      },
    }
  }

  /** The type of an asset that came in a list. */
  typeOf(asset: Asset): AssetType | undefined {
    return this.#types.get(asset)
  }
}
