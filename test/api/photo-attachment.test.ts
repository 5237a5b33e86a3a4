import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import sharp from 'sharp'
import { fileOf, photoFiles } from '../support/photo-files.ts'
import { picture } from '../support/pictures.ts'
import { onEachDatabase, type TestUser } from '../support/test-app.ts'

const UNKNOWN = '0'.repeat(24)

type Values = Readonly<Record<string, string | Blob>>

type Holder = {
  readonly path: string
  readonly key: string
  readonly idParam: string
  /** What a valid one needs besides the photo. */
  readonly values: (as: TestUser) => Promise<Values>
  /** What a change needs besides the photo. */
  readonly change: Values
  /** What makes a create fail after the photo was received. */
  readonly bad: Values
}

onEachDatabase('the primary photo', (app) => {
  let names = 0
  const makePlace = async (as: TestUser): Promise<string> => {
    const { body } = await app().post('places/create', { name: 'p', city: 'c' }, as)
    return body.response.places[0].id
  }
  const holders: Readonly<Record<string, Holder>> = {
    place: {
      path: 'places',
      key: 'places',
      idParam: 'place_id',
      values: async () => ({ name: 'p', city: 'c' }),
      change: { name: 'q' },
      bad: { name: '' },
    },
    checkin: {
      path: 'checkins',
      key: 'checkins',
      idParam: 'checkin_id',
      values: async (as) => ({ place_id: await makePlace(as) }),
      change: { message: 'x' },
      bad: { place_id: '' },
    },
    'custom object': {
      path: 'objects/boat',
      key: 'boat',
      idParam: 'id',
      values: async () => ({ fields: '{"n":1}' }),
      change: { fields: '{"n":2}' },
      bad: { acl_name: 'nix' },
    },
    user: {
      path: 'users',
      key: 'users',
      idParam: 'user_id',
      values: async () => {
        names += 1
        const password = { password: 'secret', password_confirmation: 'secret' }
        return { username: `holder${names}`, ...password }
      },
      change: { first_name: 'x' },
      bad: { username: 'taken' },
    },
  }

  const photoOf = async (id: string) =>
    (await app().get('photos/show', { photo_id: id })).body.response?.photos[0]
  const makePhoto = async (as: TestUser) => {
    const answer = await app().upload('POST', 'photos/create', { photo: await picture() }, as)
    return answer.body.response.photos[0].id as string
  }

  for (const [name, holder] of Object.entries(holders)) {
    describe(`of a ${name}`, () => {
      /** Makes one; a user is then logged in as himself. */
      const make = async (as: TestUser, more: Values = {}) => {
        const values = { ...(await holder.values(as)), ...more }
        const caller = name === 'user' ? null : as
        const { status, body } = await app().upload('POST', `${holder.path}/create`, values, caller)
        assert.equal(status, 200, body.meta.message)
        const [object] = body.response[holder.key]
        const owner =
          name === 'user' ? { id: object.id, session: String(body.meta.session_id) } : as
        return { object, owner }
      }
      const update = (id: string, as: TestUser | null, values: Values) => {
        const named: Values = name === 'user' ? {} : { [holder.idParam]: id }
        return app().upload('PUT', `${holder.path}/update`, { ...named, ...values }, as)
      }
      const show = async (id: string, depth = 1) => {
        const values = { [holder.idParam]: id, response_json_depth: depth }
        return (await app().get(`${holder.path}/show`, values)).body.response[holder.key][0]
      }

      it('comes as a file, with its sizes, and belongs to the caller', async () => {
        const sizes = { 'photo_sizes[small]': '20x20#', 'photo_sync_sizes[]': 'small' }
        const { object, owner } = await make(await app().user(), {
          photo: await picture(),
          ...sizes,
        })
        const photo = await photoOf(object.photo_id)
        assert.equal(photo.user_id, owner.id)
        assert.equal((await sharp(await fileOf(app(), photo.urls.small)).metadata()).width, 20)
        await app().settle()
        const deep = await show(object.id, 2)
        assert.equal(deep.photo.id, object.photo_id)
        assert.equal(deep.photo.processed, true)
        assert.equal('photo_id' in deep, false)
        const { body } = await app().get('users/show', { user_id: owner.id })
        assert.equal(body.response.users[0].stats.photos.total_count, 1)
      })

      it('comes by the id of a photo, which stays when it is detached', async () => {
        const ann = await app().user()
        const photo_id = await makePhoto(ann)
        const { object, owner } = await make(ann, { photo_id })
        assert.equal(object.photo_id, photo_id)
        for (const empty of [{ photo: '' }, { photo_id: '' }]) {
          const { body } = await update(object.id, owner, empty)
          assert.equal('photo_id' in body.response[holder.key][0], false)
          await app().settle()
          assert.notEqual(await photoOf(photo_id), undefined)
          assert.equal((await photoFiles(app(), photo_id)).length, 1)
          const again = await update(object.id, owner, { photo_id })
          assert.equal(again.body.response[holder.key][0].photo_id, photo_id)
        }
      })

      it('goes with its files when it came as a file and is detached', async () => {
        for (const empty of [{ photo: '' }, { photo_id: '' }]) {
          const { object, owner } = await make(await app().user(), { photo: await picture() })
          await app().settle()
          assert.equal((await photoFiles(app(), object.photo_id)).length, 1)
          assert.equal((await update(object.id, owner, empty)).status, 200)
          await app().settle()
          assert.equal(await photoOf(object.photo_id), undefined)
          assert.deepEqual(await photoFiles(app(), object.photo_id), [])
          assert.equal('photo_id' in (await show(object.id)), false)
        }
      })

      it('stays as it is when something else changes', async () => {
        const { object, owner } = await make(await app().user(), { photo: await picture() })
        const { body } = await update(object.id, owner, holder.change)
        assert.equal(body.response[holder.key][0].photo_id, object.photo_id)
        assert.notEqual(await photoOf(object.photo_id), undefined)
      })

      it('is replaced by another file, which is then the one that goes', async () => {
        const { object, owner } = await make(await app().user(), { photo: await picture() })
        const { body } = await update(object.id, owner, { photo: await picture('png') })
        const second = body.response[holder.key][0].photo_id
        assert.notEqual(second, object.photo_id)
        assert.equal((await photoOf(second)).content_type, 'image/png')
        await update(object.id, owner, { photo: '' })
        assert.equal(await photoOf(second), undefined)
        assert.notEqual(await photoOf(object.photo_id), undefined)
      })

      it('is refused when it is unknown or no picture, and nothing is changed', async () => {
        const { object, owner } = await make(await app().user(), { photo: await picture() })
        await app().settle()
        const [before, files] = [await show(object.id), await photoFiles(app())]
        for (const [values, message] of [
          [{ photo_id: UNKNOWN }, 'Invalid photo id'],
          [{ photo_id: 'x' }, 'Invalid photo id'],
          [{ photo: new Blob(['no picture']) }, 'Invalid photo file attachment'],
        ] as const) {
          const answer = await update(object.id, owner, { ...holder.change, ...values })
          assert.deepEqual([answer.status, answer.body.meta.message], [400, message])
        }
        assert.deepEqual(await show(object.id), before)
        assert.deepEqual(await photoFiles(app()), files)
        assert.deepEqual(await app().stagedFiles(), [])
      })

      it('leaves no file when the rest is refused', async () => {
        const ann = await app().user()
        const password = { password: 'secret', password_confirmation: 'secret' }
        if (name === 'user') await app().post('users/create', { username: 'taken', ...password })
        const files = await photoFiles(app())
        const count = (await app().get('photos/count')).body.meta.count
        const good = await holder.values(ann)
        const values = { ...good, ...holder.bad, photo: await picture() }
        const { status } = await app().upload('POST', `${holder.path}/create`, values, ann)
        assert.equal(status, 400)
        assert.deepEqual(await photoFiles(app()), files)
        assert.equal((await app().get('photos/count')).body.meta.count, count)
        assert.deepEqual(await app().stagedFiles(), [])
      })

      it('outlives what it belonged to', async () => {
        const { object, owner } = await make(await app().user(), { photo: await picture() })
        const values = name === 'user' ? {} : { [holder.idParam]: object.id }
        assert.equal((await app().del(`${holder.path}/delete`, values, owner)).status, 200)
        await app().settle()
        assert.notEqual(await photoOf(object.photo_id), undefined)
        assert.equal((await photoFiles(app(), object.photo_id)).length, 1)
      })
    })
  }

  it('that a writer brings to the object of another is his own', async () => {
    const [ann, bob] = [await app().user(), await app().user()]
    await app().post('acls/create', { name: 'w', writer_ids: bob.id }, ann)
    const values = { name: 'p', city: 'c', acl_name: 'w' }
    const { body } = await app().post('places/create', values, ann)
    const place_id = body.response.places[0].id
    const sent = { place_id, photo: await picture() }
    const update = await app().upload('PUT', 'places/update', sent, bob)
    const [place] = update.body.response.places
    assert.equal(place.user_id, ann.id)
    assert.equal((await photoOf(place.photo_id)).user_id, bob.id)
  })

  it('that an administrator brings for a user belongs to that user', async () => {
    const [ann, admin] = [await app().user(), await app().admin()]
    const sent = { name: 'p', city: 'c', su_id: ann.id, photo: await picture() }
    const { body } = await app().upload('POST', 'places/create', sent, admin)
    const [place] = body.response.places
    assert.equal(place.user_id, ann.id)
    assert.equal((await photoOf(place.photo_id)).user_id, ann.id)
  })

  it('that is hidden from a reader of its holder is an id to him', async () => {
    const [ann, bob] = [await app().user(), await app().user()]
    const photo_id = await makePhoto(ann)
    await app().post('acls/create', { name: 'hidden' }, ann)
    await app().put('photos/update', { photo_id, acl_name: 'hidden' }, ann)
    const values = { name: 'p', city: 'c', photo_id, response_json_depth: 2 }
    const { body } = await app().post('places/create', values, ann)
    const [own] = body.response.places
    assert.equal(own.photo.id, photo_id)
    const deep = { place_id: own.id, response_json_depth: 2 }
    const [seen] = (await app().get('places/show', deep, bob)).body.response.places
    assert.equal('photo' in seen, false)
    assert.equal(seen.photo_id, photo_id)
  })
})
