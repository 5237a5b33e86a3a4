import { createManagedUser, promoteUser as makeAdministrator } from '../objects/users/manage.ts'
import { COMMAND_ACTOR, findBackend } from './backends.ts'
import { operation } from './operation.ts'

export const createUser = operation(
  { backend: 'text', login: 'text', password: 'text', admin: 'flag' },
  async (context, { backend: wanted, login, password, admin }) => {
    const backend = await findBackend(context, wanted)
    const { id } = await createManagedUser(context, backend.id, {
      ...{ login, password, admin, actor: COMMAND_ACTOR },
    })
    return { id, login, admin, backend: { id: backend.id, name: backend.name } }
  },
)

export const promoteUser = operation(
  { backend: 'text', login: 'text' },
  async (context, { backend: wanted, login }) => {
    const backend = await findBackend(context, wanted)
    await makeAdministrator(context, backend.id, { login, actor: COMMAND_ACTOR })
    return { login, admin: true, backend: { id: backend.id, name: backend.name } }
  },
)
