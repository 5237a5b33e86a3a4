import { BACKEND_TYPE } from '../engine/backend.ts'
import { Turns } from '../lib/turns.ts'
import type { Store } from '../storage/port.ts'
import { type BackendAsset, backendAssetOf } from './backends/backend.ts'
import { AssetCollection } from './list/collection.ts'
import { Lockout } from './team/lockout.ts'

/** What the services behind the tools API, the console and the command line work with. */
export type ToolsContext = {
  readonly store: Store
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** How many items a list holds at most, whatever `limit` says. */
  readonly listLimitMax: number
  readonly backends: AssetCollection<BackendAsset>
  readonly lockout: Lockout
  /** Lines up writers of one asset, so that they need not lose races to each other. */
  readonly turns: Turns
  /** Tells the job runner that a batch has put a job on the queue. */
  readonly wakeJobs: () => void
  /** Where clients reach this server, without a final slash; `null`: as the request says. */
  readonly publicUrl: string | null
  /** Stops listening to the store, which stays open. */
  readonly close: () => void
}

type ToolsOptions = {
  readonly store: Store
  readonly now?: () => number
  readonly listLimitMax?: number
  readonly wakeJobs?: () => void
  readonly publicUrl?: string | null
}

export function createTools({
  store,
  now = Date.now,
  listLimitMax = 1000,
  wakeJobs = () => undefined,
  publicUrl = null,
}: ToolsOptions): ToolsContext {
  const backends = new AssetCollection(store, BACKEND_TYPE, backendAssetOf)
  return {
    store,
    now,
    listLimitMax,
    backends,
    lockout: new Lockout(now),
    turns: new Turns(),
    wakeJobs,
    publicUrl,
    close: () => backends.close(),
  }
}
