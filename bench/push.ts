/**
 * How long it takes until 10,000 devices on one channel have their notification: half of them iOS,
 * half Android, each by a stand-in of its service on this machine, over TLS and HTTP/2.
 * `node --import tsx bench/push.ts [devices]`
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { buildApp } from '../src/app.ts'
import { readConfig } from '../src/config.ts'
import { closeContext, openContext } from '../src/context.ts'
import { createLogger } from '../src/http/logger.ts'
import { tokenDigest } from '../src/lib/ids.ts'
import { setPushCredentials } from '../src/objects/push/credentials.ts'
import { createManagedUser } from '../src/objects/users/manage.ts'
import { readApns, readFcm } from '../src/push/credentials.ts'
import { BACKEND_DEFAULTS, createBackend } from '../src/tools/backends/create.ts'
import { TEST_CA } from '../test/support/push-certificates.ts'
import { APNS_GIVEN, PushStandIn, SERVICE_ACCOUNT } from '../test/support/push-stand-in.ts'

const DEVICES = Number(process.argv[2] ?? 10_000)
const SUBSCRIBERS = 100

const directory = await mkdtemp(join(tmpdir(), 'homeport-push-'))
await writeFile(join(directory, 'ca.pem'), TEST_CA)
const services = await PushStandIn.start({ keeps: false })
const config = await readConfig({
  env: {
    HOMEPORT_DATA_DIR: directory,
    HOMEPORT_PUSH_APNS_URL: services.origin,
    HOMEPORT_PUSH_FCM_URL: services.origin,
    HOMEPORT_PUSH_TOKEN_URL: `${services.origin}/token`,
    HOMEPORT_PUSH_CA_FILE: join(directory, 'ca.pem'),
  },
})
const logger = createLogger('error', { stream: 'stderr', buffered: false })
const context = await openContext(config, logger)
const app = await buildApp(context)
const backend = await createBackend(context.tools, { ...BACKEND_DEFAULTS, name: 'bench' }, 'bench')
for (const one of [readApns(APNS_GIVEN), readFcm(SERVICE_ACCOUNT)]) {
  await setPushCredentials(context, backend.id, one, 'bench')
}
const login = { login: 'admin', password: 'secret-of-bench', admin: true }
await createManagedUser(context, backend.id, login)

async function post(path: string, values: Record<string, string>) {
  const reply = await app.inject({
    method: 'POST',
    url: `/v1/${path}.json?key=${backend.clientId}`,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    payload: new URLSearchParams(values).toString(),
  })
  if (reply.statusCode !== 200) throw new Error(`${path}: ${reply.body}`)
  return reply.json()
}

const subscribing = performance.now()
for (let i = 0; i < DEVICES; i += SUBSCRIBERS) {
  const some = Array.from({ length: Math.min(SUBSCRIBERS, DEVICES - i) }, (_, j) => i + j)
  await Promise.all(
    some.map((n) =>
      post('push_notification/subscribe_token', {
        channel: 'news',
        device_token: n % 2 ? tokenDigest(`d${n}`) : `droid-${n}`,
        type: n % 2 ? 'ios' : 'android',
      }),
    ),
  )
}
const subscribed = (performance.now() - subscribing) / 1000

let sent = 0
services.respond = ({ path }) => {
  if (path !== '/token') sent += 1
  return undefined
}
let memoryMax = 0
const watch = setInterval(() => {
  memoryMax = Math.max(memoryMax, process.memoryUsage().rss)
}, 50)
const memoryBefore = process.memoryUsage().rss
const { password } = login
const session = (await post('users/login', { login: 'admin', password })).meta.session_id
context.jobs.start()
const start = performance.now()
await post('push_notification/notify', {
  ...{ channel: 'news', payload: '{"alert":"Gale warning","badge":"+1"}', to_ids: 'everyone' },
  _session_id: session,
})
const answered = performance.now() - start
while (sent < DEVICES) await sleep(20)
await context.jobs.idle()
const seconds = (performance.now() - start) / 1000
clearInterval(watch)

const megabytes = (bytes: number) => Math.round(bytes / 1024 / 1024)
const result = {
  devices: DEVICES,
  sent,
  answeredMs: Math.round(answered),
  seconds: Number(seconds.toFixed(1)),
  perSecond: Math.round(DEVICES / seconds),
  subscribedPerSecond: Math.round(DEVICES / subscribed),
  memoryBeforeMb: megabytes(memoryBefore),
  memoryMaxMb: megabytes(memoryMax),
  connections: services.connections,
}
process.stdout.write(`${JSON.stringify(result, null, 2)}\n`)

await context.jobs.stop({ graceMs: 1000 })
await app.close()
await closeContext(context)
await services.close()
await rm(directory, { recursive: true, force: true })
