import assert from 'node:assert/strict'
import { request } from 'node:http'
import { after, before, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { type DoorKeys, PlatformApp, type Sent } from '../support/platform-app.ts'
import { TestCollection } from '../support/platform-storage.ts'
import { openSecondServer } from '../support/second-server.ts'
import { onEachDatabase, type TestApp } from '../support/test-app.ts'

/** An upload over a socket, which goes on for as long as one likes. */
async function slowUpload(app: TestApp, { at, as }: { at: string; as: DoorKeys }) {
  const { port } = app.app.server.address() as { port: number }
  const upload = request({
    ...{ host: '127.0.0.1', port, path: `/mobile/platform/storage/collections/${at}` },
    method: 'PUT',
    headers: {
      authorization: `Basic ${Buffer.from('ann:secret').toString('base64')}`,
      'oracle-mobile-backend-id': as.header,
      'content-type': 'text/plain',
      'content-length': 10,
    },
  })
  const status = new Promise<number>((resolve, reject) => {
    upload.on('error', reject)
    upload.on('response', (reply) => {
      reply.resume()
      resolve(reply.statusCode ?? 0)
    })
  })
  upload.write('01234')
  const started = async () => {
    while ((await app.stagedFiles()).length === 0) await sleep(5)
  }
  await started()
  return { upload, status }
}

onEachDatabase('a call that takes its time', (app) => {
  let platform: PlatformApp
  before(async () => {
    platform = await PlatformApp.open(app())
    await app().app.listen({ port: 0, host: '127.0.0.1' })
  })
  const withCollection = async () => {
    const backend = await platform.backend()
    await app().user('ann', backend)
    return { backend, texts: await TestCollection.make(platform, backend, { name: 'Texts' }) }
  }

  it('ends well when its backend is deactivated meanwhile, and new ones do not begin', async () => {
    const { backend, texts } = await withCollection()
    const { upload, status } = await slowUpload(app(), {
      at: `${texts.name}/objects/slow`,
      as: backend,
    })
    await platform.change(backend, { inactive: true })
    assert.equal((await texts.get('/objects/slow', 'ann')).statusCode, 404)
    assert.equal((await texts.put('/objects/new', 'ann', 'x')).statusCode, 404)
    upload.end('56789')
    assert.equal(await status, 201)
    await platform.change(backend, { inactive: false })
    assert.equal((await texts.get('/objects/slow', 'ann')).body, '0123456789')
    assert.deepEqual(await texts.ids('', 'ann'), ['slow'])
  })

  it('leaves nothing behind when the client goes away', async () => {
    const { backend, texts } = await withCollection()
    const { upload, status } = await slowUpload(app(), {
      at: `${texts.name}/objects/lost`,
      as: backend,
    })
    upload.destroy()
    await assert.rejects(status)
    while ((await app().stagedFiles()).length > 0) await sleep(5)
    assert.deepEqual(await texts.ids('', 'ann'), [])
    assert.equal((await texts.get('', 'ann')).json().contentLength, 0)
  })
})

onEachDatabase('servers on one database', (app) => {
  let one: PlatformApp
  let two: PlatformApp
  let second: Awaited<ReturnType<typeof openSecondServer>> | null = null
  const isShared = () => app().context.config.database.kind === 'postgres'
  before(async () => {
    one = await PlatformApp.open(app())
    // On SQLite a server stands alone, and what holds for two holds for one.
    second = isShared() ? await openSecondServer(app()) : null
    two = await PlatformApp.open(second?.test ?? app())
  })
  after(async () => second?.close())

  /** Resolves when the other server has heard of a change; others tell it within milliseconds. */
  const becomes = async (status: number, ask: () => Promise<number>) => {
    const deadline = Date.now() + 2000
    for (;;) {
      const now = await ask()
      if (now === status || Date.now() > deadline) return assert.equal(now, status)
      await sleep(5)
    }
  }

  /** A backend with a user, known to both servers, and a way to ask the second one by each door. */
  const known = async () => {
    const backend = await one.backend()
    const ann = await app().user('ann', backend)
    const [nobody, user] = [await one.token(backend, null), await one.token(backend, 'ann')]
    const ask = (sent: Sent) => async () =>
      (await two.call(backend, 'GET', '/appconfig/client', sent)).statusCode
    const data = async () => {
      const { status } = await two.test.call('GET', 'users/show/me', {}, ann, backend)
      return status
    }
    const doors = {
      anonymous: ask({}),
      basic: ask({ as: 'ann' }),
      token: ask({ authorization: nobody }),
      userToken: ask({ authorization: user }),
      data,
    }
    for (const door of Object.values(doors)) assert.equal(await door(), 200)
    return { backend, ann, doors }
  }
  type Doors = Awaited<ReturnType<typeof known>>['doors']
  const expect = async (doors: Doors, statuses: Record<keyof Doors, number>) => {
    for (const [name, status] of Object.entries(statuses)) {
      await becomes(status, doors[name as keyof Doors])
    }
  }

  for (const [what, change, statuses] of [
    [
      'the plain keys are replaced',
      (id: string) => one.done('POST', `/mobilebackends/${id}/security/basic/keys`),
      { anonymous: 401, basic: 401, token: 200, userToken: 200, data: 200 },
    ],
    [
      'the plain keys are revoked',
      (id: string) => one.done('DELETE', `/mobilebackends/${id}/security/basic/keys`),
      { anonymous: 401, basic: 401, token: 200, userToken: 200, data: 200 },
    ],
    [
      'the OAuth keys are replaced, which are the App Key, too',
      (id: string) => one.done('POST', `/mobilebackends/${id}/security/oauth/keys`),
      { anonymous: 200, basic: 200, token: 401, userToken: 401, data: 400 },
    ],
    [
      'the OAuth keys are revoked',
      (id: string) => one.done('DELETE', `/mobilebackends/${id}/security/oauth/keys`),
      { anonymous: 200, basic: 200, token: 401, userToken: 401, data: 400 },
    ],
  ] as const) {
    it(`all refuse the old ones when ${what}`, async () => {
      const { backend, doors } = await known()
      await change(backend.id)
      await expect(doors, statuses)
    })
  }

  it('all heed the switches', async () => {
    const { backend, doors } = await known()
    await one.change(backend, { basic: false })
    await expect(doors, { anonymous: 401, basic: 401, token: 200, userToken: 200, data: 401 })
    await one.change(backend, { basic: true, oauth: false })
    await expect(doors, { anonymous: 200, basic: 200, token: 401, userToken: 401, data: 200 })
    await one.change(backend, { oauth: true, inactive: true })
    await expect(doors, { anonymous: 404, basic: 404, token: 404, userToken: 404, data: 404 })
    await one.change(backend, { inactive: false })
    await expect(doors, { anonymous: 200, basic: 200, token: 200, userToken: 200, data: 200 })
    const all = { anonymous: 200, basic: 403, token: 200, userToken: 403, data: 403 }
    await one.change(backend, { roleAccess: { enabled: true, roles: ['Boss'] } })
    await expect(doors, all)
  })

  it('all forget a password that was right before', async () => {
    const { backend, ann, doors } = await known()
    const values = { password: 'other', password_confirmation: 'other' }
    await app().call('PUT', 'users/update', values, ann, backend)
    await expect(doors, { anonymous: 200, basic: 401, token: 200, userToken: 401, data: 200 })
  })

  it('all reroute, and stop rerouting', async () => {
    const { backend, doors } = await known()
    const target = await one.backend()
    for (const each of [backend, target]) await one.publish(each)
    await one.done('PUT', `/mobilebackends/${backend.id}/target`, { id: target.id })
    // There is no such user in the target, and no session of theirs.
    await expect(doors, { anonymous: 200, basic: 401, token: 200, userToken: 401, data: 404 })
    await one.change(target, { inactive: true })
    await expect(doors, { anonymous: 200, basic: 200, token: 200, userToken: 200, data: 200 })
  })

  describe('with one tag', () => {
    it('let one writer through', async () => {
      const backend = await one.backend()
      await app().user('ann', backend)
      const texts = await TestCollection.make(one, backend, { name: 'Texts' })
      await texts.put('/objects/one', 'ann', '0')
      const write = (server: PlatformApp, n: number) =>
        server.call(backend, 'PUT', `/storage/collections/${texts.name}/objects/one`, {
          as: 'ann',
          payload: `v${n}`,
          headers: { 'if-match': '"1"', 'content-type': 'text/plain' },
        })
      const replies = await Promise.all(
        Array.from({ length: 10 }, (_, n) => write(n % 2 ? one : two, n)),
      )
      const statuses = replies.map(({ statusCode }) => statusCode)
      assert.equal(statuses.filter((status) => status === 200).length, 1, statuses.join())
      assert.equal(statuses.filter((status) => status === 412).length, 9)
      const { headers } = await texts.call('HEAD', '/objects/one', { as: 'ann' })
      assert.equal(headers.etag, '"2"')
    })
  })
})
