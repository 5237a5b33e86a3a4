import { randomUUID } from 'node:crypto'
import { INSTANCE } from '../../engine/backend.ts'
import { clientId } from '../../lib/ids.ts'
import { Secret } from '../../lib/secret.ts'
import { type Claim, type NewRecord, type Store, WriteConflict } from '../../storage/port.ts'

/** The OAuth client that team members log in through; there is one in an installation. */
export type TeamClient = {
  /** 32 hex digits. */
  readonly id: string
  /** Kept as it is, as a backend's is: people must be able to look it up. */
  readonly secret: Secret
}

const TYPE = 'client'
const THE_ONE: Claim = { scope: 'client.kind', value: 'team' }

/** The team client, made now if this is the first start. */
export async function ensureTeamClient(store: Store, nowMs: number): Promise<TeamClient> {
  const before = await findTeamClient(store)
  if (before) return before
  const record = newRecord(nowMs)
  try {
    const operations = [{ op: 'insert', record }] as const
    await store.write({ operations, actor: 'system', at: nowMs })
  } catch (error) {
    // Another server on the same database was quicker: its client is ours.
    if (!(error instanceof WriteConflict)) throw error
  }
  const client = await findTeamClient(store)
  if (!client) throw new Error('the team client is gone right after it was made')
  return client
}

export async function findTeamClient(store: Store): Promise<TeamClient | null> {
  const record = await store.getByClaim(INSTANCE, THE_ONE)
  if (!record) return null
  const { clientId: id } = JSON.parse(record.data) as { clientId: string }
  const { secret } = JSON.parse(record.hidden ?? '{}') as { secret: string }
  return { id, secret: new Secret(secret) }
}

function newRecord(nowMs: number): NewRecord {
  return {
    backendId: INSTANCE,
    type: TYPE,
    id: randomUUID(),
    ownerId: null,
    aclId: null,
    createdAt: nowMs,
    updatedAt: nowMs,
    data: JSON.stringify({ clientId: clientId() }),
    hidden: JSON.stringify({ secret: randomUUID() }),
    keys: {},
    claims: [THE_ONE],
  }
}
