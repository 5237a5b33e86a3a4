import { INSTANCE } from '../../engine/backend.ts'
import { objectId } from '../../lib/ids.ts'
import { wordsOf } from '../../lib/words.ts'
import { dateKey, keysOf, textKey } from '../../storage/keys.ts'
import type {
  Keys,
  NewRecord,
  StoredRecord,
  WriteBatch,
  WriteOperation,
} from '../../storage/port.ts'
import { foldCase } from '../list/fold.ts'
import type { MemberChange } from './changes.ts'

export const AUDIT_TYPE = 'audit'

/** By which token and in which request someone did something, where there was one. */
export type Trace = {
  readonly tokenId?: string
  /** Of a personal token, or one of a script. */
  readonly tokenName?: string
  readonly requestId?: string
}

/** Who does something now: a member or a script, by name, and how they came in. */
export type By = { readonly actor: string; readonly at: number; readonly trace?: Trace }

/** The same before it is known when. */
export type Acting = Omit<By, 'at'>

/** A name alone is somebody who needs no token. */
export type Actor = string | Acting

export function byOf(actor: Actor, at: number): By {
  return typeof actor === 'string' ? { actor, at } : { ...actor, at }
}

/** What someone writes now. */
export function batchBy({ actor, at }: By, operations: readonly WriteOperation[]): WriteBatch {
  return { operations, actor, at }
}

/** What something was done to. It may be gone by the time that someone reads of it. */
export type AuditTarget = {
  readonly type: string
  readonly id: string | null
  readonly name: string | null
  readonly version?: string | null
}

export type AuditEvent = {
  /** What was done; a change may be several things at once. */
  readonly actions: readonly string[]
  readonly target: AuditTarget
  readonly changes?: readonly MemberChange[]
  readonly comment?: string | null
}

/** An entry as it is kept and as it goes out, but for its id. */
type AuditData = Required<Omit<AuditEvent, 'comment'>> & {
  readonly performedBy: string
  readonly performedOn: string
  readonly tokenId: string | null
  readonly tokenName: string | null
  readonly requestId: string | null
  readonly actionComment: string | null
}

export type AuditEntry = { readonly id: string } & AuditData

/**
 * The write of an entry. It goes into the batch of what it tells of, so that the one is there if and
 * only if the other is. Nothing but the loss of the database removes it: not even a purge.
 */
export function auditInsert(event: AuditEvent, by: By): WriteOperation {
  return { op: 'insert', record: auditRecord(event, by) }
}

function auditRecord(event: AuditEvent, { actor, at, trace = {} }: By): NewRecord {
  const { actions, target, changes = [], comment = null } = event
  const data: AuditData = {
    performedBy: actor,
    performedOn: new Date(at).toISOString(),
    tokenId: trace.tokenId ?? null,
    tokenName: trace.tokenName ?? null,
    requestId: trace.requestId ?? null,
    actions,
    target: { version: null, ...target },
    changes,
    actionComment: comment,
  }
  return {
    ...{ backendId: INSTANCE, type: AUDIT_TYPE, id: objectId(at), ownerId: null, aclId: null },
    ...{ createdAt: at, updatedAt: at, data: JSON.stringify(data), hidden: null, claims: [] },
    keys: keysFor(data, at),
  }
}

function keysFor(data: AuditData, at: number): Keys {
  const { target, tokenName, actionComment } = data
  const texts = [data.performedBy, tokenName, target.type, target.name, target.version]
  const words = [...texts, actionComment, ...data.actions, ...data.changes.map((one) => one.member)]
  return {
    at: dateKey(at),
    actor: textKey(foldCase(data.performedBy)),
    action: keysOf(data.actions),
    ...(target.id !== null && { target: textKey(target.id) }),
    $text: keysOf(words.flatMap((text) => wordsOf(text ?? ''))),
  }
}

export function auditEntryOf({ id, data }: StoredRecord): AuditEntry {
  return { id, ...(JSON.parse(data) as AuditData) }
}
