import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import type { MethodDefinition } from '../../src/engine/definition.ts'
import { methods } from '../../src/objects/index.ts'
import { photoFiles } from '../support/photo-files.ts'
import { picture } from '../support/pictures.ts'
import {
  type Answer,
  onEachDatabase,
  type TestBackend,
  type TestUser,
} from '../support/test-app.ts'

/** Stands in every object of the backend that is not to be seen. */
const MARK = 'only-for-north'

const PASSWORD = { password: 'secret', password_confirmation: 'secret' }

const GROUPS = new Set([
  ...['User', 'Acl', 'Checkin', 'CustomObject', 'Photo', 'Collection', 'Place', 'Review'],
])
const OURS = methods.filter((method) => GROUPS.has(method.group))

/** The ids of one backend's objects, one of each kind. */
type Ids = Readonly<
  Record<'user' | 'acl' | 'place' | 'checkin' | 'photo' | 'collection' | 'review' | 'boat', string>
>

type Side = { readonly backend: TestBackend; readonly user: TestUser; readonly ids: Ids }

/** Which object a parameter names, by the parameter; `id` and `ids` depend on the method. */
const NAMED_BY: Readonly<Record<string, keyof Ids>> = {
  user_id: 'user',
  user_ids: 'user',
  su_id: 'user',
  owner_id: 'user',
  user_object_id: 'user',
  reader_ids: 'user',
  acl_id: 'acl',
  place_id: 'place',
  place_ids: 'place',
  checkin_id: 'checkin',
  checkin_ids: 'checkin',
  photo_id: 'photo',
  photo_ids: 'photo',
  cover_photo_id: 'photo',
  collection_id: 'collection',
  parent_collection_id: 'collection',
  review_id: 'review',
  review_object_id: 'review',
  custom_object_id: 'boat',
}

/** Calls that answer 200 to an id that they do not know, since it means nothing more to them. */
const HARMLESS = new Set([
  // Whether the users on a list exist is not asked.
  ...['acls/create reader_ids', 'acls/update reader_ids', 'acls/add reader_ids'],
  ...['acls/remove reader_ids', 'acls/check user_id'],
  // Not parameters of these calls: they matter to their siblings only.
  ...[
    'users/create su_id',
    'places/create user_id',
    'reviews/delete TARGET',
    'reviews/update TARGET',
  ],
])

/** The parameter says what a review is of. */
function isTarget({ group, path }: MethodDefinition, param: string): boolean {
  if (group !== 'Review' || ['su_id', 'acl_id', 'owner_id'].includes(param)) return false
  return param !== 'review_id' || path === 'reviews/create'
}

