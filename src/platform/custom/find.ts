import { INSTANCE } from '../../engine/backend.ts'
import { ApiError } from '../../errors.ts'
import { APIS, type Api, CUSTOM_NAMESPACE } from '../../tools/apis/api.ts'
import { bindingFor } from '../../tools/implementations/binding.ts'
import { IMPLEMENTATIONS, type Implementation } from '../../tools/implementations/implementation.ts'
import { fullNameIn, implementationNamed } from '../../tools/implementations/read.ts'
import type { Scope } from '../../tools/policies/policy.ts'
import type { PlatformContext } from '../context.ts'
import type { Visit } from '../door/door.ts'

/**
 * The API that a backend's apps know by a name, if this caller may use it.
 *
 * @throws {ApiError} `api_unknown`, `user_required`, `api_role_required`
 */
export async function apiFor(
  { cache }: PlatformContext,
  { backend, user }: Visit,
  name: string,
): Promise<Api> {
  const all = await Promise.all(
    backend.apiIds.map((id) =>
      cache.get({ backendId: INSTANCE, type: APIS.recordType, id }, APIS.read),
    ),
  )
  const api = all.find((one) => one?.name === name && !one.inTrash)
  if (!api) throw new ApiError('api_unknown', `The backend has no API ${name.slice(0, 100)}.`)
  const { security } = api
  if (security === null) return api
  if (!user) throw new ApiError('user_required')
  if (security.roles.length > 0 && !security.roles.some((role) => user.roles.includes(role))) {
    throw new ApiError('api_role_required')
  }
  return api
}

/** What policies are asked for of an API that is called through a backend. */
export function scopeOf({ backend }: Visit, api: Api): Required<Scope> {
  return {
    backend: { name: backend.name, version: backend.version },
    artifact: { name: `${CUSTOM_NAMESPACE}/${api.name}`, version: api.version },
  }
}

/**
 * The implementation that takes the call: the API's default, unless a policy of the backend binds it
 * to another one.
 *
 * @throws {ApiError} `implementation_missing`
 */
export async function implementationFor(
  { tools, cache }: PlatformContext,
  visit: Visit,
  api: Api,
): Promise<Implementation> {
  const bound = await bindingFor(tools, scopeOf(visit, api))
  if (bound !== null) {
    const named = fullNameIn(bound)
    const record = named && (await implementationNamed(tools, named))
    const implementation = record && IMPLEMENTATIONS.read(record)
    if (implementation?.apiId === api.id) return implementation
    const { backend } = visit
    const detail = `A policy of ${backend.name} ${backend.version} binds ${api.name} ${api.version} to ${bound.slice(0, 250)}, which the API does not have.`
    throw new ApiError('implementation_missing', detail)
  }
  const id = api.defaultImplementationId ?? ''
  const type = IMPLEMENTATIONS.recordType
  const implementation = await cache.get({ backendId: INSTANCE, type, id }, IMPLEMENTATIONS.read)
  if (!implementation) throw new ApiError('implementation_missing')
  return implementation
}
