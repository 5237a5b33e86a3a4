import assert from 'node:assert/strict'
import { it } from 'node:test'
import { type Answer, onEachDatabase, type TestApp, type TestUser } from '../support/test-app.ts'

type Hash = Readonly<Record<string, unknown>>

const TWICE = '$inc operation only support to increase one field once.'
const GONE = '5f00c0ffee00000000000001'

/** What holds custom fields, and how: as a hash of its own, or as members of the object. */
type Holder = {
  readonly path: string
  readonly param: 'custom_fields' | 'fields'
  readonly idParam: string
  readonly more: Hash
}

const HOLDERS: readonly Holder[] = [
  { path: 'places', param: 'custom_fields', idParam: 'place_id', more: { name: 'p', city: 'x' } },
  { path: 'objects/boat', param: 'fields', idParam: 'id', more: {} },
]

const SYSTEM = new Set(['id', 'created_at', 'updated_at', 'user_id', 'name', 'city'])

class Held {
  readonly #app: TestApp
  readonly #holder: Holder
  readonly ann: TestUser

  constructor(app: TestApp, holder: Holder, ann: TestUser) {
    this.#app = app
    this.#holder = holder
    this.ann = ann
  }

  create(fields: unknown, more: Hash = {}): Promise<Answer> {
    const { path, param, more: own } = this.#holder
    return this.#app.post(`${path}/create`, { ...own, [param]: fields, ...more }, this.ann)
  }

  update(id: string, fields: unknown, more: Hash = {}): Promise<Answer> {
    const { path, param, idParam } = this.#holder
    return this.#app.put(`${path}/update`, { [idParam]: id, [param]: fields, ...more }, this.ann)
  }

