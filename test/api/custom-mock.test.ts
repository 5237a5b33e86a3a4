import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import { ORDERS_LINES } from '../support/api-files.ts'
import { CustomApp, type MadeApi } from '../support/custom-app.ts'
import { codeOf, type DoorKeys, type Sent } from '../support/platform-app.ts'
import { onEachDatabase } from '../support/test-app.ts'

const REASON = { 'x-reason': 'new' }

type Row = readonly [what: string, verb: string, path: string, sent: Sent, expected: Expected]

type Expected = {
  readonly status: number
  readonly body?: string
  readonly headers?: Readonly<Record<string, string | undefined>>
}

const accept = (type: string) => ({ headers: { accept: type } })
const prefer = (text: string) => ({ headers: { prefer: text } })

/** What the mock of the orders answers. */
const ANSWERS: readonly Row[] = [
  [
    'the example of the first response that means success, with its headers',
    ...(['GET', '/orders', {}] as const),
    {
      status: 200,
      body: '[{"id":1},{"id":2}]',
      headers: { 'content-type': 'application/json', 'x-total': '2' },
    },
  ],
  [
    'in the type that is asked for',
    ...(['GET', '/orders', accept('text/csv')] as const),
    { status: 200, body: 'id\n1\n2', headers: { 'content-type': 'text/csv' } },
  ],
  [
    'in the type that is liked best',
    ...(['GET', '/orders', accept('application/json;q=0.5, text/*')] as const),
    { status: 200, headers: { 'content-type': 'text/csv' } },
  ],
  [
    'in the first type where all are liked the same',
    ...(['GET', '/orders', accept('*/*')] as const),
    { status: 200, headers: { 'content-type': 'application/json' } },
  ],
  [
    'not in a type that there is not',
    ...(['GET', '/orders', accept('image/png')] as const),
    { status: 406 },
  ],
  [
    'not in a type that is refused',
    ...(['GET', '/orders', accept('text/csv;q=0, application/json;q=0')] as const),
    { status: 406 },
  ],
  ['with a slash at the end too', 'GET', '/orders/', {}, { status: 200 }],
  [
    'for HEAD, as for GET without the body',
    ...(['HEAD', '/orders', {}] as const),
    { status: 200, body: '', headers: { 'x-total': '2' } },
  ],
  [
    'with the status that is preferred',
    ...(['GET', '/orders', prefer('return=minimal, code=404')] as const),
    {
      status: 404,
      body: '{"error":"none"}',
      headers: { 'preference-applied': 'code=404', 'x-total': undefined },
    },
  ],
  [
    'as ever where the status that is preferred is not declared',
    ...(['GET', '/orders', prefer('code=418')] as const),
    { status: 200, headers: { 'preference-applied': undefined } },
  ],
  [
    'for a resource whose name stands where a parameter might',
    ...(['GET', '/orders/count', {}] as const),
    { status: 200, body: '2', headers: { 'content-type': 'text/plain' } },
  ],
  [
    'that nothing has changed to whoever has the declared tag',
    ...(['GET', '/orders/count', { headers: { 'if-none-match': '"1", W/"7"' } }] as const),
    { status: 304, body: '', headers: { etag: '"7"' } },
  ],
  [
    'for a resource with a parameter, by the first of its examples',
    ...(['GET', '/orders/a%2Fb', {}] as const),
    { status: 200, body: '{"id":1}' },
  ],
  [
    'by the example that is preferred',
    ...(['GET', '/orders/7', prefer('example="large"')] as const),
    { status: 200, body: '{"id":2,"items":[]}' },
  ],
  ['with 204 where there is nothing to show', 'DELETE', '/orders/7', {}, { status: 204, body: '' }],
  [
    'to a body of the declared type',
    ...(['POST', '/orders', { headers: REASON, payload: { sku: 'a' } }] as const),
    { status: 201, body: '{"id":3}', headers: { location: '/orders/3' } },
  ],
  ['without a body that may be left out', 'POST', '/orders', { headers: REASON }, { status: 201 }],
  [
    'not to a body of another type',
    ...[
      'POST',
      '/orders',
      { headers: { ...REASON, 'content-type': 'application/xml' }, payload: '<a/>' },
    ],
    { status: 415 },
  ] as unknown as Row,
  ['not without a header that is required', 'POST', '/orders', {}, { status: 400 }],
  [
    'to a parameter of the declared form',
    ...(['GET', '/orders?state=open&limit=5', {}] as const),
    { status: 200 },
  ],
  ['not to a number that is none', 'GET', '/orders?limit=few', {}, { status: 400 }],
  ['not to a value that is not declared', 'GET', '/orders?state=lost', {}, { status: 400 }],
  ['not for a resource that there is not', 'GET', '/bills', {}, { status: 404 }],
  ['not for the API itself', 'GET', '', {}, { status: 404 }],
  ['not below a resource that has nothing below', 'GET', '/orders/7/items', {}, { status: 404 }],
  [
    'not to a verb that is not declared, naming those that are',
    ...(['PATCH', '/orders/7', {}] as const),
    { status: 405, headers: { allow: 'GET, DELETE, HEAD, OPTIONS' } },
  ],
  [
    'to OPTIONS, with the verbs',
    ...(['OPTIONS', '/orders', {}] as const),
    { status: 204, headers: { allow: 'GET, POST, HEAD, OPTIONS' } },
  ],
  ['for a parameter that is a path', 'GET', '/orders/..%2f..', {}, { status: 200 }],
]

