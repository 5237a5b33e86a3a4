import { INSTANCE } from '../../engine/backend.ts'
import { objectId } from '../../lib/ids.ts'
import { numberKey } from '../../storage/keys.ts'
import type { NewRecord, Store, StoredRecord } from '../../storage/port.ts'
import { belongingKeys, belongingOf, HISTORY_TYPE } from './belongings.ts'

/** More than any change has entries. */
const ENTRIES_PER_CHANGE_MAX = 100

export type HistoryAction =
  | 'CREATED'
  | 'UPDATED'
  | 'RENUMBERED'
  | 'REROUTED'
  | 'API_ADDED'
  | 'API_REMOVED'
  | 'COLLECTION_ADDED'
  | 'COLLECTION_REMOVED'
  | 'KEYS_REFRESHED'
  | 'KEYS_REVOKED'
  | 'PUBLISHED'
  | 'DEACTIVATED'
  | 'ACTIVATED'
  | 'TRASHED'
  | 'UNTRASHED'

/** What happened to an asset: a change may be several things at once. */
export type Happening = {
  readonly action: HistoryAction
  readonly comment?: string | null
  /** The members that became others. */
  readonly changed?: readonly string[]
}

/** An entry as it goes out. */
type Entry = {
  readonly action: HistoryAction
  readonly actionComment: string | null
  readonly etag: string
  readonly version: string
  readonly performedBy: string
  readonly performedOn: string
  readonly changed?: readonly string[]
}

/** The entries of one change, to be written in the batch of the change itself. */
export function historyRecords(
  after: StoredRecord,
  happenings: readonly Happening[],
  { actor, at }: { readonly actor: string; readonly at: number },
): NewRecord[] {
  const { version } = JSON.parse(after.data) as { version: string }
  return happenings.map(({ action, comment = null, changed }, index) => {
    const entry: Entry = {
      action,
      actionComment: comment,
      etag: String(after.version),
      version,
      performedBy: actor,
      performedOn: new Date(at).toISOString(),
      ...(changed && { changed }),
    }
    return {
      backendId: INSTANCE,
      type: HISTORY_TYPE,
      id: objectId(at),
      ownerId: null,
      aclId: null,
      createdAt: at,
      updatedAt: at,
      data: JSON.stringify(entry),
      hidden: null,
      // Clocks may step back and several entries share a time; the counter of changes never does.
      keys: {
        ...belongingKeys(after.id),
        order: numberKey(after.version * ENTRIES_PER_CHANGE_MAX + index),
      },
      claims: [],
    }
  })
}

type HistoryPage = {
  readonly direction: 'asc' | 'desc'
  readonly limit: number
  readonly offset: number
}

/** A part of an asset's history, and how long all of it is. */
export async function readHistory(
  store: Store,
  assetId: string,
  { direction, limit, offset }: HistoryPage,
): Promise<{ readonly entries: readonly Entry[]; readonly total: number }> {
  const of = belongingOf(HISTORY_TYPE, assetId)
  const [{ count }, { records }] = await Promise.all([
    store.count(of),
    store.find({ ...of, orderBy: [{ field: 'order', direction }], limit, offset }),
  ])
  return { entries: records.map(({ data }) => JSON.parse(data) as Entry), total: count }
}
