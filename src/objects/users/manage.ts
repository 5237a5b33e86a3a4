import { BACKEND_TYPE, type Backend, backendOf, INSTANCE } from '../../engine/backend.ts'
import { NOBODY } from '../../engine/caller.ts'
import type { EngineContext } from '../../engine/context.ts'
import type { Call } from '../../engine/definition.ts'
import { draftOf, newDraft } from '../../engine/draft.ts'
import { fill } from '../../engine/fill.ts'
import { load, retrying, retryLoop, save } from '../../engine/steps.ts'
import { ApiError } from '../../errors.ts'
import { objectId } from '../../lib/ids.ts'
import { isMailAddress } from '../../mail/address.ts'
import type { WriteOperation } from '../../storage/port.ts'
import { beginUser, findByLogin, newPasswordHash, setEmail } from './account.ts'
import { createUser } from './create.ts'
import { users } from './users.ts'

/**
 * Makes a user of an app from the management side, the only place where an application
 * administrator can be made.
 *
 * @throws {ApiError} `param_invalid`, `asset_unknown`
 */
export async function createManagedUser(
  context: EngineContext,
  backendId: string,
  input: Managed & { readonly password: string; readonly admin: boolean },
): Promise<{ id: string }> {
  const call = await managementCall(context, backendId, { username: input.login })
  const { password } = input
  const hash = await newPasswordHash('create user', { password, password_confirmation: password })
  const userId = objectId(context.now())
  return retryLoop(async () => {
    const draft = newDraft(userId, userId)
    draft.hidden.password = hash
    if (isMailAddress(input.login)) setEmail(draft, input.login, 'create user')
    beginUser(draft, context.now(), true)
    await fill(call, users, draft, 'create')
    if (input.admin) draft.data.admin = 'true'
    draft.operations.push(entryOf(call, 'CREATED', { id: userId, ...input }))
    const { id } = await save(call, users, draft)
    return { id }
  })
}

type Managed = {
  readonly login: string
  /** Who does it, for the team's audit log. */
  readonly actor?: string
}

function entryOf(
  { context, backend }: Call,
  action: 'CREATED' | 'UPDATED',
  { id, login, admin, actor = 'system' }: Managed & { id: string; admin: boolean },
): WriteOperation {
  const target = { type: 'User', id, name: login }
  const to = String(admin)
  const changes =
    action === 'CREATED'
      ? [
          { member: 'backend', from: null, to: backend.id },
          { member: 'admin', from: null, to },
        ]
      : [{ member: 'admin', from: 'false', to }]
  return context.auditEntry({ actions: [action], target, changes }, { actor }, context.now())
}

/** Makes a present user an application administrator. @throws {ApiError} `object_unknown` */
export async function promoteUser(
  context: EngineContext,
  backendId: string,
  { login, ...doer }: Managed,
): Promise<{ id: string }> {
  const call = await managementCall(context, backendId, {})
  const found = await findByLogin(call, login)
  if (!found) throw new ApiError('object_unknown', `There is no user with the login ${login}.`)
  await retrying(call, users, found.id, async () => {
    const draft = draftOf(await load(call, users, found.id))
    draft.data.admin = 'true'
    draft.operations.push(entryOf(call, 'UPDATED', { id: found.id, login, admin: true, ...doer }))
    await save(call, users, draft)
  })
  return { id: found.id }
}

/** A call that came from no client: the steps of the methods work on it all the same. */
export async function managementCall(
  context: EngineContext,
  backendId: string,
  params: Readonly<Record<string, unknown>>,
): Promise<Call> {
  return {
    context,
    backend: await backendById(context, backendId),
    caller: NOBODY,
    params,
    input: params,
    method: createUser,
    request: {
      id: 'management',
      baseUrl: context.publicUrl ?? '',
      address: '',
      sessionToken: null,
    },
  }
}

async function backendById(context: EngineContext, id: string): Promise<Backend> {
  const record = await context.store.get({ backendId: INSTANCE, type: BACKEND_TYPE, id })
  if (!record) throw new ApiError('asset_unknown')
  return backendOf(record)
}
