import { type Call, defineMethod } from '../../engine/definition.ts'
import { actingUser } from '../../engine/fill.ts'
import { SU_ID } from '../../engine/method-params.ts'
import { deletion } from '../../engine/methods/delete.ts'
import { queryBy } from '../../engine/methods/query.ts'
import { described, FilePart, flag, id, invalid, text } from '../../engine/params.ts'
import { QUERY_PARAMS, VIEW_PARAMS, whereOf } from '../../engine/query-params.ts'
import { replyWith, retryLoop, write } from '../../engine/steps.ts'
import { ApiError } from '../../errors.ts'
import { keyOf } from '../../storage/keys.ts'
import type { Condition, StoredRecord } from '../../storage/port.ts'
import { queriedUser } from '../users/queried.ts'
import { folderOf, readBinary, storeBinary } from './binary.ts'
import { keyvalues, type Space } from './keyvalues.ts'
import { assertFits, changeValue, findValue, loadValue, NAME, TEXT_VALUE, VALUE } from './values.ts'

const ACCESS = {
  access_private: described(flag(), "true: in the caller's own store, and not in the public one."),
}

const RETURNS = { key: 'keyvalues', schema: 'KeyValue' }

/** Anybody who is logged in writes in the public store. */
async function ownSpace(call: Call): Promise<Space> {
  return { ownerId: await actingUser(call), isPrivate: call.params.access_private === true }
}

export const setKeyvalue = defineMethod({
  name: 'setKeyvalue',
  group: 'KeyValue',
  verb: 'PUT',
  path: 'keyvalues/set',
  // A call without a session is 400 here and not 401, so the method asks for one itself.
  auth: 'none',
  summary: 'Sets a value, whatever it was. Needs a login.',
  params: {
    name: NAME,
    value: VALUE,
    type: text({ pattern: /^(string|binary)$/, expected: 'string or binary' }),
    ...ACCESS,
    ...SU_ID,
  },
  returns: {},
  async run(call) {
    assertCaller(call, 400)
    const space = await ownSpace(call)
    const { name, value, type } = call.params
    if (type === 'binary') {
      const folder = await storeBinary(call, value)
      await changeValue(call, { space, name }, ({ data, hidden }) => {
        data.type = 'binary'
        delete data.value
        hidden.folder = folder
      })
      return {}
    }
    if (value instanceof FilePart) throw invalid('value', 'text, unless type is binary')
    await changeValue(call, { space, name }, ({ data, hidden }) => {
      data.type = 'string'
      data.value = value
      delete hidden.folder
    })
    return {}
  },
})

function assertCaller({ caller, request }: Call, status: 400 | 401): void {
  if (caller.userId !== null) return
  if (request.sessionToken !== null) throw new ApiError('session_unknown')
  throw new ApiError('session_required', undefined, { status })
}

export const getKeyvalue = defineMethod({
  name: 'getKeyvalue',
  group: 'KeyValue',
  verb: 'GET',
  path: 'keyvalues/get',
  auth: 'none',
  summary: 'Shows a value; a binary one is the whole body of the answer.',
  params: {
    name: NAME,
    ...ACCESS,
    user_id: described(id(), 'For administrators: whose private value.'),
    ...SU_ID,
    ...VIEW_PARAMS,
  },
  returns: RETURNS,
  async run(call) {
    const isPrivate = call.params.access_private === true
    if (isPrivate) assertCaller(call, 401)
    // Of a public value it makes no difference whose it is, but who may ask for another's does.
    const asked = queriedUser(call)
    const ownerId = isPrivate ? (asked ?? call.caller.userId) : null
    const record = await loadValue(call, { ownerId, isPrivate }, call.params.name)
    if (folderOf(record) === null) return replyWith(call, keyvalues, [record])
    const body = await contentOf(call, record)
    return { raw: { contentType: 'application/octet-stream', body } }
  },
})

/** A value that is replaced just now has another file by the time that its own is gone. */
async function contentOf(call: Call, record: StoredRecord): Promise<Uint8Array> {
  let current: StoredRecord | null = record
  for (let tries = 0; current && tries < 3; tries += 1) {
    const folder = folderOf(current)
    const body = folder === null ? null : await readBinary(call, folder)
    if (body) return body
    current = await call.context.store.get(record)
  }
  throw new Error(`the file of key-value ${record.id} is missing`)
}

