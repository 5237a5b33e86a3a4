import { randomUUID } from 'node:crypto'
import { type Condition, type StoredRecord, WriteConflict } from '../../storage/port.ts'
import type { EngineContext } from '../context.ts'
import type { Call, ObjectDefinition, Reply } from '../definition.ts'
import { type QueryValues, whereOf } from '../query-params.ts'
import { retryLoop, write } from '../steps.ts'
import { deletion } from './delete.ts'

export const BATCH_DELETE_JOB = 'objects.batchDelete'

/** One call deletes at most so many. */
const OBJECTS_MAX = 100_000

/** So many go in one batch: small enough that other writers hardly wait. */
const SLICE = 200

/** The same of objects that others go with. */
const SLICE_WITH_OTHERS = 20

type Payload = {
  readonly type: string
  readonly where: Condition | null
  /** Objects made later stay, though the job runs later still. */
  readonly beforeId: string
  readonly actor: string
  readonly left: number
}

/** Puts the deletion on the queue and answers at once, as documented. */
export async function batchDelete(
  call: Call,
  def: ObjectDefinition,
  atMost = OBJECTS_MAX,
): Promise<Reply> {
  const now = call.context.now()
  const payload: Payload = {
    type: def.name,
    where: whereOf(call.params as QueryValues) ?? null,
    beforeId: idBound(now),
    actor: call.caller.userId ?? 'anonymous',
    left: atMost,
  }
  const job = {
    backendId: call.backend.id,
    id: randomUUID(),
    kind: BATCH_DELETE_JOB,
    payload: JSON.stringify(payload),
    runAt: now,
  }
  await write(call, [{ op: 'enqueue', job }])
  call.context.wakeJobs()
  return {}
}

/** The first id that an object made after this second can have. */
function idBound(nowMs: number): string {
  return (Math.floor(nowMs / 1000) + 1).toString(16).padStart(8, '0') + '0'.repeat(16)
}

/** The job: deletes slice by slice. Run again after a kill, it goes on with what is left. */
export async function runBatchDelete(
  context: EngineContext,
  backendId: string,
  payload: Payload,
  signal: AbortSignal,
): Promise<void> {
  const def = context.catalogue.byType(payload.type)
  if (!def) return
  const old: Condition = { op: 'lt', field: 'id', value: payload.beforeId }
  const where: Condition = payload.where ? { op: 'and', all: [payload.where, old] } : old
  const slice = def.alsoDeletes ? SLICE_WITH_OTHERS : SLICE
  for (let left = payload.left; left > 0 && !signal.aborted; left -= slice) {
    const limit = Math.min(slice, left)
    const { records } = await context.store.find({ backendId, type: def.name, where, limit })
    if (records.length === 0) return
    await deleteSlice(context, def, records, payload.actor)
  }
  signal.throwIfAborted()
}

/** All at once where that works; counters that several of them touch make it one by one. */
async function deleteSlice(
  context: EngineContext,
  def: ObjectDefinition,
  records: readonly StoredRecord[],
  actor: string,
): Promise<void> {
  const remove = async (some: readonly StoredRecord[]) => {
    const operations = await Promise.all(some.map((one) => deletion({ context }, def, one)))
    await context.store.write({ operations: operations.flat(), actor, at: context.now() })
  }
  try {
    await remove(records)
  } catch (error) {
    if (!(error instanceof WriteConflict)) throw error
    for (const record of records) await retryLoop(() => removeIfThere(context, record, remove))
  }
  context.wakeJobs()
}

async function removeIfThere(
  context: EngineContext,
  record: StoredRecord,
  remove: (some: readonly StoredRecord[]) => Promise<void>,
): Promise<void> {
  const present = await context.store.get(record)
  if (present) await remove([present])
}
