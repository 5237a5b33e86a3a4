import type { Deed, Doer, EngineContext } from '../../engine/context.ts'
import { retryLoop } from '../../engine/steps.ts'
import { ApiError } from '../../errors.ts'
import { type PushCredentials, publicFacts } from '../../push/credentials.ts'
import type { PushService } from '../../push/port.ts'
import type { RecordAddress, StoredRecord } from '../../storage/port.ts'

/** The record type of what a backend proves itself with to a push service; the id is the service. */
const CREDENTIALS_TYPE = '$push_credentials'

export const PUSH_SERVICES: readonly PushService[] = ['apns', 'fcm', 'web']

function addressOf(backendId: string, service: PushService): RecordAddress {
  return { backendId, type: CREDENTIALS_TYPE, id: service }
}

/** Bound to the backend and the service, so that no sealed text can be used for another. */
function purposeOf({ backendId, id }: RecordAddress): string {
  return `push:${backendId}:${id}`
}

/** Keeps them, sealed, in place of those that there were. */
export async function setPushCredentials(
  { store, vault, now, auditEntry }: EngineContext,
  backendId: string,
  credentials: PushCredentials,
  by: string | Doer,
): Promise<Record<string, string>> {
  const address = addressOf(backendId, credentials.service)
  const facts = publicFacts(credentials)
  await retryLoop(async () => {
    const before = await store.get(address)
    const at = now()
    const record = {
      ...{ ...address, ownerId: null, aclId: null, keys: {}, claims: [] },
      ...{ createdAt: before?.createdAt ?? at, updatedAt: at, data: JSON.stringify(facts) },
      hidden: JSON.stringify({
        sealed: vault.seal(JSON.stringify(credentials), purposeOf(address)),
      }),
    }
    const operation = before
      ? ({ op: 'replace', record, ifVersion: before.version } as const)
      : ({ op: 'insert', record } as const)
    const doer = doerOf(by)
    const entry = auditEntry(changeOf(address, before, facts), doer, at)
    await store.write({ operations: [operation, entry], actor: doer.actor, at })
  })
  return facts
}

/** @returns false when there were none */
export async function removePushCredentials(
  { store, now, auditEntry }: EngineContext,
  backendId: string,
  service: PushService,
  by: string | Doer,
): Promise<boolean> {
  const address = addressOf(backendId, service)
  return retryLoop(async () => {
    const before = await store.get(address)
    if (!before) return false
    const operation = { op: 'delete', address, ifVersion: before.version } as const
    const [doer, at] = [doerOf(by), now()]
    const entry = auditEntry(changeOf(address, before, {}), doer, at)
    await store.write({ operations: [operation, entry], actor: doer.actor, at })
    return true
  })
}

function doerOf(by: string | Doer): Doer {
  return typeof by === 'string' ? { actor: by } : by
}

/** A change of what proves the backend to a service, as a change of the backend. */
function changeOf(
  { backendId, id: service }: RecordAddress,
  before: StoredRecord | null,
  after: Readonly<Record<string, string>>,
): Deed {
  const old = JSON.parse(before?.data ?? '{}') as Record<string, string>
  const members = [...new Set([...Object.keys(old), ...Object.keys(after)])]
  const isGone = Object.keys(after).length === 0
  const facts = members
    .filter((member) => old[member] !== after[member])
    .map((member) => ({
      member: `push.${service}.${member}`,
      from: old[member] ?? null,
      to: after[member] ?? null,
    }))
  const secret = { member: `push.${service}`, from: before && '***', to: isGone ? null : '***' }
  return {
    actions: [isGone ? 'KEYS_REVOKED' : 'KEYS_REFRESHED'],
    target: { type: 'MobileBackend', id: backendId, name: null },
    changes: [...facts, secret],
  }
}

/** What may be shown of those that a backend has. */
export async function shownPushCredentials(
  { store }: EngineContext,
  backendId: string,
): Promise<Record<string, string>[]> {
  const records = await store.getMany(backendId, CREDENTIALS_TYPE, PUSH_SERVICES)
  return records.map(({ data }) => JSON.parse(data) as Record<string, string>)
}

/** `null` when the backend has none for the service. @throws {Error} when they cannot be opened */
export async function pushCredentials(
  { cache, vault }: EngineContext,
  backendId: string,
  service: PushService,
): Promise<PushCredentials | null> {
  const address = addressOf(backendId, service)
  return cache.get(address, ({ hidden }) => {
    const { sealed } = JSON.parse(hidden ?? '{}') as { sealed: string }
    return JSON.parse(vault.open(sealed, purposeOf(address)).reveal()) as PushCredentials
  })
}

/** @throws {ApiError} `param_invalid` unless there is a service to send by */
export async function assertConfigured(context: EngineContext, backendId: string): Promise<void> {
  const records = await context.store.getMany(backendId, CREDENTIALS_TYPE, PUSH_SERVICES)
  if (records.length === 0) throw unconfigured()
}

export function unconfigured(): ApiError {
  return new ApiError('param_invalid', 'App is not configured for Push Notification')
}
