import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  counts,
  FORM,
  fields,
  JSON_TYPE,
  MULTIPART,
  multipart,
  PLACE,
  picture,
} from '../support/bodies.ts'
import { onEachDatabase } from '../support/test-app.ts'

/** Values that no field takes: the parameter, the value, and what the answer must name. */
const deep = (depth: number) => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`

const BAD_VALUES: readonly (readonly [string, string, Record<string, unknown>, RegExp])[] = [
  ['NUL in a text', 'places/create', { ...PLACE, name: 'a\0b' }, /name/],
  ['half a surrogate pair in a text', 'places/create', { ...PLACE, name: '\ud800' }, /name/],
  ['NUL in a custom field', 'places/create', { ...PLACE, custom_fields: { a: '\0' } }, /custom_f/],
  [
    'NUL in the name of one',
    'places/create',
    { ...PLACE, custom_fields: { 'a\0': 1 } },
    /custom_f/,
  ],
  [
    'half a pair in a custom field',
    'places/create',
    { ...PLACE, custom_fields: { a: ['\udc00'] } },
    /custom_f/,
  ],
  ['NUL in a tag', 'places/create', { ...PLACE, tags: 'a,\0' }, /tags/],
  ['NUL in a field', 'objects/boat/create', { fields: { a: { b: ['\0'] } } }, /fields/],
  ['a hash as text', 'places/create', { ...PLACE, name: { a: 1 } }, /name/],
  ['a list as text', 'places/create', { ...PLACE, name: ['a'] }, /name/],
  ['a text as hash', 'places/create', { ...PLACE, custom_fields: 'text' }, /custom_fields/],
  ['a list as hash', 'places/create', { ...PLACE, custom_fields: '[1]' }, /custom_fields/],
  [
    'hashes nested 40 deep',
    'places/create',
    { ...PLACE, custom_fields: deep(40) },
    /custom_fields/,
  ],
  ['hashes nested 100,000 deep', 'objects/boat/create', { fields: deep(100_000) }, /fields/],
  [
    'an infinite number',
    'places/create',
    { ...PLACE, latitude: '1e999', longitude: 1 },
    /latitude/,
  ],
  ['no number', 'places/create', { ...PLACE, latitude: 'NaN', longitude: 1 }, /latitude/],
  [
    'a latitude past the pole',
    'places/create',
    { ...PLACE, latitude: 90.1, longitude: 1 },
    /latitude/,
  ],
  ['an infinite number in a field', 'objects/boat/create', { fields: '{"a":1e999}' }, /fields/],
  [
    'a hash as number',
    'places/create',
    { ...PLACE, latitude: { toString: 1 }, longitude: 1 },
    /latitude/,
  ],
  ['a hash as boolean', 'places/query', { count: { toString: 1 } }, /count/],
  ['a hash as limit', 'places/query', { limit: { valueOf: 1, toString: 1 } }, /limit/],
  ['a list as limit', 'places/query', { limit: [{ toString: 1 }] }, /limit/],
  ['a hash as skip', 'places/query', { skip: { toString: 1 } }, /skip/],
  ['a hash as order', 'places/query', { order: { toString: 1 } }, /order/],
  ['NUL in order', 'places/query', { order: 'na\0me' }, /order/],
  ['a hash as id', 'places/show', { place_id: { toString: 1 } }, /place_id/],
  ['hashes as ids', 'places/show', { place_ids: [{ toString: 1 }] }, /place_ids/],
  ['NUL in an id', 'places/show', { place_id: '\0' }, /place.id/],
  ['NUL in a reference', 'checkins/create', { place_id: 'a\0' }, /place.id/],
  ['NUL in a photo id', 'places/create', { ...PLACE, photo_id: 'a\0' }, /photo.id/],
  ['NUL in an ACL id', 'places/create', { ...PLACE, acl_id: '\0' }, /acl_id/],
  ['a hash as depth', 'places/query', { response_json_depth: { toString: 1 } }, /depth/],
  ['a depth of 9', 'places/query', { response_json_depth: 9 }, /response_json_depth/],
  ['a depth of 0', 'places/query', { response_json_depth: 0 }, /response_json_depth/],
  ['half a depth', 'places/query', { response_json_depth: 1.5 }, /response_json_depth/],
  ['text where a file is expected', 'photos/create', { photo: 'no file' }, /photo/],
  [
    'hashes as a position',
    'places/create',
    { ...PLACE, custom_fields: { coordinates: [{ toString: 1 }, 2] } },
    /coordinates/,
  ],
  [
    'nothing as a position',
    'places/create',
    { ...PLACE, custom_fields: { coordinates: [null, null] } },
    /coordinates/,
  ],
  [
    'a position off the globe',
    'places/create',
    { ...PLACE, custom_fields: { coordinates: [181, 0] } },
    /coordinates/,
  ],
  [
    'one number as a position',
    'places/create',
    { ...PLACE, custom_fields: { coordinates: [1] } },
    /coordinates/,
  ],
]

onEachDatabase('a value', (app) => {
  describe('that no field takes', () => {
    for (const [what, path, values, message] of BAD_VALUES) {
      it(`is refused by name when it is ${what}, and nothing is written`, async () => {
        const ann = await app().user()
        const before = await counts(app())
        const { status, body } = await app().raw(
          ...(['POST', path, JSON_TYPE, JSON.stringify(values), ann] as const),
        )
        assert.equal(status, 400)
        assert.match(body.meta.message ?? '', message)
        assert.deepEqual(await counts(app()), before)
      })
    }
  })

  it('in brackets is no boolean, no number and no text', async () => {
    for (const form of ['count[a]=1', 'limit[a]=1', 'skip[a]=1', 'order[a]=1', 'where[a][b]=1']) {
      const { status } = await app().raw('POST', 'places/query', FORM, form)
      assert.ok(
        status === 400 || (status === 200 && form.startsWith('where')),
        `${form}: ${status}`,
      )
    }
  })

  for (const name of [
    'name',
    'tags',
    'custom_fields',
    'latitude',
    'photo_id',
    'acl_name',
    'su_id',
  ]) {
    it(`that is a file is refused where ${name} is expected`, async () => {
      const ann = await app().user()
      const before = await counts(app())
      const rest = fields(PLACE).filter((part) => part.name !== name)
      const payload = multipart([...rest, { name, value: 'x', filename: 'a.txt' }])
      const reply = await app().raw('POST', 'places/create', MULTIPART, payload, ann)
      assert.equal(reply.status, 400)
      assert.match(reply.body.meta.message ?? '', new RegExp(`Invalid ${name} parameter`))
      assert.deepEqual(await counts(app()), before)
      assert.deepEqual(await app().stagedFiles(), [])
    })
  }

  it('that is a file inside a hash is refused', async () => {
    const ann = await app().user()
    const payload = multipart([{ name: 'fields[a]', value: 'x', filename: 'a.txt' }])
    const reply = await app().raw('POST', 'objects/boat/create', MULTIPART, payload, ann)
    assert.equal(reply.status, 400)
    assert.match(reply.body.meta.message ?? '', /fields/)
    assert.deepEqual(await app().stagedFiles(), [])
  })

  it('named like a part of the language does no harm', async () => {
    const ann = await app().user()
    const evil =
      '{"__proto__":{"admin":"true"},"constructor":{"prototype":{"x":1}},"toString":5,"ok":1}'
    for (const [contentType, payload] of [
      [JSON_TYPE, `{"fields":${evil},"__proto__":{"fields":{"x":1}},"constructor":"x"}`],
      [FORM, new URLSearchParams({ fields: evil, '__proto__[admin]': 'true' }).toString()],
      [
        MULTIPART,
        multipart(fields({ fields: evil, '__proto__[admin]': 'true', constructor: 'x' })),
      ],
    ] as const) {
      const { status, body } = await app().raw(
        'POST',
        'objects/boat/create',
        contentType,
        payload,
        ann,
      )
      assert.equal(status, 200, contentType)
      const { id, created_at, updated_at, user_id, ...members } = body.response.boat[0]
      assert.deepEqual(members, { toString: 5, ok: 1 })
      assert.equal(({} as Record<string, unknown>).admin, undefined)
    }
    const where = { toString: 5, hasOwnProperty: { $exists: false } }
    const found = await app().get('objects/boat/query', { where, order: 'toString,constructor' })
    assert.equal(found.body.response.boat.length, 3)
  })

  it('named so below the top is kept as it is', async () => {
    const ann = await app().user()
    const form = { fields: '{"a":{"__proto__":{"b":1},"constructor":2}}' }
    const { body } = await app().post('objects/raft/create', form, ann)
    const shown = await app().app.inject(
      `/v1/objects/raft/show.json?key=${app().backend.key}&id=${body.response.raft[0].id}`,
    )
    assert.match(shown.body, /"a":\{"__proto__":\{"b":1\},"constructor":2\}/)
  })

  it('of a picture that is refused late leaves neither photo nor file', async () => {
    const ann = await app().user()
    const before = await counts(app())
    const file = { name: 'photo', value: await picture, filename: 'a.png' }
    for (const more of [
      { custom_fields: 'text' },
      { photo_sizes: '{"a":"huge"}' },
      { acl_name: 'there is none' },
      { custom_fields: '{"coordinates":"x"}' },
      { name: '' },
      { sel: '{"none":1}' },
    ]) {
      const payload = multipart([file, ...fields({ ...PLACE, ...more } as Record<string, string>)])
      const reply = await app().raw('POST', 'places/create', MULTIPART, payload, ann)
      assert.equal(reply.status, 400, JSON.stringify(more))
    }
    assert.deepEqual(await counts(app()), before)
    assert.deepEqual(await app().stagedFiles(), [])
  })

  it('of a photo that is no picture is refused, and nothing is kept', async () => {
    const ann = await app().user()
    const before = await counts(app())
    for (const value of [
      '',
      'no picture',
      '<svg xmlns="http://www.w3.org/2000/svg"/>',
      '\x89PNG\r\n',
    ]) {
      const payload = multipart([{ name: 'photo', value, filename: 'a.png' }])
      const reply = await app().raw('POST', 'photos/create', MULTIPART, payload, ann)
      assert.equal(reply.status, 400)
    }
    assert.deepEqual(await counts(app()), before)
    assert.deepEqual(await app().stagedFiles(), [])
  })
})
