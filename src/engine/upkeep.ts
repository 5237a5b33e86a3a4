import { dateKey } from '../storage/keys.ts'
import type { Condition } from '../storage/port.ts'
import { BACKEND_TYPE, type Backend, backendOf, INSTANCE } from './backend.ts'
import type { EngineContext } from './context.ts'
import { NONCE_KEPT_S, NONCE_TYPE } from './nonces.ts'
import { SESSION_TYPE } from './sessions.ts'

const DAY_MS = 86_400_000
const SLICE = 500

/** What else is past its time, at a time in milliseconds. */
export type Expiring = (
  now: number,
) => readonly { readonly type: string; readonly where: Condition }[]

/**
 * Removes what has no use any more: sessions past their time, nonces too old to come again, and what
 * `more` names.
 */
export async function removeExpired(
  context: EngineContext,
  signal: AbortSignal,
  more: Expiring = () => [],
): Promise<number> {
  let removed = 0
  for (const backend of await allBackends(context)) {
    removed += await removeAll(
      context,
      backend.id,
      SESSION_TYPE,
      idleSince(context, backend),
      signal,
    )
    removed += await removeAll(context, backend.id, NONCE_TYPE, oldNonces(context), signal)
    for (const { type, where } of more(context.now())) {
      removed += await removeAll(context, backend.id, type, where, signal)
    }
  }
  return removed
}

async function allBackends({ store }: EngineContext): Promise<Backend[]> {
  const backends: Backend[] = []
  let last: string | undefined
  for (;;) {
    const { records } = await store.find({
      backendId: INSTANCE,
      type: BACKEND_TYPE,
      orderBy: [{ field: 'id', direction: 'asc' }],
      ...(last === undefined ? {} : { where: { op: 'gt', field: 'id', value: last } as const }),
      limit: SLICE,
    })
    backends.push(...records.map(backendOf))
    last = records.at(-1)?.id
    if (records.length < SLICE) return backends
  }
}

function idleSince({ now }: EngineContext, { settings }: Backend): Condition {
  const before = now() - settings.sessionIdleDays * DAY_MS
  return { op: 'lt', field: 'used_at', value: dateKey(before) }
}

function oldNonces({ now }: EngineContext): Condition {
  const before = Math.max(0, Math.floor(now() / 1000) - NONCE_KEPT_S)
  return { op: 'lt', field: 'id', value: before.toString(16).padStart(8, '0') }
}

async function removeAll(
  { store, now }: EngineContext,
  backendId: string,
  type: string,
  where: Condition,
  signal: AbortSignal,
): Promise<number> {
  for (let removed = 0; ; ) {
    signal.throwIfAborted()
    const { records } = await store.find({ backendId, type, where, limit: SLICE })
    if (records.length === 0) return removed
    const operations = records.map(({ id, version }) => ({
      op: 'delete' as const,
      address: { backendId, type, id },
      ifVersion: version,
    }))
    await store.write({ operations, actor: 'system', at: now() })
    removed += records.length
  }
}
