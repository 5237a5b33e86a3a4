import { ApiError } from '../../errors.ts'
import {
  PUSH_SERVICES,
  removePushCredentials,
  shownPushCredentials,
} from '../../objects/push/credentials.ts'
import type { PushService } from '../../push/port.ts'
import type { Acting } from '../../tools/audit/entry.ts'
import type { BackendAsset } from '../../tools/backends/backend.ts'
import { readBackend } from '../../tools/backends/read.ts'
import { BACKENDS } from '../../tools/backends/type.ts'
import { toolsPath } from '../../tools/http/paths.ts'
import type { PlatformContext } from '../context.ts'

const PROVIDERS: Readonly<Record<PushService, string>> = { apns: 'APNS', fcm: 'FCM', web: 'WEB' }

const BACKENDS_AT_ONCE = 20

/**
 * What a backend proves itself with to one push service, as the team sees it: which credentials
 * they are, and nothing that could be used.
 */
export type Profile = ReturnType<typeof presentProfile>

/** All of the installation, by the names of their backends; those in the trash have none to show. */
export async function listProfiles(context: PlatformContext): Promise<Profile[]> {
  const { entries } = await context.tools.lists.of(BACKENDS).current()
  const backends = entries.map(({ asset }) => asset).filter(({ inTrash }) => !inTrash)
  const profiles: Profile[] = []
  for (let at = 0; at < backends.length; at += BACKENDS_AT_ONCE) {
    const some = backends.slice(at, at + BACKENDS_AT_ONCE)
    profiles.push(...(await Promise.all(some.map((one) => profilesOf(context, one)))).flat())
  }
  return profiles.sort((a, b) => (a.name < b.name ? -1 : 1))
}

/** @throws {ApiError} `profile_unknown` */
export async function readProfile(context: PlatformContext, id: string): Promise<Profile> {
  const { backendId } = addressOf(id)
  const backend = await readBackend(context.tools, backendId).catch(asUnknown)
  const found = (await profilesOf(context, backend)).find((one) => one.id === id.toLowerCase())
  if (!found) throw new ApiError('profile_unknown')
  return found
}

/** The devices of that service get nothing any more. @throws {ApiError} `profile_unknown` */
export async function deleteProfile(
  context: PlatformContext,
  id: string,
  { actor, trace = {} }: Acting,
): Promise<void> {
  const { backendId, service } = addressOf(id)
  const doer = { actor, ...(trace.requestId !== undefined && { requestId: trace.requestId }) }
  const wasThere = await removePushCredentials(context, backendId, service, doer)
  if (!wasThere) throw new ApiError('profile_unknown')
}

async function profilesOf(context: PlatformContext, backend: BackendAsset): Promise<Profile[]> {
  const shown = await shownPushCredentials(context, backend.id)
  return shown.map((facts) => presentProfile(backend, facts))
}

function presentProfile(
  { id: backendId, name, version }: BackendAsset,
  { service, ...facts }: Readonly<Record<string, string>>,
) {
  const id = `${backendId}-${service}`
  const provider = PROVIDERS[service as PushService]
  return {
    id,
    name: `${name} ${version} ${provider}`,
    provider,
    mobileBackend: { id: backendId, name, version },
    credentials: facts,
    links: [{ rel: 'canonical', href: toolsPath('clients', 'profiles', id) }],
  }
}

/** The id is that of the backend, and behind it the service. */
function addressOf(id: string): { readonly backendId: string; readonly service: PushService } {
  const lower = id.toLowerCase()
  const service = PUSH_SERVICES.find((one) => lower.endsWith(`-${one}`))
  if (!service) throw new ApiError('profile_unknown')
  return { backendId: lower.slice(0, -service.length - 1), service }
}

function asUnknown(cause: unknown): never {
  const isUnknown = cause instanceof ApiError && cause.code === 'asset_unknown'
  throw isUnknown ? new ApiError('profile_unknown', undefined, { cause }) : cause
}
