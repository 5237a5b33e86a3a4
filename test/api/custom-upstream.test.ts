import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { type RequestListener, request as requestHttp } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { after, before, describe, it } from 'node:test'
import yauzl from 'yauzl'
import { archiveOf, ORDERS_LINES } from '../support/api-files.ts'
import { CustomApp, type MadeApi } from '../support/custom-app.ts'
import { codeOf, type DoorKeys } from '../support/platform-app.ts'
import { onEachDatabase } from '../support/test-app.ts'
import { UpstreamApp } from '../support/upstream-app.ts'

const HOSTS = { HOMEPORT_UPSTREAM_HOSTS: '127.0.0.1', HOMEPORT_UPLOAD_MAX_BYTES: '100000' }

onEachDatabase(
  'an implementation that runs elsewhere',
  (app) => {
    let custom: CustomApp
    const opened: UpstreamApp[] = []

    before(async () => {
      custom = await CustomApp.open(app())
    })
    after(async () => {
      for (const one of opened) await one.close()
    })

    const program = async (answer?: RequestListener) => {
      const upstream = await UpstreamApp.open(answer)
      opened.push(upstream)
      return upstream
    }
    const setUpstream = (
      { implementationId, name }: { implementationId: string; name: string },
      upstreamUrl: string | null,
    ) => custom.platform.done('PUT', `/implementations/${implementationId}`, { name, upstreamUrl })

    /** An API whose calls are handed to an address. */
    const handed = async (upstreamUrl: string | null, members: object = {}) => {
      const made = await custom.api({ apiDefn: ORDERS_LINES, ...members })
      const manifest = { name: `${made.api.name}_program` }
      const uploaded = await custom.upload(made.api, await archiveOf(manifest))
      if (upstreamUrl !== null) await setUpstream(uploaded, upstreamUrl)
      return { ...made, uploaded }
    }

    it('answers with its program, whatever the definition says', async () => {
      const upstream = await program((_request, response) => {
        response.writeHead(207, { 'content-type': 'text/x-own', etag: '"7"', 'x-own': 'a' })
        response.end('hello')
      })
      const { api, backend } = await handed(`${upstream.url}/base/`)
      const reply = await custom.call(backend, 'GET', `${api.name}/any%20where/?a=1&a=%C3%A4`, {
        headers: { accept: 'text/*', 'if-none-match': '"6"' },
      })
      assert.deepEqual(
        [reply.statusCode, reply.body, reply.headers['content-type'], reply.headers['x-own']],
        [207, 'hello', 'text/x-own', 'a'],
      )
      assert.equal(reply.headers.etag, '"7"')
      const [heard] = upstream.heard
      assert.equal(heard?.url, `/base/mobile/custom/${api.name}/any%20where/?a=1&a=%C3%A4`)
      assert.deepEqual([heard?.headers.accept, heard?.headers['if-none-match']], ['text/*', '"6"'])
    })

    it('gives bodies of any form on as they are', async () => {
      const upstream = await program()
      const { api, backend } = await handed(upstream.url)
      for (const [type, payload] of [
        ['application/json', Buffer.from('{"a": 1 }')],
        ['application/octet-stream', Buffer.from([0, 255, 1, 254])],
        ['multipart/form-data; boundary=x', Buffer.from('--x--')],
        ['application/x-www-form-urlencoded', Buffer.from('a=1')],
      ] as const) {
        const reply = await custom.call(backend, 'POST', `${api.name}/echo`, {
          headers: { 'content-type': type },
          payload,
        })
        assert.ok(reply.rawPayload.equals(payload), type)
        assert.equal(upstream.heard.at(-1)?.headers['content-type'], type)
      }
      assert.equal((await custom.call(backend, 'DELETE', `${api.name}/x`)).statusCode, 200)
      assert.equal(upstream.heard.at(-1)?.method, 'DELETE')
    })

    it('tells its program who calls, and nothing that proves it', async () => {
      const upstream = await program()
      const { api, backend } = await handed(upstream.url)
      const { id } = await app().user('Zoë', backend)
      const forged = {
        'oracle-mobile-user-id': 'someone',
        'oracle-mobile-user-roles': 'Boss',
        'oracle-mobile-backend-name': 'Other',
        'oracle-mobile-social-access-token': 'secret',
        'oracle-mobile-device-id': 'd1',
        cookie: 'a=b',
        connection: 'x-hop',
        'x-hop': '1',
      }
      await custom.call(backend, 'GET', `${api.name}/x`, { as: 'Zoë', headers: forged })
      const headers = upstream.heard[0]?.headers ?? {}
      assert.deepEqual(
        Object.fromEntries(Object.entries(headers).filter(([name]) => /^oracle|^x-hop/.test(name))),
        {
          'oracle-mobile-backend-id': backend.id,
          'oracle-mobile-backend-name': backend.name,
          'oracle-mobile-backend-version': '1.0',
          'oracle-mobile-user-id': id,
          'oracle-mobile-user-name': encodeURIComponent('Zoë'),
          'oracle-mobile-user-roles': '',
          'oracle-mobile-device-id': 'd1',
        },
      )
      assert.deepEqual([headers.authorization, headers.cookie], [undefined, undefined])

      await custom.call(backend, 'GET', `${api.name}/x`, { headers: forged })
      assert.equal(upstream.heard[1]?.headers['oracle-mobile-user-id'], undefined)
      assert.equal(upstream.heard[1]?.headers['oracle-mobile-user-roles'], undefined)
    })

    it('sends back nothing that speaks for this server', async () => {
      const upstream = await program((_request, response) => {
        response.writeHead(200, {
          'set-cookie': 'session=mine',
          'strict-transport-security': 'max-age=1',
          'access-control-allow-origin': '*',
          'content-security-policy': 'default-src *',
        })
        response.end('<script>')
      })
      const { api, backend } = await handed(upstream.url)
      const { headers } = await custom.call(backend, 'GET', `${api.name}/x`)
      assert.deepEqual(
        [headers['set-cookie'], headers['strict-transport-security']],
        [undefined, undefined],
      )
      assert.equal(headers['access-control-allow-origin'], undefined)
      assert.equal(headers['content-security-policy'], "default-src 'none'; sandbox")
      assert.equal(headers['x-content-type-options'], 'nosniff')
    })

    it('holds callers against the security of the API before its program hears of them', async () => {
      const upstream = await program()
      const security = { type: 'ENTERPRISE', roles: [] }
      const { api, backend } = await handed(upstream.url, { security })
      assert.equal((await custom.call(backend, 'GET', `${api.name}/x`)).statusCode, 403)
      assert.deepEqual(upstream.heard, [])
    })

    it('says what to do as long as it runs nowhere', async () => {
      const { api, backend, uploaded } = await handed(null)
      const reply = await custom.call(backend, 'GET', `${api.name}/orders`)
      assert.deepEqual(codeOf(reply), [501, 'MOBILE-10306'])
      assert.match(
        reply.json().detail,
        new RegExp(
          `'upstreamUrl' to /mobile/tools/1.0/implementations/${uploaded.implementationId}`,
        ),
      )
    })

    it('is not there while its program is not', async () => {
      const upstream = await program()
      await upstream.close()
      const { api, backend } = await handed(upstream.url)
      const reply = await custom.call(backend, 'GET', `${api.name}/x`)
      assert.deepEqual(codeOf(reply), [502, 'MOBILE-10308'])
      assert.doesNotMatch(reply.body, /127\.0\.0\.1|ECONN/)
    })

    it('gives up on a program that does not answer, by the policy', async () => {
      const upstream = await program(() => undefined)
      const { api, backend } = await handed(upstream.url)
      const policy = `*.custom/${api.name}(1.0).Network_HttpRequestTimeout`
      const bad = await custom.platform.team('PUT', '/policies', { name: policy, value: '0' })
      assert.equal(bad.statusCode, 400)
      await custom.platform.policy(policy, '200')
      const started = performance.now()
      const reply = await custom.call(backend, 'GET', `${api.name}/x`)
      assert.deepEqual(codeOf(reply), [504, 'MOBILE-10309'])
      assert.ok(performance.now() - started < 5000)
    })

    it('refuses a body that is too large, told or not', async () => {
      const upstream = await program()
      const { api, backend } = await handed(upstream.url)
      const payload = Buffer.alloc(100_001)
      const headers = { 'content-type': 'application/octet-stream' }
      const told = await custom.call(backend, 'POST', `${api.name}/x`, { headers, payload })
      assert.deepEqual(codeOf(told), [413, 'MOBILE-10017'])
      assert.deepEqual(upstream.heard, [])
    })

    for (const url of [
      ...['http://10.0.0.1', 'http://[::1]:3000', 'http://localhost:1', 'http://169.254.169.254'],
    ]) {
      it(`does not go to ${url}, which nobody named`, async () => {
        const { api, backend } = await handed(url)
        const reply = await custom.call(backend, 'GET', `${api.name}/latest/meta-data`)
        assert.deepEqual(codeOf(reply), [502, 'MOBILE-10308'])
      })
    }

    it('follows no redirect of its program', async () => {
      const upstream = await program((_request, response) => {
        response.writeHead(302, { location: 'http://169.254.169.254/' }).end()
      })
      const { api, backend } = await handed(upstream.url)
      const reply = await custom.call(backend, 'GET', `${api.name}/x`)
      assert.deepEqual([reply.statusCode, reply.headers.location], [302, 'http://169.254.169.254/'])
      assert.equal(upstream.heard.length, 1)
    })

    it('is another one for a backend whose policy says so', async () => {
      const [one, two] = [await program(), await program()]
      const { api, backend } = await handed(one.url)
      const { backend: other } = await handed(one.url)
      await custom.platform.done('PUT', `/mobilebackends/${other.id}/apis/${api.id}`)
      const second = await custom.upload(api, await archiveOf({ name: `${api.name}_second` }))
      await setUpstream(second, two.url)
      const all = `*.custom/${api.name}(1.0).Routing_BindApiToImpl`
      await custom.platform.policy(all, `${api.name}_program(1.0)`)
      const own = `${other.name}(1.0).custom/${api.name}(1.0).Routing_BindApiToImpl`
      await custom.platform.policy(own, `${api.name}_second(1.0)`)
      for (const caller of [backend, other]) await custom.call(caller, 'GET', `${api.name}/x`)
      assert.deepEqual([one.heard.length, two.heard.length], [1, 1])

      await custom.platform.policy(own, `${api.name}_mock(1.0)`)
      const mocked = await custom.call(other, 'GET', `${api.name}/orders?state=open`)
      assert.equal(mocked.body, '[{"id":1},{"id":2}]')
      for (const value of ['none(1.0)', `${second.name}(9.0)`]) {
        await custom.platform.policy(own, value)
        const missing = await custom.call(other, 'GET', `${api.name}/x`)
        assert.deepEqual(codeOf(missing), [503, 'MOBILE-10307'])
      }
      await custom.platform.policy(own, '')
      assert.equal((await custom.call(other, 'GET', `${api.name}/x`)).statusCode, 200)
    })

    describe('over a socket', () => {
      let origin: { readonly host: string; readonly port: number }
      before(async () => {
        await app().app.listen({ port: 0, host: '127.0.0.1' })
        const { port } = app().app.server.address() as AddressInfo
        origin = { host: '127.0.0.1', port }
      })

      const raw = (backend: DoorKeys, api: MadeApi, path: string, options: object = {}) =>
        requestHttp({
          ...{ ...origin, path: `/mobile/custom/${api.name}${path}` },
          headers: {
            authorization: `Basic ${backend.anonymousKey}`,
            'oracle-mobile-backend-id': backend.header,
          },
          ...options,
        })
      const answerTo = async (request: ReturnType<typeof raw>) => {
        request.end()
        const [reply] = await once(request, 'response')
        return { status: reply.statusCode, body: await text(reply) }
      }

      it('cannot be used to reach other paths of its program', async () => {
        const upstream = await program()
        const { api, backend } = await handed(upstream.url)
        for (const path of ['/../../../admin', '/x/%2e%2e/%2e%2e/admin', '/.%2e/y']) {
          const { status } = await answerTo(raw(backend, api, path))
          assert.equal(status, 400, path)
        }
        assert.deepEqual(upstream.heard, [])
      })

      it('hears of a client that goes away, and stops its program', async () => {
        let closed = false
        const upstream = await program((request, response) => {
          response.write('first')
          request.once('close', () => {
            closed = true
          })
        })
        const { api, backend } = await handed(upstream.url)
        const request = raw(backend, api, '/slow')
        request.end()
        const [reply] = await once(request, 'response')
        await once(reply, 'data')
        request.destroy()
        for (let left = 50; left > 0 && !closed; left -= 1) {
          await new Promise((resolve) => setTimeout(resolve, 20))
        }
        assert.equal(closed, true)
      })

      it('breaks off when its program does, and goes on', async () => {
        const upstream = await program((_request, response) => {
          response.write('first')
          setTimeout(() => response.destroy(), 20)
        })
        const { api, backend } = await handed(upstream.url)
        const request = raw(backend, api, '/broken')
        request.end()
        const [reply] = await once(request, 'response')
        await assert.rejects(text(reply))
        assert.equal((await app().app.inject('/health/live')).statusCode, 200)
      })

      it('refuses a body that grows too large on the way', async () => {
        const upstream = await program()
        const { api, backend } = await handed(upstream.url)
        const request = raw(backend, api, '/x', { method: 'POST' })
        request.setHeader('authorization', `Basic ${backend.anonymousKey}`)
        request.setHeader('transfer-encoding', 'chunked')
        for (let left = 4; left > 0; left -= 1) request.write(Buffer.alloc(30_000))
        const { status } = await answerTo(request)
        assert.equal(status, 413)
      })
    })

    it('begins as a scaffold, which runs as it comes', async () => {
      const { api, backend } = await custom.api({ apiDefn: ORDERS_LINES })
      const scaffold = await custom.platform.done('GET', `/apis/${api.id}/scaffold`)
      const directory = await mkdtemp(join(tmpdir(), 'homeport-scaffold-'))
      const archive = await yauzl.fromBufferPromise(scaffold.rawPayload)
      for await (const entry of archive.eachEntry()) {
        const content = await text(await archive.openReadStreamPromise(entry))
        await writeFile(join(directory, entry.fileName), content)
      }
      const child = spawn(process.execPath, ['server.js', '0'], { cwd: directory })
      try {
        const [line] = await once(child.stdout, 'data')
        const [, port] = /port (\d+)/.exec(String(line)) ?? []
        const uploaded = await custom.upload(api, scaffold.rawPayload)
        assert.equal(uploaded.name, api.name)
        await setUpstream(uploaded, `http://127.0.0.1:${port}`)
        const ask = (verb: string, path: string, payload?: object) =>
          custom.call(backend, verb, `${api.name}${path}`, payload ? { payload } : {})
        const listed = await ask('GET', '/orders')
        assert.deepEqual([listed.statusCode, listed.json()], [200, [{ id: 1 }, { id: 2 }]])
        assert.equal(listed.headers['content-type'], 'application/json')
        const made = await ask('POST', '/orders', { sku: 'a' })
        assert.deepEqual([made.statusCode, made.json()], [201, { id: 3 }])
        assert.equal((await ask('DELETE', '/orders/7')).statusCode, 204)
        assert.equal((await ask('GET', '/orders/count')).body, '2')
        assert.equal((await ask('GET', '/none')).statusCode, 404)
      } finally {
        child.kill()
        await once(child, 'exit')
        await rm(directory, { recursive: true })
      }
    })
  },
  HOSTS,
)
