import { type Call, defineMethod, type Reply } from '../../engine/definition.ts'
import { draftOf } from '../../engine/draft.ts'
import { SU_ID } from '../../engine/method-params.ts'
import { id, missing, text } from '../../engine/params.ts'
import { retrying, save } from '../../engine/steps.ts'
import { acls } from './acls.ts'
import { allowAcl, loadAcl, setState, stateOf, userIds } from './list.ts'

const PARAMS = {
  id: id(),
  name: text({ max: 255 }),
  reader_ids: userIds,
  writer_ids: userIds,
  ...SU_ID,
}

type Change = (present: readonly string[], named: readonly string[]) => readonly string[]

async function changeUsers(call: Call, change: Change): Promise<Reply> {
  const { reader_ids, writer_ids } = call.params as Record<string, readonly string[] | undefined>
  if (!reader_ids && !writer_ids) throw missing('reader_ids or writer_ids')
  const { id: aclId } = await loadAcl(call)
  await retrying(call, acls, aclId, async () => {
    const record = await loadAcl({ ...call, params: { ...call.params, id: aclId } })
    await allowAcl(call, record, 'update')
    const draft = draftOf(record)
    const state = stateOf(draft)
    setState(draft, {
      ...state,
      readers: change(state.readers, reader_ids ?? []),
      writers: change(state.writers, writer_ids ?? []),
    })
    return save(call, acls, draft)
  })
  return {}
}

export const addUsers = defineMethod({
  name: 'addAcl',
  group: 'Acl',
  verb: 'POST',
  path: 'acls/add',
  auth: 'user',
  summary: 'Puts users on an access list.',
  params: PARAMS,
  returns: {},
  run: (call) => changeUsers(call, (present, named) => [...present, ...named]),
})

export const removeUsers = defineMethod({
  name: 'removeAcl',
  group: 'Acl',
  verb: 'DELETE',
  path: 'acls/remove',
  auth: 'user',
  summary: 'Takes users off an access list. The owner stays on it.',
  params: PARAMS,
  returns: {},
  run: (call) =>
    changeUsers(call, (present, named) => present.filter((one) => !named.includes(one))),
})
