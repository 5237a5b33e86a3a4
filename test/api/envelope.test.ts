import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { methods } from '../../src/objects/index.ts'
import { onEachDatabase, type TestApp, type TestUser } from '../support/test-app.ts'

const FORM = 'application/x-www-form-urlencoded'
const UNKNOWN_ID = '5f00c0ffee00000000000001'

async function aPlace(app: TestApp, as: TestUser): Promise<string> {
  const { body } = await app.post('places/create', { name: 'Pier 7', city: 'Douglas' }, as)
  return body.response.places[0].id
}

onEachDatabase('answers', (app) => {
  describe('the envelope', () => {
    it('of a success holds code, status and the name of the method', async () => {
      const ann = await app().user()
      const { status, body, headers } = await app().post(
        'places/create',
        { name: 'Pier 7', city: 'Douglas' },
        ann,
      )
      assert.equal(status, 200)
      assert.deepEqual(body.meta, { code: 200, status: 'ok', method_name: 'createPlace' })
      assert.deepEqual(Object.keys(body), ['meta', 'response'])
      assert.equal(headers['content-type'], 'application/json; charset=utf-8')
    })

    it('has no response when there is nothing to return', async () => {
      const ann = await app().user()
      const { body } = await app().del('places/delete', { place_id: await aPlace(app(), ann) }, ann)
      assert.deepEqual(body, { meta: { code: 200, status: 'ok', method_name: 'deletePlace' } })
      const counted = await app().get('places/count')
      assert.deepEqual(Object.keys(counted.body), ['meta'])
      assert.equal(typeof counted.body.meta.count, 'number')
    })

    it('of a failure holds code, status, message and the name of the method', async () => {
      const { status, body, headers } = await app().get('places/show', { place_id: UNKNOWN_ID })
      assert.equal(status, 400)
      const { code, message, method_name, status: word } = body.meta
      assert.deepEqual(
        { code, message, method_name, word },
        { code: 400, message: 'Invalid place id', method_name: 'showPlace', word: 'fail' },
      )
      assert.equal(body.response, undefined)
      assert.equal(headers['content-type'], 'application/json; charset=utf-8')
    })

    it('names the method in each refusal, whatever found it wrong', async () => {
      const { key } = app().backend
      const ann = await app().user()
      for (const [what, reply] of [
        ['no key', await app().send({ method: 'GET', url: '/v1/places/query.json' })],
        ['wrong key', await app().send({ method: 'GET', url: '/v1/places/query.json?key=x' })],
        ['no session', await app().raw('POST', 'places/create', FORM, 'name=x')],
        ['bad JSON', await app().raw('POST', 'places/create', 'application/json', '{')],
        ['bad type', await app().raw('POST', 'places/create', 'text/plain', 'name=x')],
        ['bad verb', await app().send({ method: 'PUT', url: `/v1/places/query.json?key=${key}` })],
        ['bad value', await app().get('places/query', { limit: 0 })],
        ['not admin', await app().del('places/batch_delete', {}, ann)],
      ] as const) {
        assert.ok(reply.status >= 400 && reply.status < 500, `${what}: ${reply.status}`)
        assert.equal(reply.body.meta.code, reply.status, what)
        assert.equal(reply.body.meta.status, 'fail', what)
        assert.match(String(reply.body.meta.method_name), /^(query|create|batch)/, what)
      }
    })

    it('leaves out what has no value', async () => {
      const ann = await app().user()
      const { body } = await app().get('places/show', { place_id: await aPlace(app(), ann) })
      assert.deepEqual(Object.keys(body.response.places[0]).sort(), [
        ...['city', 'created_at', 'id', 'name', 'updated_at', 'user_id'],
      ])
    })

    it('has dates in whole seconds of UTC', async () => {
      const ann = await app().user()
      const { body } = await app().get('places/show', { place_id: await aPlace(app(), ann) })
      for (const name of ['created_at', 'updated_at']) {
        assert.match(body.response.places[0][name], /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+0000$/)
      }
    })

    for (const [value, isPretty] of [
      ['true', true],
      ['1', true],
      ['false', false],
      ['0', false],
      ['', false],
    ] as const) {
      it(`is ${isPretty ? 'indented' : 'compact'} with pretty_json=${value}`, async () => {
        for (const path of [
          'places/query.json?',
          'places/show.json?place_id=x&',
          'nothing/here?',
        ]) {
          const url = `/v1/${path}key=${app().backend.key}&pretty_json=${value}`
          const { body } = await app().app.inject({ method: 'GET', url })
          assert.equal(body.includes('\n'), isPretty, path)
          assert.equal(typeof JSON.parse(body).meta.code, 'number')
        }
      })
    }

    it('is compact by default', async () => {
      const url = `/v1/places/query.json?key=${app().backend.key}`
      const { body } = await app().app.inject({ method: 'GET', url })
      assert.equal(body, JSON.stringify(JSON.parse(body)))
    })
  })

  describe('suppress_response_codes', () => {
    for (const value of ['true', '1']) {
      it(`makes every status 200 when it is ${value}`, async () => {
        const suppress = `suppress_response_codes=${value}`
        const { key } = app().backend
        for (const [path, code] of [
          [`places/query.json?key=${key}&${suppress}`, 200],
          [`places/show.json?key=${key}&place_id=x&${suppress}`, 400],
          [`places/query.json?${suppress}`, 401],
          [`places/query.json?key=x&${suppress}`, 400],
          [`users/show/me.json?key=${key}&${suppress}`, 401],
          [`users/show/me.json?key=${key}&_session_id=x&${suppress}`, 404],
          [`nothing/here.json?key=${key}&${suppress}`, 404],
        ] as const) {
          const { status, body } = await app().send({ method: 'GET', url: `/v1/${path}` })
          assert.equal(status, 200, path)
          assert.equal(body.meta.code, code, path)
        }
      })
    }

    it('is read from bodies of each form', async () => {
      const part = 'content-disposition: form-data; name="suppress_response_codes"'
      for (const [contentType, payload] of [
        [FORM, 'suppress_response_codes=1'],
        ['application/json', '{"suppress_response_codes":true}'],
        ['multipart/form-data; boundary=b', `--b\r\n${part}\r\n\r\ntrue\r\n--b--\r\n`],
      ] as const) {
        const { status, body } = await app().raw('POST', 'places/create', contentType, payload)
        assert.equal(status, 200, contentType)
        assert.equal(body.meta.code, 401, contentType)
      }
    })

    it('in the query holds for a body that cannot be read', async () => {
      const url = `/v1/places/create.json?key=${app().backend.key}&suppress_response_codes=true`
      for (const [contentType, payload, code] of [
        ['application/json', '{', 400],
        ['text/plain', 'x', 415],
        ['multipart/form-data', 'x', 400],
      ] as const) {
        const headers = { 'content-type': contentType }
        const { status, body } = await app().send({ method: 'POST', url, headers, payload })
        assert.equal(status, 200)
        assert.equal(body.meta.code, code)
      }
    })

    for (const value of ['false', '0', '', 'yes']) {
      it(`leaves the status when it is "${value}"`, async () => {
        const url = `/v1/places/query.json?suppress_response_codes=${value}`
        assert.equal((await app().send({ method: 'GET', url })).status, 401)
      })
    }
  })

  describe('the address of a method', () => {
    const get = (path: string) => {
      const url = `/v1/${path}${path.includes('?') ? '&' : '?'}key=${app().backend.key}`
      return app().send({ method: 'GET', url })
    }

    it('stands with and without .json', async () => {
      for (const path of ['places/query', 'places/query.json', 'objects/boat/query']) {
        assert.equal((await get(path)).status, 200, path)
      }
    })

    it('may hold the id of what is shown', async () => {
      const ann = await app().user()
      const id = await aPlace(app(), ann)
      for (const path of [`places/show/${id}.json`, `places/show/${id}`]) {
        const { status, body } = await get(path)
        assert.equal(status, 200, path)
        assert.equal(body.response.places[0].id, id)
      }
      const user = await get(`users/show/${ann.id}.json`)
      assert.equal(user.body.response.users[0].id, ann.id)
      const bad = await get('places/show/no-id.json')
      assert.equal(bad.status, 400)
      assert.equal(bad.body.meta.message, 'Invalid place id')
    })

    it('with the id in it counts more than a parameter', async () => {
      const ann = await app().user()
      const [one, other] = [await aPlace(app(), ann), await aPlace(app(), ann)]
      const { body } = await get(`places/show/${one}.json?place_id=${other}`)
      assert.equal(body.response.places[0].id, one)
    })

    for (const path of [
      'nothing/here.json',
      'places',
      'places/',
      'places/nothing.json',
      '',
      'places/query.xml',
      'places/show/a/b.json',
    ]) {
      it(`"${path}" is unknown and answered in the envelope`, async () => {
        const { status, body } = await get(path)
        assert.equal(status, 404)
        assert.equal(body.meta.code, 404)
        assert.equal(body.meta.status, 'fail')
        assert.equal(body.meta.method_name, undefined)
        assert.ok(body.meta.message)
      })
    }

    it('that cannot be decoded is refused in the envelope', async () => {
      const { status, body } = await get('objects/%E0%A4%A/query.json')
      assert.equal(status, 400)
      assert.equal(body.meta.code, 400)
      assert.equal(body.meta.status, 'fail')
    })
  })

  describe('a verb', () => {
    const send = (method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, as?: TestUser) => {
      const url = `/v1/${path}&key=${app().backend.key}${as ? `&_session_id=${as.session}` : ''}`
      return app().send({ method, url })
    }

    it('may be POST for every method', async () => {
      for (const { path } of methods) {
        const url = `${path.replace(':classname', 'boat')}.json?a=b`
        const { status } = await send('POST', url)
        assert.ok(status !== 405 && status < 500, `${path}: ${status}`)
      }
    })

    it('may be POST where PUT or DELETE is documented, with _method or without', async () => {
      const ann = await app().user()
      for (const extra of ['', '&_method=PUT']) {
        const id = await aPlace(app(), ann)
        const { status } = await send(
          'POST',
          `places/update.json?place_id=${id}&name=new${extra}`,
          ann,
        )
        assert.equal(status, 200)
        const shown = await app().get('places/show', { place_id: id })
        assert.equal(shown.body.response.places[0].name, 'new')
      }
      for (const extra of ['', '&_method=DELETE']) {
        const id = await aPlace(app(), ann)
        assert.equal(
          (await send('POST', `places/delete.json?place_id=${id}${extra}`, ann)).status,
          200,
        )
        assert.equal((await app().get('places/show', { place_id: id })).status, 400)
      }
    })

    it('may be GET for what only reads', async () => {
      const readable = new Set(
        methods.flatMap(({ verb, alsoBy, path }) =>
          verb === 'GET' || alsoBy === 'GET' ? [path] : [],
        ),
      )
      for (const { path } of methods) {
        if (readable.has(path)) continue
        const { status, headers } = await send(
          'GET',
          `${path.replace(':classname', 'boat')}.json?a=b`,
        )
        assert.equal(status, 405, path)
        assert.doesNotMatch(String(headers.allow), /GET/)
      }
    })

    it('GET deletes only where the backend lets it, _method or not', async () => {
      const ann = await app().user()
      const id = await aPlace(app(), ann)
      const path = `places/delete.json?place_id=${id}`
      for (const extra of ['', '&_method=DELETE']) {
        assert.equal((await send('GET', path + extra, ann)).status, 405)
      }
      assert.equal((await app().get('places/show', { place_id: id })).status, 200)
      await app().set({ deleteByGet: true })
      assert.equal((await send('GET', `places/update.json?place_id=${id}&name=x`, ann)).status, 405)
      assert.equal((await send('GET', path, ann)).status, 200)
      assert.equal((await app().get('places/show', { place_id: id })).status, 400)
    })
  })

  describe('other origins', () => {
    const ORIGIN = 'https://app.example.org'

    it('may call, with their credentials', async () => {
      for (const path of ['places/query.json', 'users/show/me.json', 'nothing.json']) {
        const url = `/v1/${path}?key=${app().backend.key}`
        const { headers } = await app().send({ method: 'GET', url, headers: { origin: ORIGIN } })
        assert.equal(headers['access-control-allow-origin'], ORIGIN, path)
        assert.equal(headers['access-control-allow-credentials'], 'true')
        assert.equal(headers['access-control-allow-methods'], 'POST, GET, PUT, DELETE, OPTIONS')
        assert.match(String(headers['access-control-allow-headers']), /x-requested-with/)
        assert.equal(headers.vary, 'origin')
      }
    })

    it('may ask before they call, without a key', async () => {
      const headers = { origin: ORIGIN, 'access-control-request-method': 'PUT' }
      for (const url of ['/v1/places/update.json', '/v1/objects/boat/create.json']) {
        const reply = await app().send({ method: 'OPTIONS', url, headers })
        assert.ok(reply.status === 200 || reply.status === 204)
        assert.equal(reply.headers['access-control-allow-origin'], ORIGIN)
        assert.match(String(reply.headers['access-control-allow-methods']), /PUT/)
      }
    })
  })

  describe('a parameter', () => {
    it('that is unknown is ignored', async () => {
      const values = { analytics_guid: 'x', 'ti[a][b]': 1, __proto__x: '1', constructor: 'x' }
      const { status, body } = await app().get('places/query', values)
      assert.equal(status, 200)
      assert.deepEqual(body.meta, { code: 200, status: 'ok', method_name: 'queryPlaces' })
    })

    for (const [value, isOn] of [
      ['true', true],
      ['1', true],
      ['false', false],
      ['0', false],
      ['', false],
    ] as const) {
      it(`that is a boolean is ${isOn} as "${value}"`, async () => {
        const { status, body } = await app().get('places/query', { count: value })
        assert.equal(status, 200)
        assert.equal('count' in body.meta, isOn)
      })
    }

    it('that is a boolean may be a JSON number or boolean', async () => {
      for (const count of [true, 1]) {
        const payload = JSON.stringify({ count })
        const { body } = await app().raw('POST', 'places/query', 'application/json', payload)
        assert.equal(typeof body.meta.count, 'number')
      }
    })

    it('that is a boolean is refused as another text', async () => {
      const { status, body } = await app().get('places/query', { count: 'yes' })
      assert.equal(status, 400)
      assert.equal(body.meta.message, 'Invalid count parameter; value must be true or false')
    })
  })
})
