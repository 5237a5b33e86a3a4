import type { FastifyInstance, FastifyRequest } from 'fastify'
import { USER_TYPE } from '../../engine/caller.ts'
import { ApiError } from '../../errors.ts'
import { updateProfile } from '../../objects/users/profile.ts'
import type { StoredRecord } from '../../storage/port.ts'
import { mountResource, paramsOf, queryOf, readJson, sendJson } from '../../tools/http/routes.ts'
import { queryPairs, valuesOf } from '../../tools/list/query.ts'
import type { PlatformContext } from '../context.ts'
import { visitOf } from '../door/door.ts'
import type { VisitUser } from '../door/enter.ts'
import { plainProfile, readProfileChanges, scimProfile, withFields } from './profile.ts'

/** Users of a backend, as they see themselves; nobody sees another one here. */
export function mountUsers(scope: FastifyInstance, context: PlatformContext): void {
  readJson(scope)
  mountResource(scope, '/users/me', {
    GET: async (request, reply) => {
      const user = userIn(request)
      return sendJson(reply, 200, scimProfile(await recordOf(context, request), user))
    },
  })
  // Where clients find out whether a name and a password are good.
  mountResource(scope, '/users/login', {
    GET: async (request, reply) => {
      const { user } = visitOf(request)
      if (!user) throw new ApiError('credentials_invalid', 'These are no credentials of a user.')
      return sendJson(reply, 200, plainProfile(await recordOf(context, request), user))
    },
  })
  const change = async (request: FastifyRequest) => {
    const { backend } = visitOf(request)
    const { id: userId } = oneself(request)
    const changes = readProfileChanges(request.body)
    return updateProfile(context, { backendId: backend.id, userId }, changes)
  }
  mountResource(scope, '/users/:username', {
    GET: async (request, reply) => {
      const user = oneself(request)
      const fields = valuesOf(queryPairs(queryOf(request)), 'fields').join(',')
      const profile = plainProfile(await recordOf(context, request), user)
      return sendJson(reply, 200, withFields(profile, fields))
    },
    PUT: async (request, reply) =>
      sendJson(reply, 200, plainProfile(await change(request), oneself(request))),
    PATCH: async (request, reply) =>
      sendJson(reply, 200, plainProfile(await change(request), oneself(request))),
  })
}

/** @throws {ApiError} `user_required` */
function userIn(request: FastifyRequest): VisitUser {
  const { user } = visitOf(request)
  if (!user) throw new ApiError('user_required')
  return user
}

/** The user that the address names, who has to be the caller. `~` is that one, by no name. */
function oneself(request: FastifyRequest): VisitUser {
  const user = userIn(request)
  const { username } = paramsOf<'username'>(request)
  const names = ['~', user.id, user.username.toLowerCase()]
  if (names.includes(username.trim().toLowerCase())) return user
  throw new ApiError('access_denied', 'Users see and change only themselves here.', { status: 403 })
}

async function recordOf(context: PlatformContext, request: FastifyRequest): Promise<StoredRecord> {
  const { backend } = visitOf(request)
  const { id } = userIn(request)
  const record = await context.store.get({ backendId: backend.id, type: USER_TYPE, id })
  if (!record) throw new ApiError('credentials_invalid')
  return record
}