export const appendKeyvalue = defineMethod({
  name: 'appendKeyvalue',
  group: 'KeyValue',
  verb: 'PUT',
  path: 'keyvalues/append',
  auth: 'user',
  summary: 'Adds text to the end of a value, or makes one of it.',
  params: { name: NAME, value: TEXT_VALUE, ...ACCESS, ...SU_ID, ...VIEW_PARAMS },
  returns: RETURNS,
  async run(call) {
    const { name, value } = call.params
    const space = await ownSpace(call)
    const record = await changeValue(call, { space, name }, ({ data }) => {
      assertText(data)
      const text = `${data.value ?? ''}${value}`
      assertFits(text)
      data.value = text
    })
    return replyWith(call, keyvalues, [record])
  },
})

export const incrbyKeyvalue = defineMethod({
  name: 'incrbyKeyvalue',
  group: 'KeyValue',
  verb: 'PUT',
  path: 'keyvalues/incrby',
  // So the old reference spelled it in its samples.
  aliases: ['keyvalues/incrb'],
  auth: 'user',
  summary: 'Adds a whole number to a value; one that is no whole number is replaced.',
  params: { name: NAME, value: TEXT_VALUE, ...ACCESS, ...SU_ID, ...VIEW_PARAMS },
  returns: RETURNS,
  async run(call) {
    const { name, value } = call.params
    const space = await ownSpace(call)
    const by = wholeNumber(value.replace(/\.\d*\s*$/, ''))
    if (by === null) {
      // Documented: what cannot be added changes nothing.
      const present = await findValue(call, space, name)
      if (!present) throw invalid('value', 'a whole number')
      assertText(JSON.parse(present.data))
      return replyWith(call, keyvalues, [present])
    }
    const record = await changeValue(call, { space, name }, ({ data }) => {
      assertText(data)
      const sum = (wholeNumber(String(data.value ?? '')) ?? 0) + by
      if (!Number.isSafeInteger(sum)) throw invalid('value', 'smaller: the sum is out of range')
      data.value = sum
    })
    return replyWith(call, keyvalues, [record])
  },
})

function assertText(data: Readonly<Record<string, unknown>>): void {
  if (data.type !== 'binary') return
  throw new ApiError('param_invalid', 'A binary key-value cannot be appended to or incremented')
}

/** `null` for text that is none, or none that a double holds exactly. */
function wholeNumber(text: string): number | null {
  if (!/^\s*[+-]?\d+\s*$/.test(text)) return null
  const number = Number(text)
  return Number.isSafeInteger(number) ? number : null
}

export const deleteKeyvalue = defineMethod({
  name: 'deleteKeyvalue',
  group: 'KeyValue',
  verb: 'DELETE',
  path: 'keyvalues/delete',
  auth: 'user',
  summary: 'Deletes a value.',
  params: { name: NAME, ...ACCESS, ...SU_ID },
  returns: {},
  async run(call) {
    const space = await ownSpace(call)
    await retryLoop(async () => {
      const record = await loadValue(call, space, call.params.name)
      await write(call, await deletion(call, keyvalues, record))
    })
    call.context.wakeJobs()
    return {}
  },
})

export const queryKeyValues = defineMethod({
  name: 'queryKeyValues',
  group: 'KeyValue',
  verb: 'GET',
  path: 'keyvalues/query',
  auth: 'none',
  summary: "Finds public values and the caller's own; administrators find all.",
  params: QUERY_PARAMS,
  returns: RETURNS,
  async run(call) {
    const all: Condition[] = []
    const asked = whereOf(call.params)
    if (asked) all.push(asked)
    if (!call.caller.admin) all.push(visibleTo(call.caller.userId))
    return queryBy(call, keyvalues, { op: 'and', all })
  },
})

function visibleTo(userId: string | null): Condition {
  const isPublic: Condition = { op: 'eq', field: 'private', value: keyOf(false) }
  if (userId === null) return isPublic
  return { op: 'or', any: [isPublic, { op: 'eq', field: 'user_id', value: keyOf(userId) }] }
}