  async show(id: string, more: Hash = {}): Promise<Record<string, unknown>> {
    const { path, idParam } = this.#holder
    return this.only(await this.#app.get(`${path}/show`, { [idParam]: id, ...more }))
  }

  /** The one object of an answer. */
  only({ status, body }: Answer): Record<string, unknown> {
    assert.equal(status, 200, body.meta.message)
    const [list] = Object.values(body.response) as [Record<string, unknown>[]]
    return list[0] ?? assert.fail('no object')
  }

  /** The custom fields of the one object of an answer. */
  fields(answer: Answer | Record<string, unknown>): Record<string, unknown> {
    const object = 'body' in answer ? this.only(answer as Answer) : answer
    if (this.#holder.param === 'custom_fields') {
      return (object.custom_fields ?? {}) as Record<string, unknown>
    }
    return Object.fromEntries(Object.entries(object).filter(([name]) => !SYSTEM.has(name)))
  }

  async made(fields: unknown, more: Hash = {}): Promise<string> {
    return String(this.only(await this.create(fields, more)).id)
  }

  count(where: Hash): Promise<unknown> {
    return this.#app
      .get(`${this.#holder.path}/query`, { where, count: true })
      .then(({ body }) => body.meta.count ?? body.meta.message)
  }
}

for (const holder of HOLDERS) {
  onEachDatabase(`custom fields of ${holder.path}`, (app) => {
    const held = async () => new Held(app(), holder, await app().user())

    it('are kept and shown as they are', async () => {
      const own = await held()
      const fields = {
        ...{ yes: true, no: false, zero: 0, minus: -1.5, big: 9007199254740991, text: 'é 🚢 "' },
        ...{ empty: '', list: [1, 'a', true, [2], { b: 1 }], hash: { a: { b: [{ c: null }] } } },
        ...{ 'a b': 1, 'ünï-code': 2, '1': 3, none: [] },
      }
      const answer = await own.create(fields)
      assert.deepEqual(own.fields(answer), fields)
      const id = String(own.only(answer).id)
      assert.deepEqual(own.fields(await own.show(id)), fields)
      assert.deepEqual(own.fields(await own.show(id, { response_json_depth: 3 })), {
        ...fields,
        ...(holder.param === 'fields'
          ? { user: own.fields(await own.show(id, { response_json_depth: 3 })).user }
          : {}),
      })
    })

    it('that are dates come back in the one form, and compare as dates', async () => {
      const own = await held()
      for (const [sent, shown] of [
        ['2011-11-03 01:07:37 +0100', '2011-11-03T00:07:37+0000'],
        ['2011-11-03T00:07:37+0000', '2011-11-03T00:07:37+0000'],
        ['2011-11-03T00:07:37Z', '2011-11-03T00:07:37+0000'],
        ['2011-11-03T00:07:37.999Z', '2011-11-03T00:07:37+0000'],
        ['2011-11-02:19:07:37-0500', '2011-11-03T00:07:37+0000'],
        ['2011-011-03T00:07:37+0000', '2011-11-03T00:07:37+0000'],
        // Without a zone, or no date at all, it is text.
        ['2011-11-03', '2011-11-03'],
        ['2011-11-03T00:07:37', '2011-11-03T00:07:37'],
        ['2011-02-30T00:07:37+0000', '2011-02-30T00:07:37+0000'],
        ['9999-12-31T23:59:59-1200', '9999-12-31T23:59:59-1200'],
        ['0000-01-01T00:00:00+1200', '0000-01-01T00:00:00+1200'],
      ]) {
        assert.deepEqual(own.fields(await own.create({ at: sent })), { at: shown }, sent)
      }
      assert.equal(await own.count({ at: { $gt: '2011-11-03T00:00:00+0000' } }), 6)
      assert.equal(await own.count({ at: '2011-11-03 01:07:37 +0100' }), 6)
      const nested = { list: ['2011-11-03T00:07:37Z'], hash: { at: '2011-11-03T00:07:37Z' } }
      assert.deepEqual(own.fields(await own.create(nested)), {
        list: ['2011-11-03T00:07:37+0000'],
        hash: { at: '2011-11-03T00:07:37+0000' },
      })
    })

    it('are laid over those that are there, whole', async () => {
      const own = await held()
      const id = await own.made({ a: 1, b: { x: 1, y: 2 }, c: [1, 2] })
      await own.update(id, { b: { z: 3 }, d: 'new' })
      assert.deepEqual(own.fields(await own.show(id)), { a: 1, b: { z: 3 }, c: [1, 2], d: 'new' })
      await own.update(id, {}, { tags: 'x' })
      const { a, b, c, d } = own.fields(await own.show(id))
      assert.deepEqual([a, b, c, d], [1, { z: 3 }, [1, 2], 'new'])
    })

    it('are taken away by null, from the queries too', async () => {
      const own = await held()
      const id = await own.made({ gone: 1, kept: 2 })
      assert.equal(await own.count({ gone: 1 }), 1)
      assert.deepEqual(own.fields(await own.update(id, { gone: null, never: null })), { kept: 2 })
      assert.equal(await own.count({ gone: 1 }), 0)
      assert.equal(await own.count({ kept: 2 }), 1)
      assert.deepEqual(own.fields(await own.update(id, { kept: null })), {})
      const shown = await own.show(id)
      assert.equal('custom_fields' in shown, false)
    })

    it('are not kept under bad names, which is no error', async () => {
      const own = await held()
      const bad = { '': 1, 'a.b': 1, $set: 1, $inc: 1, constructor: 1, prototype: 1, good: 1 }
      assert.deepEqual(own.fields(await own.create(bad)), { good: 1 })
    })

    it('with long names, long texts and many elements are kept', async () => {
      const own = await held()
      const name = 'n'.repeat(5000)
      const fields = {
        [name]: 'x',
        long: 'é'.repeat(20_000),
        many: Array.from({ length: 3000 }, (_, i) => i),
      }
      const id = await own.made(fields)
      assert.deepEqual(own.fields(await own.show(id)), fields)
      assert.equal(await own.count({ [name]: 'x' }), 1)
      assert.equal(await own.count({ many: 2999 }), 1)
      const texts = { [name]: 'é'.repeat(500), a: 'é'.repeat(500) }
      assert.deepEqual(own.fields(await own.create(texts)), texts)
    })

    it('are added to with $inc, from 0 where there is none', async () => {
      const own = await held()
      const id = await own.made({ score: 10, name2: 'x' })
      assert.equal(own.fields(await own.update(id, { score: { $inc: 5 } })).score, 15)
      assert.equal(own.fields(await own.update(id, { score: { $inc: -20 } })).score, -5)
      assert.equal(
        own.fields(await own.update(id, { fresh: { $inc: 2.5 }, name2: 'y' })).fresh,
        2.5,
      )
      assert.equal(own.fields(await own.update(id, { toString: { $inc: 1 } })).toString, 1)
      assert.equal(own.fields(await own.show(id)).name2, 'y')
      assert.equal(await own.count({ score: -5 }), 1)
    })

    it('are added to once a call', async () => {
      const own = await held()
      const id = await own.made({ a: 1, b: 1 })
      const { status, body } = await own.update(id, { a: { $inc: 1 }, c: 5, b: { $inc: 1 } })
      assert.equal(status, 400)
      assert.equal(body.meta.message, TWICE)
      assert.deepEqual(own.fields(await own.show(id)), { a: 1, b: 1 })
    })

    for (const [what, by] of [
      ['a text', 'many'],
      ['an empty text', ''],
      ['null', null],
      ['a hash', { a: 1 }],
      ['a hash without text', { toString: 1 }],
      ['true', true],
      ['more than a number can be', 1.7e308],
    ] as const) {
      it(`are not added to by ${what}`, async () => {
        const own = await held()
        const id = await own.made({ a: 1.7e308 })
        const { status, body } = await own.update(id, { a: { $inc: by } })
        assert.equal(status, 400)
        assert.match(body.meta.message ?? '', /\$inc of a/)
        assert.deepEqual(own.fields(await own.show(id)), { a: 1.7e308 })
      })
    }

    it('that are no numbers are not added to', async () => {
      const own = await held()
      const id = await own.made({ a: '5' })
      const { status, body } = await own.update(id, { a: { $inc: 1 } })
      assert.equal(status, 400)
      assert.match(body.meta.message ?? '', /\$inc of a/)
    })

    it('are added to exactly by fifty callers at the same time', async () => {
      const own = await held()
      const id = await own.made({ score: 0 })
      const answers = await Promise.all(
        Array.from({ length: 50 }, (_, i) => own.update(id, { score: { $inc: 1 }, [`by${i}`]: i })),
      )
      for (const { status, body } of answers) assert.equal(status, 200, body.meta.message)
      const fields = own.fields(await own.show(id))
      assert.equal(fields.score, 50)
      // Nor does one caller undo what another has set.
      assert.equal(Object.keys(fields).length, 51)
      assert.equal(await own.count({ score: 50 }), 1)
    })

    it('with coordinates give a list of pairs, however they were sent', async () => {
      const own = await held()
      for (const [sent, shown] of [
        [[1, 2], [[1, 2]]],
        [[[1, 2]], [[1, 2]]],
        [
          [
            [1, 2],
            [-180, 90],
          ],
          [
            [1, 2],
            [-180, 90],
          ],
        ],
        [['1.5', '2'], [[1.5, 2]]],
      ]) {
        assert.deepEqual(own.fields(await own.create({ coordinates: sent })), {
          coordinates: shown,
        })
      }
      const id = await own.made({ coordinates: [50, 60] })
      const near = { coordinates: { $nearSphere: [50, 60], $maxDistance: 0.001 } }
      assert.equal(await own.count(near), 1)
      await own.update(id, { coordinates: null })
      assert.equal(await own.count(near), 0)
    })

    for (const [what, value] of [
      ['a text', 'here'],
      ['one number', [1]],
      ['three numbers', [1, 2, 3]],
      ['no numbers', ['a', 'b']],
      ['nothing', [null, null]],
      ['empty texts', ['', '']],
      [
        'a place off the globe',
        [
          [0, 0],
          [200, 0],
        ],
      ],
      ['an empty list', []],
      ['a hash', { lng: 1, lat: 2 }],
    ] as const) {
      it(`with coordinates that are ${what} are refused`, async () => {
        const own = await held()
        const { status, body } = await own.create({ coordinates: value })
        assert.equal(status, 400)
        assert.match(body.meta.message ?? '', /Invalid coordinates/)
      })
    }

    it('that are relations give ids at depth 1 and lists of objects deeper', async () => {
      const own = await held()
      const bob = await app().user()
      const raft = await app().post('objects/raft/create', { fields: { name: 'r' } }, bob)
      const raftId = raft.body.response.raft[0].id
      const fields = {
        '[ACS_User]owner_id': bob.id,
        '[ACS_User]crew_ids': [bob.id, own.ann.id],
        '[CUSTOM_raft]boat_id': raftId,
        '[ACS_Nothing]x_id': bob.id,
      }
      const answer = await own.create(fields)
      assert.deepEqual(own.fields(answer), fields)
      const id = String(own.only(answer).id)
      const deep = own.fields(await own.show(id, { response_json_depth: 2 }))
      const list = (name: string) => deep[name] as Record<string, unknown>[]
      assert.deepEqual(
        list('[ACS_User]owner_id').map((one) => one.id),
        [bob.id],
      )
      assert.deepEqual(
        list('[ACS_User]crew_ids').map((one) => one.id),
        [bob.id, own.ann.id],
      )
      assert.equal(list('[CUSTOM_raft]boat_id')[0]?.name, 'r')
      assert.equal(list('[CUSTOM_raft]boat_id')[0]?.user_id, bob.id)
      assert.equal(deep['[ACS_Nothing]x_id'], bob.id)
      const deeper = own.fields(await own.show(id, { response_json_depth: 3 }))
      const [boat] = deeper['[CUSTOM_raft]boat_id'] as { user: { id: string } }[]
      assert.equal(boat?.user.id, bob.id)
      assert.equal(await own.count({ '[ACS_User]owner_id': bob.id }), 1)
      assert.equal(await own.count({ '[ACS_User]crew_ids': own.ann.id }), 1)
    })

    it('that are relations are expanded on create and update too', async () => {
      const own = await held()
      const more = { response_json_depth: 2 }
      const name = '[ACS_User]owner_id'
      const first = await own.create({ [name]: own.ann.id }, more)
      assert.equal((own.fields(first)[name] as { id: string }[])[0]?.id, own.ann.id)
      const again = await own.update(String(own.only(first).id), { a: 1 }, more)
      assert.equal((own.fields(again)[name] as { id: string }[])[0]?.id, own.ann.id)
      assert.equal((own.only(again).user as { id: string }).id, own.ann.id)
    })

    it('that are relations leave out what is gone, or hidden by an ACL', async () => {
      const own = await held()
      const bob = await app().user()
      await app().post('acls/create', { name: 'bobs' }, bob)
      const hidden = await app().post(
        'objects/raft/create',
        { fields: { a: 1 }, acl_name: 'bobs' },
        bob,
      )
      const raftId = hidden.body.response.raft[0].id
      const fields = {
        '[ACS_User]a_ids': [GONE, bob.id],
        '[CUSTOM_raft]b_id': raftId,
        '[CUSTOM_raft]c_ids': [],
      }
      const id = await own.made(fields)
      const deep = own.fields(await own.show(id, { response_json_depth: 2 }))
      assert.deepEqual(
        (deep['[ACS_User]a_ids'] as { id: string }[]).map((one) => one.id),
        [bob.id],
      )
      assert.deepEqual(deep['[CUSTOM_raft]b_id'], [])
      assert.deepEqual(deep['[CUSTOM_raft]c_ids'], [])
      const flat = own.fields(await own.show(id))
      assert.deepEqual(flat, fields)
    })

    it('that are relations are taken away by null', async () => {
      const own = await held()
      const id = await own.made({ '[ACS_User]a_id': own.ann.id, kept: 1 })
      assert.deepEqual(own.fields(await own.update(id, { '[ACS_User]a_id': null })), { kept: 1 })
    })

    for (const value of ['no id', '', 5, { a: 1 }, ['no id'], [null], true]) {
      it(`that are relations to ${JSON.stringify(value)} are refused`, async () => {
        const own = await held()
        const { status, body } = await own.create({ '[ACS_User]a_id': value })
        assert.equal(status, 400)
        assert.match(body.meta.message ?? '', /^Illegal objectid format/)
      })
    }

    it('named nearly like relations are plain fields', async () => {
      const own = await held()
      const fields = {
        ...{
          '[ACS_User]owner': 'x',
          '[USER]a_id': 'x',
          '[CUSTOM_9x]a_id': 'x',
          '[CUSTOM_-]a_id': 1,
        },
        [`[CUSTOM_${'c'.repeat(101)}]a_id`]: 'x',
      }
      const id = await own.made(fields)
      const { user, ...deep } = own.fields(await own.show(id, { response_json_depth: 2 }))
      assert.deepEqual(deep, fields)
    })

    it('that refer to each other in a circle end with the depth', async () => {
      const own = await held()
      const [first, second] = [await own.made({ n: 1 }), await own.made({ n: 2 })]
      const kind = holder.param === 'fields' ? 'CUSTOM_boat' : 'ACS_Place'
      const name = `[${kind}]next_id`
      await own.update(first, { [name]: second })
      await own.update(second, { [name]: first })
      for (let depth = 1; depth <= 8; depth += 1) {
        let at: unknown = await own.show(first, { response_json_depth: depth })
        for (let level = 1; level < depth; level += 1) {
          const next = own.fields(at as Record<string, unknown>)[name]
          assert.ok(Array.isArray(next), `depth ${depth}, level ${level}`)
          at = next[0]
        }
        const last = own.fields(at as Record<string, unknown>)[name]
        assert.equal(last, depth % 2 === 1 ? second : first)
      }
    })

    it('that refer to a hundred at each of eight levels do not hold the server', async () => {
      const own = await held()
      const id = await own.made({ n: 1 })
      const kind = holder.param === 'fields' ? 'CUSTOM_boat' : 'ACS_Place'
      await own.update(id, { [`[${kind}]all_ids`]: Array(100).fill(id) })
      const begun = Date.now()
      const shown = await own.show(id, { response_json_depth: 8 })
      assert.equal(shown.id, id)
      assert.ok(Date.now() - begun < 20_000, `${Date.now() - begun} ms`)
    })
  })
}

onEachDatabase('tags', (app) => {
  const TAGGED = [
    ['places', 'place_id', { name: 'p', city: 'x' }],
    ['objects/boat', 'id', { fields: { a: 1 } }],
  ] as const

  for (const [path, idParam, values] of TAGGED) {
    it(`of ${path} are a comma list in and a list out; an update replaces, empty text clears`, async () => {
      const ann = await app().user()
      const one = ({ status, body }: Answer) => {
        assert.equal(status, 200, body.meta.message)
        return (Object.values(body.response)[0] as Record<string, unknown>[])[0] ?? {}
      }
      const made = one(await app().post(`${path}/create`, { ...values, tags: ' a, b ,,a' }, ann))
      assert.deepEqual(made.tags, ['a', 'b'])
      const update = (more: Hash) =>
        app()
          .put(`${path}/update`, { [idParam]: made.id, ...more }, ann)
          .then(one)
      assert.deepEqual((await update({ tags: 'c' })).tags, ['c'])
      assert.deepEqual((await update({ photo_id: '' })).tags, ['c'])
      assert.equal('tags' in (await update({ tags: '' })), false)
      const where = { tags_array: 'c' }
      const found = await app().get(`${path}/query`, { where })
      assert.deepEqual(Object.values(found.body.response)[0], [])
    })
  }

  it('inside the fields of a custom object fill its tags, unless the parameter does', async () => {
    const ann = await app().user()
    const create = async (values: Hash) =>
      (await app().post('objects/boat/create', values, ann)).body.response.boat[0]
    assert.deepEqual((await create({ fields: { tags: 'x,y' } })).tags, ['x', 'y'])
    assert.deepEqual((await create({ fields: { tags: ['x', 'y'] } })).tags, ['x', 'y'])
    assert.deepEqual((await create({ fields: { tags: 'x' }, tags: 'z' })).tags, ['z'])
    const { id } = await create({ fields: { tags: 'x' } })
    const { body } = await app().put('objects/boat/update', { id, fields: { tags: 'w' } }, ann)
    assert.deepEqual(body.response.boat[0].tags, ['w'])
    const found = await app().get('objects/boat/query', { where: { tags_array: 'w' }, count: true })
    assert.equal(found.body.meta.count, 1)
  })
})

onEachDatabase('a custom object', (app) => {
  it('never has the class name as a field, nor members that the server keeps', async () => {
    const ann = await app().user()
    const reserved = {
      ...{ id: 'x', _id: 'x', created_at: 'x', updated_at: 'x', user: 'x', user_id: 'x' },
      ...{ photo: 'x', photo_id: 'x', acls: 'x', acl_id: 'x', classname: 'x', reviews: 'x' },
      ...{ reviews_count: 5, ratings_average: 5, likes_count: 5, current_user_liked: true },
    }
    const values = { classname: 'raft', fields: { ...reserved, own: 1 } }
    const { body } = await app().post('objects/boat/create', values, ann)
    const { id, created_at, updated_at, ...members } = body.response.boat[0]
    assert.deepEqual(members, { own: 1, user_id: ann.id })
    assert.match(id, /^[0-9a-f]{24}$/)
    const other = await app().get('objects/raft/query', { count: true })
    assert.equal(other.body.meta.count, 0)
  })

  it('is not made without fields', async () => {
    const ann = await app().user()
    for (const values of [{}, { fields: '' }, { tags: 'x' }]) {
      const { status, body } = await app().post('objects/boat/create', values, ann)
      assert.equal(status, 400)
      assert.equal(body.meta.message, 'Missing fields')
    }
  })

  for (const name of ['1boat', 'a.b', 'a b', '%00', 'a%2Fb', '$x', 'x'.repeat(200)]) {
    it(`has no class named ${name.slice(0, 20)}`, async () => {
      const ann = await app().user()
      const url = `/v1/objects/${name}/create.json?key=${app().backend.key}&_session_id=${ann.session}`
      const { status } = await app().send({ method: 'POST', url, payload: { fields: { a: 1 } } })
      assert.ok(status === 400 || status === 404, String(status))
    })
  }
})
