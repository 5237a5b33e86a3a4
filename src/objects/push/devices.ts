import type { EngineContext } from '../../engine/context.ts'
import type { Call } from '../../engine/definition.ts'
import { retryLoop, write } from '../../engine/steps.ts'
import { ApiError } from '../../errors.ts'
import { managementCall } from '../users/manage.ts'
import {
  clientOf,
  type DeviceClient,
  type DeviceType,
  findDevice,
  removal,
  subscribeDevice,
} from './subscriptions.ts'

/** The channel of devices that subscribe to none by name. */
export const REGISTERED_CHANNEL = '$hub'

export type Registration = {
  readonly token: string
  readonly type: DeviceType
  readonly client: DeviceClient
  /** Whose device it is; `null`: whoever has it keeps it. */
  readonly userId: string | null
}

type Who = { readonly backendId: string; readonly userId: string | null }

/**
 * Makes a device known that names no channel: it gets what is for {@link REGISTERED_CHANNEL} and
 * what is for all devices.
 *
 * @throws {ApiError} `param_invalid` for what is no browser's token
 */
export async function registerDevice(
  context: EngineContext,
  backendId: string,
  { token, type, client, userId }: Registration,
): Promise<{ readonly id: string; readonly isNew: boolean }> {
  const refusal = type === 'web' ? context.push.refusal(token) : null
  if (refusal !== null) {
    throw new ApiError('param_invalid', `'notificationToken' is not one of a browser: ${refusal}.`)
  }
  const call = await callBy(context, { backendId, userId })
  const channels = [REGISTERED_CHANNEL]
  return subscribeDevice(call, { channels, token, type, client, ownerId: userId })
}

/**
 * Takes a device away, with all its channels: it gets no more pushes.
 *
 * @throws {ApiError} `device_unknown` also for the device of another user, or of another app
 */
export async function deregisterDevice(
  context: EngineContext,
  backendId: string,
  { token, client, userId }: Omit<Registration, 'type'>,
): Promise<{ readonly id: string }> {
  const call = await callBy(context, { backendId, userId })
  return retryLoop(async () => {
    const device = await findDevice(call, token)
    const app = device && clientOf(device)
    const isOthers = userId !== null && device?.ownerId && device.ownerId !== userId
    if (!device || isOthers || (app && app.id !== client.id)) throw new ApiError('device_unknown')
    await write(call, [removal(device)])
    return { id: device.id }
  })
}

async function callBy(context: EngineContext, { backendId, userId }: Who): Promise<Call> {
  const call = await managementCall(context, backendId, {})
  return { ...call, caller: { session: null, userId, admin: false } }
}
