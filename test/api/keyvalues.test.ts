import assert from 'node:assert/strict'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { onEachDatabase, type TestUser } from '../support/test-app.ts'

const MEGABYTE = 1024 * 1024

onEachDatabase('key-values', (app) => {
  let names = 0
  const freshName = () => `key${++names}`
  const set = async (values: Record<string, unknown>, as: TestUser) => {
    const { status, body } = await app().put('keyvalues/set', values, as)
    assert.equal(status, 200, body.meta.message)
    assert.deepEqual([body.meta.method_name, body.response], ['setKeyvalue', undefined])
  }
  const get = (values: Record<string, unknown>, as?: TestUser | null) =>
    app().get('keyvalues/get', values, as)
  const shown = async (values: Record<string, unknown>, as?: TestUser) =>
    (await get(values, as)).body.response?.keyvalues[0].value
  const changed = async (path: string, values: Record<string, unknown>, as: TestUser) => {
    const { status, body } = await app().put(path, values, as)
    assert.equal(status, 200, body.meta.message)
    return body.response.keyvalues[0].value
  }
  const upload = (name: string, bytes: Buffer, as: TestUser, type = 'binary') => {
    const value = new Blob([new Uint8Array(bytes)])
    return app().upload('PUT', 'keyvalues/set', { name, type, value }, as)
  }
  const raw = async (name: string, as?: TestUser) => {
    const session = as ? `&_session_id=${as.session}&access_private=true` : ''
    const url = `/v1/keyvalues/get.json?key=${app().backend.key}&name=${name}${session}`
    const { statusCode, headers, rawPayload } = await app().app.inject({ url })
    return { statusCode, type: headers['content-type'], bytes: rawPayload }
  }
  const files = async () => {
    const folder = join(app().context.config.files.directory, app().backend.id, 'keyvalues')
    const all = await readdir(folder, { recursive: true }).catch(() => [])
    return all.filter((file) => file.endsWith('value'))
  }

  describe('of the public store', () => {
    it('are read by everyone and set by every user', async () => {
      const [ann, bob] = [await app().user(), await app().user()]
      const name = freshName()
      await set({ name, value: 'high' }, ann)
      const { body } = await get({ name })
      assert.equal(body.meta.method_name, 'getKeyvalue')
      const [{ id, created_at, updated_at }] = body.response.keyvalues
      const rest = { type: 'string', value: 'high', created_at, updated_at, user_id: ann.id }
      assert.deepEqual(body.response.keyvalues, [{ id, name, ...rest }])
      await set({ name, value: 'low' }, bob)
      const after = (await get({ name })).body.response.keyvalues[0]
      assert.deepEqual([after.id, after.value, after.user_id], [id, 'low', ann.id])
      const gone = await app().del('keyvalues/delete', { name }, bob)
      assert.deepEqual([gone.status, gone.body.meta.method_name], [200, 'deleteKeyvalue'])
      assert.equal((await get({ name })).status, 400)
    })

    it('stay apart from those of other backends', async () => {
      const name = freshName()
      await set({ name, value: 'ours' }, await app().user())
      const other = await app().newBackend('keyvalues-other')
      const eve = await app().user('eve', other)
      const { status } = await app().call('GET', 'keyvalues/get', { name }, eve, other)
      assert.equal(status, 400)
      await app().call('PUT', 'keyvalues/set', { name, value: 'theirs' }, eve, other)
      assert.equal(await shown({ name }), 'ours')
    })
  })

  describe('of a private store', () => {
    it('are those of their owner alone', async () => {
      const [ann, bob] = [await app().user(), await app().user()]
      const name = freshName()
      const own = { name, access_private: true }
      await set({ name, value: 'public' }, ann)
      await set({ ...own, value: 'of ann' }, ann)
      await set({ ...own, value: 'of bob' }, bob)
      assert.equal(await shown({ name }), 'public')
      assert.equal(await shown(own, ann), 'of ann')
      assert.equal(await shown(own, bob), 'of bob')
      assert.equal((await get(own, ann)).body.response.keyvalues[0].private, true)
      assert.equal((await get(own)).status, 401)
      assert.equal((await get(own, await app().user())).status, 400)
      assert.equal((await get({ ...own, user_id: ann.id }, bob)).status, 403)
      await app().del('keyvalues/delete', own, bob)
      assert.equal((await get(own, bob)).status, 400)
      assert.equal(await shown(own, ann), 'of ann')
      assert.equal(await shown({ name }), 'public')
    })

    it('are reached by administrators for their owner, and not mixed with their own', async () => {
      const [ann, admin] = [await app().user(), await app().admin('kv-admin')]
      const own = { name: freshName(), access_private: true }
      const for_ann = { ...own, su_id: ann.id }
      await set({ ...for_ann, value: '5' }, admin)
      assert.equal(await changed('keyvalues/incrby', { ...for_ann, value: 2 }, admin), 7)
      assert.equal(await changed('keyvalues/append', { ...for_ann, value: '!' }, admin), '7!')
      assert.equal(await shown(own, ann), '7!')
      assert.equal(await shown({ ...own, user_id: ann.id }, admin), '7!')
      assert.equal((await get(own, admin)).status, 400)
      const stranger = await app().user()
      for (const path of ['keyvalues/set', 'keyvalues/append', 'keyvalues/incrby']) {
        assert.equal((await app().put(path, { ...for_ann, value: 1 }, stranger)).status, 403)
      }
      assert.equal((await app().del('keyvalues/delete', for_ann, stranger)).status, 403)
      assert.equal(await shown(own, ann), '7!')
      assert.equal((await app().del('keyvalues/delete', for_ann, admin)).status, 200)
      assert.equal((await get(own, ann)).status, 400)
    })

    it('are hidden from relations of strangers', async () => {
      const [ann, eve] = [await app().user(), await app().user()]
      const own = { name: freshName(), access_private: true }
      await set({ ...own, value: 'secret' }, ann)
      const { id } = (await get(own, ann)).body.response.keyvalues[0]
      const fields = { '[ACS_KeyValue]spied_id': id }
      const make = async (as: TestUser) => {
        const values = { fields, response_json_depth: 2 }
        const { body } = await app().post('objects/spies/create', values, as)
        return body.response.spies[0]['[ACS_KeyValue]spied_id']
      }
      assert.deepEqual(await make(eve), [])
      assert.equal((await make(ann))[0].value, 'secret')
    })
  })

  describe('that are binary', () => {
    it('come back byte for byte, as the whole body', async () => {
      const ann = await app().user()
      const name = freshName()
      const bytes = Buffer.from([0, 255, 10, 13, 0, 128, 65])
      assert.equal((await upload(name, bytes, ann)).status, 200)
      const reply = await raw(name)
      assert.deepEqual([reply.statusCode, reply.type], [200, 'application/octet-stream'])
      assert.deepEqual(reply.bytes, bytes)
      const { body } = await app().get('keyvalues/query', { where: { name } })
      const [one] = body.response.keyvalues
      assert.deepEqual([one.type, 'value' in one], ['binary', false])
    })

    it('may be sent as text, and be private', async () => {
      const ann = await app().user()
      const name = freshName()
      const values = { name, type: 'binary', value: 'tide', access_private: true }
      await set(values, ann)
      assert.equal((await raw(name, ann)).bytes.toString(), 'tide')
      assert.equal((await raw(name)).statusCode, 400)
    })

    it('are neither appended to nor incremented', async () => {
      const ann = await app().user()
      const name = freshName()
      await upload(name, Buffer.from('12'), ann)
      for (const [path, value] of [
        ['keyvalues/append', 'x'],
        ['keyvalues/incrby', '1'],
        ['keyvalues/incrby', 'x'],
      ] as const) {
        const { status, body } = await app().put(path, { name, value }, ann)
        assert.equal(status, 400)
        assert.match(String(body.meta.message), /binary/)
      }
      assert.equal((await raw(name)).bytes.toString(), '12')
    })

    it('leave no file behind when they are replaced, deleted or refused', async () => {
      const ann = await app().user()
      const name = freshName()
      const before = (await files()).length
      await upload(name, Buffer.from('one'), ann)
      await upload(name, Buffer.from('two'), ann)
      await app().settle()
      assert.equal((await files()).length, before + 1)
      assert.equal((await raw(name)).bytes.toString(), 'two')
      await set({ name, value: 'text' }, ann)
      await app().settle()
      assert.equal((await files()).length, before)
      assert.equal(await shown({ name }), 'text')
      await upload(name, Buffer.from('three'), ann)
      assert.equal((await upload(name, Buffer.from('x'), ann, 'string')).status, 400)
      await app().del('keyvalues/delete', { name }, ann)
      await app().settle()
      assert.equal((await files()).length, before)
      assert.deepEqual(await app().stagedFiles(), [])
    })
  })

  describe('set', () => {
    for (const [why, values, message] of [
      ['there is no name', { value: 'v' }, /^Key-value name required$/],
      ['there is no value', { name: 'n' }, /^Key-value value required$/],
      ['the value is empty', { name: 'n', value: '' }, /^Key-value value required$/],
      ['the name is too long', { name: 'n'.repeat(257), value: 'v' }, /at most 256/],
      ['the type is unknown', { name: 'n', value: 'v', type: 'file' }, /string or binary/],
      ['the value has a NUL', { name: 'n', value: 'a\0b' }, /NUL/],
      ['the value is longer than 2 MB', { name: 'n', value: 'x'.repeat(2 * MEGABYTE + 1) }, /2 MB/],
    ] as const) {
      it(`refuses when ${why}`, async () => {
        const before = await app().get('keyvalues/count')
        const { status, body } = await app().put('keyvalues/set', values, await app().user())
        assert.equal(status, 400)
        assert.match(String(body.meta.message), message)
        const after = await app().get('keyvalues/count')
        assert.equal(after.body.meta.count, before.body.meta.count)
      })
    }

    it('takes up to 2 MB, as text and as a file', async () => {
      const ann = await app().user()
      const [text, binary] = [freshName(), freshName()]
      await set({ name: text, value: 'x'.repeat(2 * MEGABYTE) }, ann)
      assert.equal((await shown({ name: text })).length, 2 * MEGABYTE)
      const more = await app().put('keyvalues/append', { name: text, value: 'x' }, ann)
      assert.match(String(more.body.meta.message), /2 MB/)
      const bytes = Buffer.alloc(2 * MEGABYTE, 7)
      assert.equal((await upload(binary, bytes, ann)).status, 200)
      assert.deepEqual((await raw(binary)).bytes, bytes)
      const tooLong = await upload(binary, Buffer.alloc(2 * MEGABYTE + 1), ann)
      assert.match(String(tooLong.body.meta.message), /2 MB/)
      assert.equal((await raw(binary)).bytes.length, 2 * MEGABYTE)
    })

    it('is 400 without a session and 404 with a stale one, the others 401', async () => {
      const values = { name: freshName(), value: '1' }
      const { status, body } = await app().put('keyvalues/set', values)
      const text = 'You need to sign in or sign up before continuing.'
      assert.deepEqual([status, body.meta.message], [400, text])
      const stale = { id: '', session: 'x'.repeat(27) }
      assert.equal((await app().put('keyvalues/set', values, stale)).status, 404)
      assert.equal((await app().put('keyvalues/append', values)).status, 401)
      assert.equal((await app().put('keyvalues/incrby', values)).status, 401)
      assert.equal((await app().del('keyvalues/delete', values)).status, 401)
      assert.equal((await get(values)).status, 400)
    })
  })

  describe('append and incrby', () => {
    it('add to what is there, or make it', async () => {
      const ann = await app().user()
      const [text, number] = [freshName(), freshName()]
      assert.equal(await changed('keyvalues/append', { name: text, value: 'a' }, ann), 'a')
      assert.equal(await changed('keyvalues/append', { name: text, value: 'b' }, ann), 'ab')
      assert.equal(await changed('keyvalues/incrby', { name: number, value: '3' }, ann), 3)
      assert.equal(await changed('keyvalues/incrby', { name: number, value: -5 }, ann), -2)
      assert.equal(await changed('keyvalues/append', { name: number, value: '0' }, ann), '-20')
      assert.equal(await changed('keyvalues/incrby', { name: number, value: '7.9' }, ann), -13)
      await set({ name: number, value: 100 }, ann)
      assert.equal(await shown({ name: number }), '100')
      assert.equal(await changed('keyvalues/incrb', { name: number, value: 10 }, ann), 110)
    })

    it('replace what is no whole number, and leave it when what is added is none', async () => {
      const ann = await app().user()
      const name = freshName()
      await set({ name, value: 'high' }, ann)
      assert.equal(await changed('keyvalues/incrby', { name, value: 'x' }, ann), 'high')
      assert.equal(await changed('keyvalues/incrby', { name, value: 4 }, ann), 4)
      const huge = { name, value: String(Number.MAX_SAFE_INTEGER) }
      assert.equal((await app().put('keyvalues/incrby', huge, ann)).status, 400)
      assert.equal(await shown({ name }), 4)
      const none = await app().put('keyvalues/incrby', { name: freshName(), value: 'x' }, ann)
      assert.equal(none.status, 400)
      for (const path of ['keyvalues/append', 'keyvalues/incrby']) {
        const { body } = await app().put(path, { name }, ann)
        assert.equal(body.meta.message, 'Key-value value required')
        const unnamed = await app().put(path, { value: '1' }, ann)
        assert.equal(unnamed.body.meta.message, 'Key-value name required')
      }
    })

    it('lose nothing under fifty writers', async () => {
      const ann = await app().user()
      const [text, number] = [freshName(), freshName()]
      const writers = Array.from({ length: 50 }, (_, at) => String.fromCharCode(0x100 + at))
      const answers = await Promise.all([
        ...writers.map(() => app().put('keyvalues/incrby', { name: number, value: 2 }, ann)),
        ...writers.map((value) => app().put('keyvalues/append', { name: text, value }, ann)),
      ])
      for (const { status, body } of answers) assert.equal(status, 200, body.meta.message)
      assert.equal(await shown({ name: number }), 100)
      const letters = [...(await shown({ name: text }))]
      assert.deepEqual(letters.sort(), writers)
    })
  })

  it('query finds public ones and those of the caller', async () => {
    const [ann, bob] = [await app().user(), await app().user()]
    const name = freshName()
    await set({ name, value: 'public' }, ann)
    await set({ name, value: 'of ann', access_private: true }, ann)
    await set({ name, value: 'of bob', access_private: true }, bob)
    const found = async (as: TestUser | null, where = {}) => {
      const values = { where: { name, ...where }, count: true }
      const { body } = await app().get('keyvalues/query', values, as)
      assert.equal(body.meta.method_name, 'queryKeyValues')
      assert.equal(body.meta.count, body.response.keyvalues.length)
      return body.response.keyvalues.map((one: { value: string }) => one.value)
    }
    assert.deepEqual(await found(null), ['public'])
    assert.deepEqual(await found(ann), ['of ann', 'public'])
    assert.deepEqual(await found(bob, { user_id: ann.id }), ['public'])
    assert.deepEqual(await found(bob, { value: 'of ann' }), [])
    assert.equal((await found(await app().admin('kv-query-admin'))).length, 3)
  })
})
