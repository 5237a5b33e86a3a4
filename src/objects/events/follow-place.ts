import type { EngineContext } from '../../engine/context.ts'
import type { Call } from '../../engine/definition.ts'
import { type Draft, draftOf } from '../../engine/draft.ts'
import { retryLoop } from '../../engine/steps.ts'
import { keyOf } from '../../storage/keys.ts'
import type { StoredRecord, WriteOperation } from '../../storage/port.ts'
import { events } from './events.ts'
import { move, occurrenceMoves } from './occurrences.ts'
import { isUnchanged, placeOf, setPosition } from './position.ts'

/** Takes the events of a place along to where the place has moved. */
export const FOLLOW_PLACE_JOB = 'events.followPlace'

const SLICE = 100

/** What a place that has moved puts on the queue with the change: it may have very many events. */
export function followOperations({ context, backend }: Call, place: Draft): WriteOperation[] {
  const { before, data } = place
  if (!before || samePosition(JSON.parse(before.data), data)) return []
  const job = {
    backendId: backend.id,
    id: `${FOLLOW_PLACE_JOB}:${place.id}:${before.version}`,
    kind: FOLLOW_PLACE_JOB,
    payload: JSON.stringify({ placeId: place.id }),
    runAt: context.now(),
  }
  return [{ op: 'enqueue', job }]
}

function samePosition(before: Draft['data'], after: Draft['data']): boolean {
  return before.longitude === after.longitude && before.latitude === after.latitude
}

/** The job. Run again after a kill, it passes over those that are there already. */
export async function followPlace(
  context: EngineContext,
  backendId: string,
  { placeId }: { readonly placeId: string },
  signal: AbortSignal,
): Promise<void> {
  for (let after = ''; ; ) {
    signal.throwIfAborted()
    const { records } = await context.store.find({
      backendId,
      type: events.name,
      where: {
        op: 'and',
        all: [
          { op: 'eq', field: 'place_id', value: keyOf(placeId) },
          { op: 'gt', field: 'id', value: after },
        ],
      },
      orderBy: [{ field: 'id', direction: 'asc' }],
      limit: SLICE,
    })
    for (const event of records) await retryLoop(() => followOne(context, event))
    const last = records.at(-1)
    if (!last || records.length < SLICE) return
    after = last.id
  }
}

/** An event and its occurrences, in a batch that fails when the place moves on meanwhile. */
async function followOne(context: EngineContext, event: StoredRecord): Promise<void> {
  const before = await context.store.get(event)
  if (!before) return
  const draft = { ...draftOf(before), before }
  const place = await placeOf(context, before.backendId, draft)
  setPosition(draft, place)
  if (samePosition(JSON.parse(before.hidden ?? '{}'), draft.hidden)) return
  const operations = [
    ...(place ? [isUnchanged(place)] : []),
    move(events, draft),
    ...(await occurrenceMoves(context, draft)),
  ]
  await context.store.write({ operations, actor: 'system', at: context.now() })
}
