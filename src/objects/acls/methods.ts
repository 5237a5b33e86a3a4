import { type Call, defineMethod } from '../../engine/definition.ts'
import { type Draft, draftOf, newDraft } from '../../engine/draft.ts'
import { actingUser, fill } from '../../engine/fill.ts'
import { SU_ID } from '../../engine/method-params.ts'
import { query, queryBy } from '../../engine/methods/query.ts'
import { described, flag, id, text } from '../../engine/params.ts'
import { QUERY_PARAMS, VIEW_PARAMS, whereOf } from '../../engine/query-params.ts'
import { replyWith, retrying, save, write } from '../../engine/steps.ts'
import { objectId } from '../../lib/ids.ts'
import { keyOf } from '../../storage/keys.ts'
import { acls } from './acls.ts'
import { allowAcl, loadAcl, setState, stateOf, userIds } from './list.ts'

const NAMED = { id: id(), name: described(text({ max: 255 }), 'In place of the id.') }

const CONTENT = {
  reader_ids: userIds,
  writer_ids: userIds,
  public_read: flag(),
  public_write: flag(),
}

const RETURNS = { key: 'acls', schema: 'Acl' }

function applyContent(call: Call, draft: Draft): void {
  const before = stateOf(draft)
  const params = call.params as {
    reader_ids?: readonly string[]
    writer_ids?: readonly string[]
    public_read?: boolean
    public_write?: boolean
  }
  setState(draft, {
    readers: params.reader_ids ?? before.readers,
    writers: params.writer_ids ?? before.writers,
    publicRead: params.public_read ?? before.publicRead,
    publicWrite: params.public_write ?? before.publicWrite,
  })
}

export const createAcl = defineMethod({
  name: 'createAcl',
  group: 'Acl',
  verb: 'POST',
  path: 'acls/create',
  auth: 'user',
  summary: 'Makes an access list. Its owner is always on it.',
  params: { name: text({ max: 255 }), ...CONTENT, ...SU_ID, ...VIEW_PARAMS },
  returns: RETURNS,
  async run(call) {
    const draft = newDraft(objectId(call.context.now()), await actingUser(call))
    await fill(call, acls, draft, 'create')
    applyContent(call, draft)
    return replyWith(call, acls, [await save(call, acls, draft)])
  },
})

export const showAcl = defineMethod({
  name: 'showAcl',
  group: 'Acl',
  verb: 'GET',
  path: 'acls/show',
  auth: 'user',
  summary: 'Shows an access list to its owner.',
  params: { ...NAMED, ...SU_ID, ...VIEW_PARAMS },
  returns: RETURNS,
  async run(call) {
    const record = await loadAcl(call)
    await allowAcl(call, record, 'show')
    return replyWith(call, acls, [record])
  },
})

export const updateAcl = defineMethod({
  name: 'updateAcl',
  group: 'Acl',
  verb: 'PUT',
  path: 'acls/update',
  auth: 'user',
  summary: 'Changes an access list; a list of ids replaces the present one.',
  params: { ...NAMED, ...CONTENT, ...SU_ID, ...VIEW_PARAMS },
  returns: RETURNS,
  async run(call) {
    const { id: aclId } = await loadAcl(call)
    const record = await retrying(call, acls, aclId, async () => {
      const before = await loadAcl({ ...call, params: { ...call.params, id: aclId } })
      await allowAcl(call, before, 'update')
      const draft = draftOf(before)
      applyContent(call, draft)
      return save(call, acls, draft)
    })
    return replyWith(call, acls, [record])
  },
})

export const deleteAcl = defineMethod({
  name: 'deleteAcl',
  group: 'Acl',
  verb: 'DELETE',
  path: 'acls/delete',
  auth: 'user',
  summary: 'Deletes an access list; its objects are then as without one.',
  params: { ...NAMED, ...SU_ID },
  returns: {},
  async run(call) {
    const record = await loadAcl(call)
    await allowAcl(call, record, 'delete')
    const { backendId, type, id: aclId } = record
    await write(call, [{ op: 'delete', address: { backendId, type, id: aclId } }])
    return {}
  },
})

export const queryAcls = defineMethod({
  name: 'queryACL',
  group: 'Acl',
  verb: 'GET',
  path: 'acls/query',
  auth: 'user',
  summary: "The caller's own lists; administrators may ask for another user's.",
  params: { ...QUERY_PARAMS, user_id: described(id(), 'For administrators.') },
  returns: RETURNS,
  async run(call) {
    const { user_id: asked, ...params } = call.params
    if (call.caller.admin && !asked) return query(call, acls)
    const owner = call.caller.admin && asked ? asked : call.caller.userId
    const own = { op: 'eq', field: 'user_id', value: keyOf(owner) } as const
    const where = whereOf(params)
    return queryBy(call, acls, where ? { op: 'and', all: [own, where] } : own)
  },
})
