import type { BlobStore } from '../blobs/port.ts'
import { Lockout } from '../lib/lockout.ts'
import { Turns } from '../lib/turns.ts'
import type { Store } from '../storage/port.ts'
import { DefinitionReader } from './apis/definition/reader.ts'
import { AssetLists } from './list/lists.ts'

/** Users of backends, whom another part of the server knows. */
export type AppUsers = {
  /**
   * @returns whose name and password these are; `proof` is another one after a change of the password
   * @throws {ApiError} `login_failed`, `not_confirmed`, `rate_limited`
   */
  logIn(
    backendId: string,
    given: { readonly login: string; readonly password: string },
  ): Promise<{ readonly userId: string; readonly proof: string }>
  /** The proof of now; `null` when there is no such user any more. */
  proofOf(backendId: string, userId: string): Promise<string | null>
}

/** What the services behind the tools API, the console and the command line work with. */
export type ToolsContext = {
  readonly store: Store
  /** Where the files of assets are. */
  readonly blobs: BlobStore
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** The largest file that is taken. */
  readonly uploadBytesMax: number
  /** Reads the definitions of APIs. */
  readonly definitions: DefinitionReader
  /** How many items a list holds at most, whatever `limit` says. */
  readonly listLimitMax: number
  readonly lists: AssetLists
  readonly lockout: Lockout
  /** Lines up writers of one asset, so that they need not lose races to each other. */
  readonly turns: Turns
  /** Tells the job runner that a batch has put a job on the queue. */
  readonly wakeJobs: () => void
  /** Where clients reach this server, without a final slash; `null`: as the request says. */
  readonly publicUrl: string | null
  /** `null`: none can log in for the doors of the platform. */
  readonly users: AppUsers | null
  /** Stops listening to the store, which stays open, and whatever it started. */
  readonly close: () => void
}

type ToolsOptions = {
  readonly store: Store
  readonly blobs: BlobStore
  readonly now?: () => number
  readonly uploadBytesMax?: number
  readonly listLimitMax?: number
  readonly wakeJobs?: () => void
  readonly publicUrl?: string | null
  readonly users?: AppUsers | null
}

/** As in the settings of an installation that says nothing else. */
const UPLOAD_BYTES_MAX = 25 * 1024 * 1024

export function createTools({
  store,
  blobs,
  now = Date.now,
  uploadBytesMax = UPLOAD_BYTES_MAX,
  listLimitMax = 1000,
  wakeJobs = () => undefined,
  publicUrl = null,
  users = null,
}: ToolsOptions): ToolsContext {
  const lists = new AssetLists(store)
  const definitions = new DefinitionReader()
  return {
    store,
    blobs,
    now,
    uploadBytesMax,
    definitions,
    listLimitMax,
    lists,
    lockout: new Lockout(),
    turns: new Turns(),
    wakeJobs,
    publicUrl,
    users,
    close: () => {
      lists.close()
      definitions.close()
    },
  }
}
