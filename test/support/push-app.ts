import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, beforeEach } from 'node:test'
import { setPushCredentials } from '../../src/objects/push/credentials.ts'
import { type PushCredentials, readApns, readFcm } from '../../src/push/credentials.ts'
import { TEST_CA } from './push-certificates.ts'
import { APNS_GIVEN, PushStandIn, SERVICE_ACCOUNT } from './push-stand-in.ts'
import type { TestApp, TestBackend, TestUser } from './test-app.ts'

export const APNS = readApns(APNS_GIVEN)
export const FCM = readFcm(SERVICE_ACCOUNT)

const directory = mkdtempSync(join(tmpdir(), 'homeport-ca-'))
const caFile = join(directory, 'ca.pem')
writeFileSync(caFile, TEST_CA)

/** Stand-ins of all push services, and the settings of a server that sends to them. */
export async function pushServices() {
  const services = await PushStandIn.start()
  after(async () => {
    await services.close()
    rmSync(directory, { recursive: true, force: true })
  })
  beforeEach(() => services.forget())
  const env = {
    HOMEPORT_PUSH_APNS_URL: services.origin,
    HOMEPORT_PUSH_FCM_URL: services.origin,
    HOMEPORT_PUSH_TOKEN_URL: `${services.origin}/token`,
    HOMEPORT_PUSH_WEB_HOSTS: new URL(services.origin).host,
    HOMEPORT_PUSH_CA_FILE: caFile,
  }
  return { services, env }
}

export async function configure(
  app: TestApp,
  credentials: readonly PushCredentials[] = [APNS, FCM],
  backend: TestBackend = app.backend,
): Promise<void> {
  for (const one of credentials) await setPushCredentials(app.context, backend.id, one, 'test')
}

/** Subscribes a device of a user, or without one by its token alone. */
export async function subscribeDevice(
  app: TestApp,
  as: TestUser | null,
  values: { readonly channel: string; readonly device_token: string; readonly type?: string },
): Promise<void> {
  const path = as ? 'push_notification/subscribe' : 'push_notification/subscribe_token'
  const { status, body } = await app.post(path, { type: 'android', ...values }, as)
  if (status !== 200) throw new Error(body.meta.message)
}

/** The data of messages that went to Android devices, by token. */
export function androidPayloads(services: PushStandIn): Record<string, unknown[]> {
  const byToken: Record<string, unknown[]> = {}
  for (const { body } of services.to('/v1/projects/')) {
    const { message } = JSON.parse(body)
    byToken[message.token] = [...(byToken[message.token] ?? []), JSON.parse(message.data.payload)]
  }
  return byToken
}

/** The tokens that got something, sorted; one that got it twice is there twice. */
export function reached(services: PushStandIn): string[] {
  const android = services.to('/v1/projects/').map(({ body }) => JSON.parse(body).message.token)
  const ios = services.to('/3/device/').map(({ path }) => path.slice('/3/device/'.length))
  return [...android, ...ios].sort()
}