onEachDatabase('two backends side by side', (app) => {
  let north: Side
  let south: Side
  let admin: TestUser
  let names = 0

  const on = (
    side: { backend: TestBackend },
    method: MethodDefinition,
    values: object,
    as: TestUser | null,
  ) => app().call(method.verb, path(method), { ...values }, as, side.backend)
  const path = (method: MethodDefinition) => method.path.replace(':classname', 'boat')
  const unique = () => {
    names += 1
    return `name${names}`
  }

  /** One of everything. */
  const fill = async (backend: TestBackend, mark: string): Promise<Side> => {
    const user = await app().user(`${mark}-user`, backend)
    const make = async (key: string, where: string, values: object): Promise<string> => {
      const answer = await app().call('POST', `${where}/create`, { ...values }, user, backend)
      assert.equal(answer.status, 200, answer.body.meta.message)
      return answer.body.response[key][0].id
    }
    const place = await make('places', 'places', { name: mark, city: 'c', tags: 'both' })
    const upload = { photo: await picture(), title: mark, 'photo_sizes[small]': '9x9' }
    const photo = await app().upload('POST', 'photos/create', upload, user, backend)
    const ids = {
      user: user.id,
      place,
      photo: photo.body.response.photos[0].id,
      acl: await make('acls', 'acls', { name: mark, public_read: true, public_write: true }),
      checkin: await make('checkins', 'checkins', { place_id: place, message: mark }),
      collection: await make('collections', 'collections', { name: mark }),
      review: await make('reviews', 'reviews', { place_id: place, content: mark, rating: 3 }),
      boat: await make('boat', 'objects/boat', { fields: { name: mark } }),
    }
    await app().settle()
    return { backend, user, ids }
  }

  before(async () => {
    north = await fill(app().backend, MARK)
    const backend = await app().newBackend('south')
    south = await fill(backend, 'south')
    admin = await app().admin('root', backend)
  })

  /** Everything that the northern backend holds. */
  const everything = async () => {
    const { store } = app().context
    const { id: backendId } = north.backend
    const types = await store.types(backendId)
    const found = await Promise.all(
      types.map((type) => store.find({ backendId, type, limit: 1000 })),
    )
    const files = (await photoFiles(app())).filter((file) => file.startsWith(backendId))
    return { types, records: found.map(({ records }) => records), files }
  }

  /** What a call of the southern backend needs to succeed. */
  const valid = (method: MethodDefinition): Record<string, unknown> => {
    const { ids } = south
    const [object = '', verb = ''] = path(method).replace('objects/', '').split('/')
    const idOf: Record<string, object> = {
      acls: { id: ids.acl },
      places: { place_id: ids.place },
      checkins: { checkin_id: ids.checkin },
      photos: { photo_id: ids.photo },
      collections: { collection_id: ids.collection },
      reviews: { review_id: ids.review, place_id: ids.place },
      boat: { id: ids.boat },
    }
    const fields: Record<string, object> = {
      users: { username: unique(), ...PASSWORD },
      acls: { name: unique() },
      places: { name: 'p', city: 'c' },
      checkins: { place_id: ids.place },
      collections: { name: unique() },
      reviews: { content: 'c', place_id: ids.place, allow_duplicate: true },
      boat: { fields: { n: 1 } },
    }
    if (verb === 'create') return { ...fields[object] }
    return {
      ...(object === 'users' ? {} : idOf[object]),
      ...(verb === 'update' ? fields[object] : {}),
    }
  }

  /** The same with an id of the other backend. */
  const withForeign = (method: MethodDefinition, param: string, id: string) => {
    const values: Record<string, unknown> = { ...valid(method), [param]: id }
    // A list counts only when no single one is named, and so does each kind of target.
    if (param.endsWith('ids')) delete values[param.slice(0, -1)]
    if (isTarget(method, param) && param !== 'place_id') delete values.place_id
    return values
  }

  const seesNothing = (answer: Answer, what: string) => {
    assert.ok(answer.status < 500, `${what}: ${answer.status}`)
    const text = JSON.stringify(answer.body)
    assert.equal(text.includes(MARK), false, `${what}: ${text}`)
    assert.equal(text.includes(north.backend.id), false, `${what}: ${text}`)
  }

  /** A call that goes through finds nothing, or the parameter has no say in it. */
  const meansNothing = (method: MethodDefinition, param: string, { body }: Answer) => {
    const call = `${path(method)} ${isTarget(method, param) ? 'TARGET' : param}`
    const isRead = /query|search/.test(method.path)
    if (isRead) assert.deepEqual(Object.values(body.response ?? {}).flat(), [])
    else assert.ok(HARMLESS.has(call), `${call} answers 200`)
  }

  describe('an id of the other', () => {
    for (const method of OURS) {
      const named = Object.keys(method.params).flatMap((param) => {
        if (NAMED_BY[param]) return [[param, NAMED_BY[param]] as const]
        if (param !== 'id' && param !== 'ids') return []
        return [[param, method.group === 'Acl' ? 'acl' : 'boat'] as const]
      })
      for (const [param, kind] of named) {
        it(`means nothing as ${param} of ${path(method)}`, async () => {
          const untouched = await everything()
          const values = withForeign(method, param, north.ids[kind])
          const answer = await on(south, method, values, admin)
          seesNothing(answer, `${path(method)} ${param}`)
          await app().settle()
          assert.deepEqual(await everything(), untouched)
          if (answer.status === 200) meansNothing(method, param, answer)
        })
      }
    }
  })

  describe('a session of the other', () => {
    for (const method of OURS) {
      it(`is ${method.auth === 'none' ? 'nobody' : 'unknown'} to ${path(method)}`, async () => {
        const untouched = await everything()
        const answer = await on(south, method, valid(method), north.user)
        seesNothing(answer, path(method))
        if (method.auth !== 'none') {
          assert.deepEqual([answer.status, answer.body.meta.reason], [404, 'session_unknown'])
        }
        assert.notEqual(answer.body.meta.session_id, north.user.session)
        assert.deepEqual(await everything(), untouched)
      })
    }

    it('stays with its user at home', async () => {
      const { body } = await app().get('users/show/me', {}, north.user)
      assert.equal(body.response.users[0].id, north.user.id)
    })
  })

  describe('names', () => {
    it('of users and lists can be the same, and each is found at home', async () => {
      const user = { id: '', session: '' }
      const both = [north.backend, south.backend]
      for (const [i, backend] of both.entries()) {
        const password = `word${i}`
        const values = { username: 'twin', email: 'twin@example.org', password }
        const sent = { ...values, password_confirmation: password }
        const made = await app().call('POST', 'users/create', sent, null, backend)
        assert.equal(made.status, 200)
        user.session = String(made.body.meta.session_id)
        const acl = await app().call('POST', 'acls/create', { name: 'twin' }, user, backend)
        assert.equal(acl.status, 200)
      }
      for (const [i, backend] of both.entries()) {
        const login = (password: string) =>
          app().call('POST', 'users/login', { login: 'twin', password }, null, backend)
        assert.equal((await login(`word${i}`)).status, 200)
        assert.equal((await login(`word${1 - i}`)).status, 401)
      }
      const name = { name: MARK }
      const acl = await app().call('GET', 'acls/show', name, south.user, south.backend)
      assert.deepEqual([acl.status, acl.body.meta.message], [400, 'No Acl was found!'])
    })
  })

  describe('bulk', () => {
    it('methods and counts keep to their own', async () => {
      const query = { where: { tags_array: 'both' }, count: true }
      const found = await app().call('GET', 'places/query', query, admin, south.backend)
      assert.equal(found.body.meta.count, 1)
      const untouched = await everything()
      const classes = await app().newBackend('west')
      for (const name of ['users', 'acls', 'places', 'photos', 'objects/boat', 'reviews']) {
        const { body } = await app().call('GET', `${name}/count`, {}, null, classes)
        assert.equal(body.meta.count, 0, name)
      }
      const bulk = OURS.filter(({ path: one }) => /batch_delete|admin_drop/.test(one))
      // The users come last: the administrator goes with them.
      const [users, others] = [true, false].map((of) =>
        bulk.filter((m) => (m.group === 'User') === of),
      )
      for (const method of [...(others ?? []), ...(users ?? [])]) {
        assert.equal((await on(south, method, {}, admin)).status, 200, path(method))
      }
      await app().settle()
      const left = await app().call('GET', 'places/count', {}, null, south.backend)
      assert.equal(left.body.meta.count, 0)
      assert.deepEqual(await everything(), untouched)
      const { body } = await app().get('places/show', { place_id: north.ids.place })
      assert.equal(body.response.places[0].name, MARK)
    })
  })
})
