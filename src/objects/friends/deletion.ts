import type { EngineContext } from '../../engine/context.ts'
import { retryLoop } from '../../engine/steps.ts'
import { keyOf } from '../../storage/keys.ts'
import type { StoredRecord, WriteOperation } from '../../storage/port.ts'
import { Changes, goneUsers, relations } from './relations.ts'

/** Ends the friendships of a user who is gone, and takes them out of the others' counts. */
export const END_FRIENDSHIPS_JOB = 'friends.endAll'

const SLICE = 100

/** A job, since somebody may have very many followers. */
export function endFriendships(context: EngineContext, user: StoredRecord): WriteOperation {
  const job = {
    backendId: user.backendId,
    id: `friends-${user.id}`,
    kind: END_FRIENDSHIPS_JOB,
    payload: JSON.stringify({ userId: user.id }),
    runAt: context.now(),
  }
  return { op: 'enqueue', job }
}

/** Run again after a kill, it goes on with what is left. */
export async function endAllFriendships(
  context: EngineContext,
  backendId: string,
  userId: string,
): Promise<void> {
  for (let left = true; left; ) {
    left = await retryLoop(() => endSlice(context, backendId, userId))
  }
}

/** @returns whether there may be more */
async function endSlice(
  context: EngineContext,
  backendId: string,
  userId: string,
): Promise<boolean> {
  const value = keyOf(userId)
  const { records } = await context.store.find({
    backendId,
    type: relations.name,
    where: {
      op: 'or',
      any: [
        { op: 'eq', field: 'user_id', value },
        { op: 'eq', field: 'to_user_id', value },
      ],
    },
    limit: SLICE,
  })
  if (records.length === 0) return false
  const changes = new Changes()
  for (const record of records) changes.end(record)
  changes.ignore(await goneUsers(context, backendId, changes.userIds()))
  const operations = changes.operations(backendId)
  await context.store.write({ operations, actor: 'system', at: context.now() })
  return records.length === SLICE
}