onEachDatabase('the mock of a custom API', (app) => {
  let custom: CustomApp
  let orders: MadeApi
  let shop: DoorKeys

  before(async () => {
    custom = await CustomApp.open(app())
    // `state` is required in the file, so that there is one that is.
    const apiDefn = ORDERS_LINES.map((line) =>
      line.replace('state: { enum: [open, closed] }', 'state?: { enum: [open, closed] }'),
    )
    const made = await custom.api({ apiDefn })
    orders = made.api
    shop = made.backend
  })

  for (const [what, verb, path, sent, { status, body, headers = {} }] of ANSWERS) {
    it(`answers ${what}`, async () => {
      const reply = await custom.call(shop, verb, `${orders.name}${path}`, sent)
      assert.equal(reply.statusCode, status, reply.body)
      if (body !== undefined) assert.equal(reply.body, body)
      for (const [name, value] of Object.entries(headers)) {
        assert.equal(reply.headers[name], value, name)
      }
      if (status >= 400 && status !== 404) assert.ok(reply.json()['o:errorCode'], reply.body)
    })
  }

  it('tells of a resource that there is not in the form of all errors', async () => {
    const reply = await custom.call(shop, 'GET', `${orders.name}/bills`)
    const { status, detail, 'o:errorCode': code, 'o:errorPath': path } = reply.json()
    assert.deepEqual(
      [status, code, path],
      [404, 'MOBILE-10013', `/mobile/custom/${orders.name}/bills`],
    )
    assert.match(detail, /has no resource \/bills/)
  })

  it('says that a parameter is required, and all else that is wrong', async () => {
    const { api, backend } = await custom.api({ apiDefn: ORDERS_LINES })
    const reply = await custom.call(backend, 'GET', `${api.name}/orders?limit=x`)
    assert.equal(reply.statusCode, 400)
    const { detail } = reply.json()
    assert.match(detail, /state is required/)
    assert.match(detail, /limit must be a whole number/)
  })

  it('keeps what it sends from acting as a page of this server', async () => {
    const { headers } = await custom.call(shop, 'GET', `${orders.name}/orders`)
    assert.equal(headers['x-content-type-options'], 'nosniff')
    assert.equal(headers['content-security-policy'], "default-src 'none'; sandbox")
  })

  it('follows a change of the definition at once', async () => {
    const { api, backend } = await custom.api({ apiDefn: ORDERS_LINES })
    const ask = async () => (await custom.call(backend, 'GET', `${api.name}/pets`)).statusCode
    assert.equal(await ask(), 404)
    const pets = { openapi: '3.0.0', info: { title: 'p', version: '1' } }
    const get = { responses: { 200: { content: { 'a/b': { example: 'x' } } } } }
    const apiDefn = [JSON.stringify({ ...pets, paths: { '/pets': { get } } })]
    await custom.platform.done('PUT', `/apis/${api.id}`, { name: api.name, apiDefn })
    assert.equal(await ask(), 200)
  })

  it('has nothing to say of an API without a definition', async () => {
    const { api, backend } = await custom.api()
    const reply = await custom.call(backend, 'GET', `${api.name}/orders`)
    assert.deepEqual(codeOf(reply), [404, 'MOBILE-10013'])
  })

  describe('who may call it', () => {
    it('takes the keys of its backend, and a token', async () => {
      const path = `${orders.name}/orders`
      const authorization = await custom.platform.token(shop, null)
      const headers = { 'oracle-mobile-backend-id': undefined }
      const sent = { authorization, headers }
      assert.equal((await custom.call(shop, 'GET', path, sent)).statusCode, 200)
      const wrong = { authorization: 'Basic eDp5' }
      assert.equal((await custom.call(shop, 'GET', path, wrong)).statusCode, 401)
    })

    it('knows only the APIs of the backend that the call came through', async () => {
      const other = await custom.platform.backend()
      const reply = await custom.call(other, 'GET', `${orders.name}/orders`)
      assert.deepEqual(codeOf(reply), [404, 'MOBILE-10304'])
      assert.equal((await custom.call(shop, 'GET', 'none/orders')).statusCode, 404)
    })

    it('lets nobody in without a login where one is required', async () => {
      const security = { type: 'ENTERPRISE', roles: [] }
      const { api, backend } = await custom.api({ apiDefn: ORDERS_LINES, security })
      await app().user('ann', backend)
      const path = `${api.name}/orders?state=open`
      const anonymous = await custom.call(backend, 'GET', path)
      assert.deepEqual(codeOf(anonymous), [403, 'MOBILE-10203'])
      assert.equal((await custom.call(backend, 'GET', path, { as: 'ann' })).statusCode, 200)
      const authorization = await custom.platform.token(backend, 'ann')
      assert.equal((await custom.call(backend, 'GET', path, { authorization })).statusCode, 200)
    })

    it('lets only those in who have one of its roles', async () => {
      const security = { type: 'ENTERPRISE', roles: ['Clerk', 'Boss'] }
      const { api, backend } = await custom.api({ apiDefn: ORDERS_LINES, security })
      const admin = await app().admin('root', backend)
      for (const [name, role] of [
        ['ann', 'Clerk'],
        ['bob', 'Guest'],
      ] as const) {
        const { id } = await app().user(name, backend)
        await app().call('PUT', 'users/update', { role, su_id: id }, admin, backend)
      }
      const path = `${api.name}/orders?state=open`
      const ask = async (as: string) => custom.call(backend, 'GET', path, { as })
      // Where users may give themselves a role, none counts.
      assert.deepEqual(codeOf(await ask('ann')), [403, 'MOBILE-10305'])
      await app().set({ rolesAdminOnly: true }, backend)
      assert.equal((await ask('ann')).statusCode, 200)
      assert.deepEqual(codeOf(await ask('bob')), [403, 'MOBILE-10305'])
    })

    it('is gone with its place on the backend, and in the trash', async () => {
      const { api, backend } = await custom.api({ apiDefn: ORDERS_LINES })
      const ask = async () =>
        (await custom.call(backend, 'GET', `${api.name}/orders?state=open`)).statusCode
      assert.equal(await ask(), 200)
      await custom.platform.done('DELETE', `/mobilebackends/${backend.id}/apis/${api.id}`)
      assert.equal(await ask(), 404)
    })

    it('lets pages on other origins call, where the policy does', async () => {
      const path = `${orders.name}/orders`
      const headers = { origin: 'https://app.example' }
      const plain = await custom.call(shop, 'GET', path, { headers })
      assert.equal(plain.headers['access-control-allow-origin'], undefined)
      await custom.platform.policy('*.*.Security_AllowOrigin', 'https://app.example')
      const allowed = await custom.call(shop, 'GET', path, { headers })
      assert.equal(allowed.headers['access-control-allow-origin'], 'https://app.example')
      const asked = { ...headers, 'access-control-request-method': 'PUT' }
      const preflight = { authorization: undefined, 'oracle-mobile-backend-id': undefined }
      const reply = await custom.call(shop, 'OPTIONS', path, {
        headers: { ...asked, ...preflight },
      })
      assert.equal(reply.statusCode, 204)
      assert.ok(String(reply.headers['access-control-allow-methods']).includes('PUT'))
      await custom.platform.done('DELETE', '/policies/*.*.Security_AllowOrigin')
    })
  })

  it('answers for the backend that calls are rerouted to', async () => {
    const from = await custom.platform.backend()
    const { api, backend: to } = await custom.api({ apiDefn: ORDERS_LINES })
    await custom.platform.publish(from)
    await custom.platform.publish(to)
    await custom.platform.done('PUT', `/mobilebackends/${from.id}/target`, { id: to.id })
    const reply = await custom.call(from, 'GET', `${api.name}/orders?state=open`)
    assert.equal(reply.statusCode, 200, reply.body)
  })
})
