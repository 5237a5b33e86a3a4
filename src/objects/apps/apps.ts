import { CUSTOM_PREFIX } from '../../engine/catalogue.ts'
import { type Call, defineMethod, type ObjectDefinition } from '../../engine/definition.ts'
import { batchDelete } from '../../engine/methods/batch-delete.ts'
import { described, flag, required, text } from '../../engine/params.ts'
import { ApiError } from '../../errors.ts'
import { emailTemplates } from '../emails/templates.ts'
import { occurrences } from '../events/occurrences.ts'
import { users } from '../users/users.ts'
import { doerOf } from './doer.ts'

const FLAG = { type: 'boolean' }

const APP = {
  type: 'object',
  properties: {
    ...{ id: { type: 'string' }, name: { type: 'string' }, title: { type: 'string' } },
    ...{ version: { type: 'string' }, key: { type: ['string', 'null'] } },
    ...{ friends_two_way: FLAG, allow_user_creation: FLAG, new_user_verification: FLAG },
    mbs_release: { type: 'string' },
  },
  additionalProperties: false,
}

const APPS = { members: { apps: { type: 'array', items: APP } } }

function shown({ id, name, title, version, clientId, settings }: Call['backend']) {
  return {
    ...{ id, name, ...(title === null ? {} : { title }), version, key: clientId },
    friends_two_way: settings.friendsTwoWay,
    allow_user_creation: settings.allowUserCreation,
    new_user_verification: settings.newUserVerification,
    mbs_release: settings.mbsRelease,
  }
}

export const showApp = defineMethod({
  name: 'showApp',
  group: 'App',
  verb: 'GET',
  path: 'apps/show',
  auth: 'admin',
  summary: 'Shows the app of the key.',
  params: {},
  returns: APPS,
  run: async ({ backend }) => ({ response: { apps: [shown(backend)] } }),
})

export const updateApp = defineMethod({
  name: 'updateApp',
  group: 'App',
  verb: 'PUT',
  path: 'apps/update',
  auth: 'admin',
  summary: 'Changes settings of the app of the key. What it is called is changed by its team.',
  params: {
    friends_two_way: described(flag(), 'Friendship needs consent; otherwise it is following.'),
    allow_user_creation: described(flag(), 'Anyone with the key may make users.'),
    new_user_verification: described(flag(), 'New users must confirm their e-mail address.'),
    name: text({ max: 500 }),
    description: text({ max: 5000 }),
  },
  returns: APPS,
  async run(call) {
    const { context, backend, params } = call
    if (params.name !== undefined || params.description !== undefined) {
      throw ofTheTeam('The name and description of an app are changed')
    }
    const named = {
      friendsTwoWay: params.friends_two_way,
      allowUserCreation: params.allow_user_creation,
      newUserVerification: params.new_user_verification,
    }
    const changes = JSON.parse(JSON.stringify(named)) as Record<string, unknown>
    const change = { changes, ...doerOf(call) }
    const settings = await context.changeSettings(backend.id, change)
    return { response: { apps: [shown({ ...backend, settings })] } }
  },
})

export const countAppObjects = defineMethod({
  name: 'appObjectCounts',
  group: 'App',
  verb: 'GET',
  path: 'apps/app_object_counts',
  auth: 'admin',
  summary: 'Counts the objects of the app of the key, by kind.',
  params: {},
  returns: {
    members: {
      app_object_counts: { type: 'object', additionalProperties: { type: 'integer' } },
    },
  },
  async run(call) {
    const { store } = call.context
    const backendId = call.backend.id
    const counted = await Promise.all(
      (await kindsOf(call)).map(async ({ name, collection }) => {
        const { count } = await store.count({ backendId, type: name })
        return [collection, count] as const
      }),
    )
    return { response: { app_object_counts: Object.fromEntries(counted) } }
  },
})

/** The objects of the API, and the classes that the app has invented. */
async function kindsOf({ context, backend }: Call): Promise<ObjectDefinition[]> {
  const { catalogue, store } = context
  const types = await store.types(backend.id)
  const classes = types.filter((type) => type.startsWith(CUSTOM_PREFIX))
  return [
    ...catalogue.objects,
    ...classes.map((type) => catalogue.classDefinition(type.slice(CUSTOM_PREFIX.length))),
  ]
}

export const deleteAppData = defineMethod({
  name: 'deleteAppData',
  group: 'App',
  verb: 'DELETE',
  path: 'apps/delete/data',
  auth: 'admin',
  summary: 'Deletes all objects of the app, as jobs; its administrators and mail templates stay.',
  params: { app_id: described(required(text({ max: 100 })), 'The id of the app, to be sure.') },
  returns: {},
  async run(call) {
    if (call.params.app_id !== call.backend.id) {
      throw new ApiError('param_invalid', 'Invalid app_id; it must be that of the app of the key')
    }
    // Occurrences go with their events.
    const stays = [occurrences, emailTemplates]
    for (const def of await kindsOf(call)) {
      if (stays.includes(def)) continue
      const where = def === users ? { admin: { $ne: 'true' } } : undefined
      await batchDelete({ ...call, params: { where } }, def, Number.MAX_SAFE_INTEGER)
    }
    return {}
  },
})

/** Apps come and go by their team's hand: an administrator of one is none of any other. */
function ofTheTeam(what: string): ApiError {
  return new ApiError('role_required', `${what} by the team, with the tools API.`)
}

const GUARDED = { group: 'App', auth: 'admin', params: {}, returns: {} } as const

export const createApp = defineMethod({
  ...GUARDED,
  name: 'createApp',
  verb: 'POST',
  path: 'apps/create',
  summary: 'Refused: apps are made by the team, with the tools API.',
  async run() {
    throw ofTheTeam('Apps are made')
  },
})

export const deleteApp = defineMethod({
  ...GUARDED,
  name: 'deleteApp',
  verb: 'DELETE',
  path: 'apps/delete',
  summary: 'Refused: apps are deleted by the team, with the tools API.',
  async run() {
    throw ofTheTeam('Apps are deleted')
  },
})
