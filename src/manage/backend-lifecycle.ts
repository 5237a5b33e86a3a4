import type { Context } from '../context.ts'
import { ApiError } from '../errors.ts'
import { type BatchCommand, runBatch } from '../tools/assets/batch/command.ts'
import { publishAsset } from '../tools/assets/publish.ts'
import { createVersion as copyToVersion } from '../tools/assets/versions.ts'
import { COPIED_BACKENDS } from '../tools/backends/lifecycle/versions.ts'
import { readBackend } from '../tools/backends/read.ts'
import { changeKeys, KEY_SETS } from '../tools/backends/security/keys.ts'
import { BACKENDS } from '../tools/backends/type.ts'
import { updateBackend } from '../tools/backends/update.ts'
import { COMMAND_ACTOR, findBackend, showBackend } from './backends.ts'
import { operation } from './operation.ts'

const FIELDS = { backend: 'text', comment: 'text?' } as const

/** Who has access to the machine may do what administrators may. */
const CALLER = { login: COMMAND_ACTOR, roles: ['Administrator'] } as const

export const publish = operation(FIELDS, async (context, { backend, comment = null }) => {
  const { id } = await findBackend(context, backend)
  const options = { id, actor: COMMAND_ACTOR, comment, agreed: [] }
  return showBackend(await publishAsset(context.tools, BACKENDS, options))
})

export const createVersion = operation(
  { ...FIELDS, version: 'text' },
  async (context, { backend, version, comment = null }) => {
    const { id } = await findBackend(context, backend)
    const options = { id, actor: COMMAND_ACTOR, version, comment }
    return showBackend(await copyToVersion(context.tools, COPIED_BACKENDS, options))
  },
)

export const deactivate = switching(true)
export const activate = switching(false)

function switching(inactive: boolean) {
  return operation(FIELDS, async (context, { backend, comment }) => {
    const { id } = await findBackend(context, backend)
    const changes = { inactive, ...(comment !== undefined && { actionComment: comment }) }
    const options = { actor: COMMAND_ACTOR, changes }
    return showBackend(await updateBackend(context.tools, id, options))
  })
}

export const trash = batch('trash')
export const restore = batch('untrash')

function batch(action: BatchCommand['action']) {
  return operation(FIELDS, async (context, { backend, comment = null }) => {
    const { id } = await findBackend(context, backend)
    await runOn(context, { action, id, comment })
    return showBackend(await readBackend(context.tools, id))
  })
}

/** The id and not the name, since what was purged comes back from a backup only. */
export const purge = operation({ id: 'text' }, async (context, { id }) => {
  const { name, version } = await readBackend(context.tools, id)
  await runOn(context, { action: 'purge', id, comment: null })
  return { id: id.toLowerCase(), name, version, purging: true }
})

type Doing = Pick<BatchCommand, 'action' | 'comment'> & { readonly id: string }

async function runOn({ tools }: Context, { action, id, comment }: Doing): Promise<void> {
  const assets = [{ id, etag: null }]
  await runBatch(tools, { action, assets, comment, format: 'short', caller: CALLER })
}

/** Shows the keys, after replacing or revoking a set of them if that is wanted. */
export const keys = operation(
  { backend: 'text', refresh: 'text?', revoke: 'text?' },
  async (context, { backend, refresh, revoke }) => {
    if (refresh !== undefined && revoke !== undefined) {
      throw new ApiError('param_invalid', 'Either refresh keys or revoke them.')
    }
    const found = await findBackend(context, backend)
    const wanted = refresh ?? revoke
    if (wanted === undefined) return showBackend(found)
    const set = KEY_SETS.find((one) => one === wanted)
    if (!set) {
      throw new ApiError(
        'param_invalid',
        `"${wanted}" is not a set of keys; use ${KEY_SETS.join(' or ')}.`,
      )
    }
    const to = refresh === undefined ? 'none' : 'fresh'
    const options = { actor: COMMAND_ACTOR, set, to } as const
    return showBackend(await changeKeys(context.tools, found.id, options))
  },
)
