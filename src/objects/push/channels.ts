import type { Call } from '../../engine/definition.ts'
import { tokenDigest } from '../../lib/ids.ts'
import { keyOf } from '../../storage/keys.ts'
import type { Condition, WriteOperation } from '../../storage/port.ts'

/** Names that some device has subscribed to at some time, so that administrators can list them. */
const CHANNEL_TYPE = '$push_channel'

/** So many of an app's channels are listed at most. */
const LISTED_MAX = 1000

/** What notes down names that are new. A race is lost as any other: the caller tries again. */
export async function channelOperations(
  { context, backend }: Call,
  names: readonly string[],
): Promise<WriteOperation[]> {
  const ids = new Map(names.map((name) => [idOf(name), name]))
  const known = await context.store.getMany(backend.id, CHANNEL_TYPE, [...ids.keys()])
  for (const { id } of known) ids.delete(id)
  const now = context.now()
  return [...ids].map(([id, name]) => ({
    op: 'insert',
    record: {
      ...{ backendId: backend.id, type: CHANNEL_TYPE, id, ownerId: null, aclId: null },
      ...{ createdAt: now, updatedAt: now, hidden: null, claims: [] },
      data: JSON.stringify({ name }),
      keys: { name: keyOf(name) },
    },
  }))
}

function idOf(name: string): string {
  return tokenDigest(name).slice(0, 24)
}

/** Every channel of the app that has devices now, by name. */
export async function channelsInUse(call: Call, devices: string): Promise<string[]> {
  const { store } = call.context
  const backendId = call.backend.id
  const { records } = await store.find({
    backendId,
    type: CHANNEL_TYPE,
    orderBy: [{ field: 'name', direction: 'asc' }],
    limit: LISTED_MAX,
  })
  const used: string[] = []
  for (const record of records) {
    const { name } = JSON.parse(record.data) as { name: string }
    const { count } = await store.count({
      backendId,
      type: devices,
      where: inChannel([name]),
      upTo: 1,
    })
    if (count > 0) used.push(name)
  }
  return used
}

export function inChannel(channels: readonly string[]): Condition {
  return { op: 'in', field: 'channel', values: channels.map(keyOf) }
}
