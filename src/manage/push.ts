import type { Context } from '../context.ts'
import { ApiError } from '../errors.ts'
import {
  PUSH_SERVICES,
  pushCredentials,
  removePushCredentials,
  setPushCredentials,
  shownPushCredentials,
} from '../objects/push/credentials.ts'
import {
  newVapidKeys,
  type PushCredentials,
  readApns,
  readFcm,
  readWebPush,
} from '../push/credentials.ts'
import type { PushService } from '../push/port.ts'
import { COMMAND_ACTOR, findBackend } from './backends.ts'
import { operation } from './operation.ts'

type Given = Readonly<Record<string, unknown>>

/** `given` is JSON: what each service wants differs. */
export const setPush = operation(
  { backend: 'text', service: 'text', given: 'text' },
  async (context, { backend: wanted, service, given }) => {
    const { id, name } = await findBackend(context, wanted)
    const credentials = await readCredentials(context, id, serviceOf(service), membersOf(given))
    const facts = await setPushCredentials(context, id, credentials, COMMAND_ACTOR)
    return { backend: { id, name }, credentials: facts }
  },
)

export const showPush = operation({ backend: 'text' }, async (context, { backend: wanted }) => {
  const { id, name } = await findBackend(context, wanted)
  return { backend: { id, name }, credentials: await shownPushCredentials(context, id) }
})

export const removePush = operation(
  { backend: 'text', service: 'text' },
  async (context, { backend: wanted, service }) => {
    const { id, name } = await findBackend(context, wanted)
    const removed = await removePushCredentials(context, id, serviceOf(service), COMMAND_ACTOR)
    return { backend: { id, name }, service, removed }
  },
)

async function readCredentials(
  context: Context,
  backendId: string,
  service: PushService,
  given: Given,
): Promise<PushCredentials> {
  if (service === 'apns') return readApns(given)
  if (service === 'fcm') return readFcm(given)
  // Browsers have subscribed with the present keys, and could not be reached with others.
  const present = await pushCredentials(context, backendId, 'web')
  const keys = present?.service === 'web' ? present : newVapidKeys()
  return readWebPush({ ...keys, ...given })
}

function serviceOf(text: string): PushService {
  const service = PUSH_SERVICES.find((one) => one === text)
  if (service) return service
  throw new ApiError('param_invalid', `The service is one of ${PUSH_SERVICES.join(', ')}.`)
}

function membersOf(json: string): Given {
  try {
    const value: unknown = JSON.parse(json)
    if (typeof value === 'object' && value !== null) return value as Given
  } catch {
    // The text may hold a key, so it is not part of what is told.
  }
  throw new ApiError('param_invalid', 'What is given for the service is not a JSON object.')
}
