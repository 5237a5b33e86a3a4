import type { Call } from '../../engine/definition.ts'
import { type Draft, draftOf, newDraft } from '../../engine/draft.ts'
import { fill, validationFailed } from '../../engine/fill.ts'
import { recordOf, write } from '../../engine/steps.ts'
import { objectId } from '../../lib/ids.ts'
import type { StoredRecord, WriteOperation } from '../../storage/port.ts'
import { headClaim, messages, type Status } from './messages.ts'

type Letter = {
  readonly sentId: string
  readonly from: string
  readonly to: readonly string[]
  /** Absent: the message begins one. */
  readonly threadId?: string
  /** Of a reply: that of the message. */
  readonly subject?: string | undefined
  /** Of a reply: the sender's copy of the message, which becomes `replied`. */
  readonly answers?: StoredRecord
}

/**
 * Writes the sender's copy and one for each recipient, all or none, and says what stands for the
 * thread in the list of each.
 *
 * @returns the sender's copy
 * @throws {ApiError} "Failed to send message: Validation failed - Body can't be blank."
 * @throws {WriteConflict} when somebody else wrote in the thread at the same time
 */
export async function deliver(call: Call, letter: Letter): Promise<StoredRecord> {
  const sent = await sentCopy(call, letter)
  const received = letter.to.map((holder) => copyFor(call, sent, holder))
  const changed = new Map<string, Draft>()
  if (letter.answers) replied(changed, letter.answers)
  const isAlsoRecipient = letter.to.includes(letter.from)
  for (const copy of isAlsoRecipient ? received : [sent, ...received]) {
    await becomeHead(call, copy, changed)
  }
  const operations: WriteOperation[] = []
  for (const draft of changed.values()) operations.push(change(call, draft))
  const records = [sent, ...received].map((draft) => recordOf(call, messages, draft))
  for (const record of records) operations.push({ op: 'insert', record })
  await write(call, operations)
  return { ...recordOf(call, messages, sent), version: 1 }
}

async function sentCopy(call: Call, letter: Letter): Promise<Draft> {
  const draft = newDraft(letter.sentId, letter.from)
  draft.data.thread_id = letter.threadId ?? letter.sentId
  draft.data.status = 'sent' satisfies Status
  if (letter.subject !== undefined) draft.data.subject = letter.subject
  await fill(call, messages, draft, 'create')
  if (String(draft.data.body ?? '').trim() === '') {
    throw validationFailed('send message', ["Body can't be blank"])
  }
  draft.data.from_id = letter.from
  draft.data.to_ids = letter.to
  return draft
}

function copyFor(call: Call, sent: Draft, holder: string): Draft {
  const draft = newDraft(objectId(call.context.now()), holder)
  Object.assign(draft.data, sent.data, { status: 'unread' satisfies Status })
  return draft
}

function replied(changed: Map<string, Draft>, message: StoredRecord): void {
  const draft = draftOf(message)
  if (draft.data.status === 'sent') return
  draft.data.status = 'replied' satisfies Status
  changed.set(message.id, draft)
}

/** A copy takes the place of the one before, unless it was sent and that one was received. */
async function becomeHead(call: Call, copy: Draft, changed: Map<string, Draft>): Promise<void> {
  const claim = headClaim(copy.ownerId ?? '', String(copy.data.thread_id))
  const before = await call.context.store.getByClaim(call.backend.id, claim)
  if (before) {
    const draft = changed.get(before.id) ?? draftOf(before)
    if (copy.data.status === 'sent' && draft.data.status !== 'sent') return
    delete draft.hidden.head
    changed.set(before.id, draft)
  }
  copy.hidden.head = true
}

function change(call: Call, draft: Draft): WriteOperation {
  const record = recordOf(call, messages, draft)
  return { op: 'replace', record, ifVersion: draft.before?.version ?? 0 }
}
