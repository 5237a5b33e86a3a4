import type { Call } from '../../engine/definition.ts'
import { type Draft, draftOf, newDraft } from '../../engine/draft.ts'
import { FilePart, invalid, type Param, plainText, required, text } from '../../engine/params.ts'
import { recordOf, retryLoop, write } from '../../engine/steps.ts'
import { ApiError } from '../../errors.ts'
import { objectId } from '../../lib/ids.ts'
import type { StoredRecord } from '../../storage/port.ts'
import { binaryDeletion, folderOf } from './binary.ts'
import { keyvalues, type Space, valueClaim } from './keyvalues.ts'

/** 2 MB, the original's limit. */
const VALUE_BYTES_MAX = 2 * 1024 * 1024

export const NAME = required(text({ max: 256 }), 'Key-value name required')

const VALUE_MISSING = 'Key-value value required'

/** Text, or for `set` the part of a multipart body. */
const value: Param<string | FilePart | undefined> = {
  schema: { type: 'string', description: 'At most 2 MB.' },
  required: false,
  read(raw, name) {
    const sent = raw instanceof FilePart ? raw : plainText(raw, name)
    if (sent instanceof FilePart && sent.staged.sizeBytes > VALUE_BYTES_MAX) throw tooLong()
    if (typeof sent === 'string') assertFits(sent)
    return sent
  },
}

export const VALUE = required(value, VALUE_MISSING)

export const TEXT_VALUE = required<string>(
  {
    ...value,
    read(raw, name) {
      const sent = value.read(raw, name)
      if (sent instanceof FilePart) throw invalid(name, 'text')
      return sent
    },
  },
  VALUE_MISSING,
)

/** @throws {ApiError} `param_invalid` beyond 2 MB */
export function assertFits(text: string): void {
  if (Buffer.byteLength(text) > VALUE_BYTES_MAX) throw tooLong()
}

function tooLong(): ApiError {
  return invalid('value', 'at most 2 MB long')
}

export function findValue(call: Call, space: Space, name: string): Promise<StoredRecord | null> {
  return call.context.store.getByClaim(call.backend.id, valueClaim(space, name))
}

/** @throws {ApiError} `object_unknown` */
export async function loadValue(call: Call, space: Space, name: string): Promise<StoredRecord> {
  const record = await findValue(call, space, name)
  if (!record) throw new ApiError('object_unknown', 'Invalid key-value name')
  return record
}

/**
 * Changes a value, or makes one, again from the reading when another writer came first. Who made it
 * stays its owner. Writers of the same name in this process take turns.
 */
export async function changeValue(
  call: Call,
  { space, name }: { readonly space: Space; readonly name: string },
  apply: (draft: Draft) => void,
): Promise<StoredRecord> {
  const claim = valueClaim(space, name)
  const id = objectId(call.context.now())
  return call.context.turns.run(`${call.backend.id}:${claim.scope}:${claim.value}`, () =>
    retryLoop(async () => {
      const before = await findValue(call, space, name)
      const draft = before ? draftOf(before) : newDraft(id, space.ownerId)
      draft.data.name = name
      draft.data.type ??= 'string'
      if (space.isPrivate) draft.data.private = true
      apply(draft)
      if (before && draft.hidden.folder !== folderOf(before)) {
        draft.operations.push(...binaryDeletion(call.context, before))
      }
      return store(call, draft)
    }),
  )
}

async function store(call: Call, draft: Draft): Promise<StoredRecord> {
  const { before } = draft
  const record = recordOf(call, keyvalues, draft)
  const own = before
    ? ({ op: 'replace', record, ifVersion: before.version } as const)
    : ({ op: 'insert', record } as const)
  await write(call, [own, ...draft.operations])
  if (draft.operations.length > 0) call.context.wakeJobs()
  return { ...record, version: (before?.version ?? 0) + 1 }
}
