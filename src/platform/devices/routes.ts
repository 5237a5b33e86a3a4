import type { FastifyInstance } from 'fastify'
import { deregisterDevice, registerDevice } from '../../objects/push/devices.ts'
import { mountResource, readJson, sendJson } from '../../tools/http/routes.ts'
import type { PlatformContext } from '../context.ts'
import { visitOf } from '../door/door.ts'
import { readKnownDevice, readNewDevice } from './body.ts'

/** Devices that apps run on: the same that the data API knows as subscriptions to pushes. */
export function mountDevices(scope: FastifyInstance, context: PlatformContext): void {
  readJson(scope)
  mountResource(scope, '/devices/register', {
    POST: async (request, reply) => {
      const { backend, user } = visitOf(request)
      const { client, platform, provider, token, type } = readNewDevice(request.body, user)
      const device = { token, type, client, userId: user?.id ?? null }
      const { id, isNew } = await registerDevice(context, backend.id, device)
      return sendJson(reply, isNew ? 201 : 200, {
        id,
        mobileClient: { ...client, platform },
        ...{ notificationProvider: provider, notificationToken: token },
        user: user?.username ?? null,
      })
    },
  })
  mountResource(scope, '/devices/deregister', {
    POST: async (request, reply) => {
      const { backend, user } = visitOf(request)
      const { client, token } = readKnownDevice(request.body)
      const device = { client, token, userId: user?.id ?? null }
      const { id } = await deregisterDevice(context, backend.id, device)
      return sendJson(reply, 200, { id })
    },
  })
}
