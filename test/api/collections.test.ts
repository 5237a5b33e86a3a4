import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { picture } from '../support/pictures.ts'
import { onEachDatabase, type TestUser } from '../support/test-app.ts'

const UNKNOWN = '0'.repeat(24)
const NOT_OWNED = 'Invalid collection id or collection not owned by current user'
const UNNAMED = 'Collection id, or collection name and user id required'

onEachDatabase('collections', (app) => {
  const make = async (name: string, as: TestUser, parent?: { id: string }, more = {}) => {
    const values = { name, ...(parent ? { parent_collection_id: parent.id } : {}), ...more }
    const answer = await app().post('collections/create', values, as)
    assert.equal(answer.status, 200, answer.body.meta.message)
    return answer.body.response.collections[0]
  }
  const addPhoto = async (as: TestUser, collection: { id: string }) => {
    const values = { photo: await picture(), collection_id: collection.id }
    const answer = await app().upload('POST', 'photos/create', values, as)
    assert.equal(answer.status, 200, answer.body.meta.message)
    return answer.body.response.photos[0]
  }
  const show = async (id: string, values = {}) =>
    (await app().get('collections/show', { collection_id: id, ...values })).body.response
      ?.collections[0]
  /** Photos in it, photos in it and below, collections in it. */
  const counts = async ({ id }: { id: string }) => {
    const { photos, total_photos, subcollections } = (await show(id)).counts
    return [photos, total_photos, subcollections]
  }
  const ids = (list: readonly { id: string }[]) => list.map((one) => one.id)

  describe('create and show', () => {
    it('tell their owner, their parent and their counts', async () => {
      const ann = await app().user()
      const values = { name: 'Summer', custom_fields: { year: 2019 } }
      const { body } = await app().post('collections/create', values, ann)
      assert.equal(body.meta.method_name, 'createCollection')
      const [summer] = body.response.collections
      assert.deepEqual(summer, {
        id: summer.id,
        ...values,
        counts: { photos: 0, total_photos: 0, subcollections: 0 },
        created_at: summer.created_at,
        updated_at: summer.updated_at,
        user_id: ann.id,
      })
      const july = await make('July', ann, summer)
      assert.equal(july.parent_collection_id, summer.id)
      const deep = await show(july.id, { response_json_depth: 2 })
      assert.equal(deep.parent_collection.name, 'Summer')
      assert.equal(deep.user.id, ann.id)
      assert.equal('parent_collection_id' in deep, false)
    })

    for (const [why, values, message] of [
      ['the name is missing', {}, /^Failed to create collection: .*Name can't be blank\.$/],
      [
        'the parent is unknown',
        { name: 'x', parent_collection_id: UNKNOWN },
        /^Invalid collection id/,
      ],
      ['the cover is unknown', { name: 'x', cover_photo_id: UNKNOWN }, /^Invalid photo id$/],
      ['the ACL is unknown', { name: 'x', acl_name: 'nix' }, /^No Acl was found!$/],
    ] as const) {
      it(`refuse one when ${why}`, async () => {
        const before = (await app().get('collections/count')).body.meta.count
        const { status, body } = await app().post('collections/create', values, await app().user())
        assert.equal(status, 400)
        assert.match(String(body.meta.message), message)
        assert.equal((await app().get('collections/count')).body.meta.count, before)
      })
    }

    it('refuse a second one of a name beside the first, in the same place of the same owner', async () => {
      const [ann, bob] = [await app().user(), await app().user()]
      const top = await make('Same', ann)
      await make('Same', bob)
      const below = await make('Same', ann, top)
      await make('Same', ann, below)
      for (const values of [{ name: 'Same' }, { name: 'Same', parent_collection_id: top.id }]) {
        const { status, body } = await app().post('collections/create', values, ann)
        assert.equal(status, 400)
        assert.match(String(body.meta.message), /Name is already taken/)
      }
      assert.deepEqual(await counts(top), [0, 0, 1])
    })

    it('refuse a parent of another owner', async () => {
      const [ann, bob] = [await app().user(), await app().user()]
      const parent = await make('Hers', ann)
      const values = { name: 'His', parent_collection_id: parent.id }
      const { status, body } = await app().post('collections/create', values, bob)
      assert.deepEqual([status, body.meta.message], [400, NOT_OWNED])
      assert.deepEqual(await counts(parent), [0, 0, 0])
    })

    for (const path of ['show', 'show/photos', 'show/subcollections'] as const) {
      it(`${path} refuses an id that is missing or unknown`, async () => {
        for (const [values, message] of [
          [{}, UNNAMED],
          [{ collection_id: UNKNOWN }, 'Invalid collection id'],
          [{ collection_id: 'x' }, 'Invalid collection id'],
        ] as const) {
          const { status, body } = await app().get(`collections/${path}`, values)
          assert.deepEqual([status, body.meta.message], [400, message])
        }
      })
    }
  })

  describe('counts', () => {
    it('sum up what lies below, and follow every move', async () => {
      const ann = await app().user()
      const [left, right] = [await make('left', ann), await make('right', ann)]
      const middle = await make('middle', ann, left)
      const leaf = await make('leaf', ann, middle)
      await addPhoto(ann, left)
      const photo = await addPhoto(ann, leaf)
      await addPhoto(ann, leaf)
      assert.deepEqual(await counts(left), [1, 3, 1])
      assert.deepEqual(await counts(middle), [0, 2, 1])
      assert.deepEqual(await counts(leaf), [2, 2, 0])

      const move = (collection: { id: string }, parent_collection_id: string) =>
        app().put('collections/update', { collection_id: collection.id, parent_collection_id }, ann)
      assert.equal((await move(middle, right.id)).status, 200)
      assert.deepEqual(await counts(left), [1, 1, 0])
      assert.deepEqual(await counts(right), [0, 2, 1])
      assert.equal((await move(leaf, right.id)).status, 200)
      assert.deepEqual(await counts(right), [0, 2, 2])
      assert.deepEqual(await counts(middle), [0, 0, 0])
      await app().del('photos/delete', { photo_id: photo.id }, ann)
      assert.deepEqual(await counts(right), [0, 1, 2])
      const top = await move(leaf, '')
      assert.equal('parent_collection_id' in top.body.response.collections[0], false)
      assert.deepEqual(await counts(right), [0, 0, 1])
      assert.deepEqual(await counts(leaf), [1, 1, 0])
    })

    it('are exact when many photos and collections come at once', async () => {
      const ann = await app().user()
      const top = await make('busy', ann)
      const below = await make('below', ann, top)
      await Promise.all([
        ...Array.from({ length: 6 }, () => addPhoto(ann, below)),
        ...Array.from({ length: 6 }, (_, n) => make(`sub${n}`, ann, top)),
      ])
      assert.deepEqual(await counts(top), [0, 6, 7])
      assert.deepEqual(await counts(below), [6, 6, 0])
    })
  })

  describe('update', () => {
    it('renames, and refuses a name that is taken there', async () => {
      const ann = await app().user()
      const [one, two] = [await make('one', ann), await make('two', ann)]
      const rename = (name: string) =>
        app().put('collections/update', { collection_id: two.id, name }, ann)
      assert.equal((await rename('one')).status, 400)
      assert.equal((await show(two.id)).name, 'two')
      const { body } = await rename('three')
      assert.equal(body.meta.method_name, 'updateCollection')
      assert.equal(body.response.collections[0].name, 'three')
      await make('two', ann)
      assert.equal((await show(one.id)).name, 'one')
    })

    it('refuses to put one into itself or below', async () => {
      const ann = await app().user()
      const top = await make('a', ann)
      const leaf = await make('c', ann, await make('b', ann, top))
      for (const parent of [top, leaf]) {
        const values = { collection_id: top.id, parent_collection_id: parent.id }
        const { status, body } = await app().put('collections/update', values, ann)
        assert.equal(status, 400)
        assert.match(String(body.meta.message), /must not lie in itself/)
      }
      assert.deepEqual(await counts(top), [0, 0, 1])
      assert.deepEqual(await counts(leaf), [0, 0, 0])
    })

    it('is for the owner', async () => {
      const [ann, bob, admin] = [await app().user(), await app().user(), await app().admin()]
      const mine = await make('mine', ann)
      const values = { collection_id: mine.id, name: 'stolen' }
      const { status, body } = await app().put('collections/update', values, bob)
      assert.deepEqual(
        [status, body.meta.message],
        [400, 'Current user cannot update this collection'],
      )
      assert.equal((await app().put('collections/update', values)).status, 401)
      assert.equal(
        (await app().put('collections/update', { ...values, su_id: ann.id }, bob)).status,
        403,
      )
      assert.equal(
        (await app().put('collections/update', { ...values, su_id: bob.id }, admin)).status,
        400,
      )
      assert.equal((await show(mine.id)).name, 'mine')
      const done = await app().put('collections/update', { ...values, su_id: ann.id }, admin)
      assert.equal(done.body.response.collections[0].name, 'stolen')
    })
  })

  describe('the cover', () => {
    it('is the first photo in it or below, unless one is chosen', async () => {
      const ann = await app().user()
      const top = await make('covered', ann)
      const below = await make('deeper', ann, top)
      assert.equal('cover_photo_id' in (await show(top.id)), false)
      const first = await addPhoto(ann, below)
      assert.equal((await show(top.id)).cover_photo_id, first.id)
      const own = await addPhoto(ann, top)
      assert.equal((await show(top.id)).cover_photo_id, own.id)
      const choose = (cover_photo_id: string) =>
        app().put('collections/update', { collection_id: top.id, cover_photo_id }, ann)
      await choose(first.id)
      assert.equal((await show(top.id)).cover_photo_id, first.id)
      const deep = await show(top.id, { response_json_depth: 2 })
      assert.equal(deep.cover_photo.id, first.id)
      await choose('')
      assert.equal((await show(top.id)).cover_photo_id, own.id)
    })
  })

  describe('what lies inside', () => {
    it('is listed in pages', async () => {
      const ann = await app().user()
      const top = await make('full', ann)
      const photos = [await addPhoto(ann, top), await addPhoto(ann, top), await addPhoto(ann, top)]
      const subs = [await make('s1', ann, top), await make('s2', ann, top)]
      const list = async (path: string, key: string, values: Record<string, unknown>) => {
        const query = { collection_id: top.id, ...values }
        const { body } = await app().get(`collections/show/${path}`, query)
        return [ids(body.response[key]), body.meta] as const
      }
      const [first, meta] = await list('photos', 'photos', { per_page: 2 })
      const [second] = await list('photos', 'photos', { per_page: 2, page: 2 })
      assert.equal(meta.method_name, 'showCollectionPhotos')
      assert.deepEqual([meta.page, meta.total_pages, meta.total_results], [1, 2, 3])
      assert.deepEqual([...first, ...second].sort(), ids(photos).sort())
      const [below, subMeta] = await list('subcollections', 'collections', {})
      assert.equal(subMeta.method_name, 'showCollectionSubcollections')
      assert.deepEqual([...below].sort(), ids(subs).sort())
    })

    it('leaves out what the caller may not see', async () => {
      const [ann, bob] = [await app().user(), await app().user()]
      const top = await make('mixed', ann)
      const open = await addPhoto(ann, top)
      const hidden = await addPhoto(ann, top)
      await app().post('acls/create', { name: 'c' }, ann)
      await app().put('photos/update', { photo_id: hidden.id, acl_name: 'c' }, ann)
      const list = async (as: TestUser) => {
        const { body } = await app().get('collections/show/photos', { collection_id: top.id }, as)
        return [ids(body.response.photos).sort(), body.meta.total_results]
      }
      assert.deepEqual(await list(bob), [[open.id], 1])
      assert.deepEqual(await list(ann), [[open.id, hidden.id].sort(), 2])
      await app().put('collections/update', { collection_id: top.id, acl_name: 'c' }, ann)
      for (const path of ['show', 'show/photos', 'show/subcollections']) {
        const { status } = await app().get(`collections/${path}`, { collection_id: top.id }, bob)
        assert.equal(status, 401, path)
      }
    })
  })

  describe('search and query', () => {
    it("find a user's top-level collections", async () => {
      const [ann, bob] = [await app().user(), await app().user()]
      const top = await make('Holidays', ann)
      const other = await make('Work', ann)
      await make('Holidays', ann, top)
      await make('Holidays', bob)
      const search = async (values: Record<string, unknown>) => {
        const { status, body } = await app().get('collections/search', values)
        assert.equal(status, 200)
        assert.equal(body.meta.method_name, 'searchCollections')
        return [ids(body.response.collections), body.meta.total_results]
      }
      assert.deepEqual(await search({ user_id: ann.id }), [[other.id, top.id], 2])
      assert.deepEqual(await search({ user_id: ann.id, q: 'holidays' }), [[top.id], 1])
      assert.deepEqual(await search({ user_id: UNKNOWN }), [[], 0])
      const { status, body } = await app().get('collections/search', { q: 'x' })
      assert.deepEqual([status, body.meta.message], [400, 'user_id required to search collections'])
      const where = { user_id: ann.id, name: 'Holidays' }
      const query = await app().get('collections/query', { where, count: true })
      assert.equal(query.body.meta.count, 2)
    })
  })

  describe('delete', () => {
    it('is refused while there is something in it', async () => {
      const [ann, bob] = [await app().user(), await app().user()]
      const top = await make('to go', ann)
      const below = await make('first', ann, top)
      const photo = await addPhoto(ann, below)
      const remove = (one: { id: string }, as: TestUser | null = ann) =>
        app().del('collections/delete', { collection_id: one.id }, as)
      for (const full of [top, below]) {
        const { status, body } = await remove(full)
        assert.equal(status, 400)
        assert.match(String(body.meta.message), /not empty/)
      }
      await app().del('photos/delete', { photo_id: photo.id }, ann)
      assert.equal((await remove(below, bob)).status, 400)
      assert.equal((await remove(below, null)).status, 401)
      assert.deepEqual(await counts(top), [0, 0, 1])
      const { body } = await remove(below)
      assert.deepEqual([body.meta.method_name, body.response], ['deleteCollection', undefined])
      assert.deepEqual(await counts(top), [0, 0, 0])
      assert.equal((await remove(top)).status, 200)
      assert.equal((await remove(top)).body.meta.message, 'Invalid collection id')
      assert.equal((await remove({ id: '' })).body.meta.message, UNNAMED)
      await make('to go', ann)
    })

    it('in bulk is for administrators, and the counts above follow', async () => {
      const [ann, admin] = [await app().user(), await app().admin('bulk')]
      const top = await make('above', ann)
      const gone = await make('gone', ann, top, { custom_fields: { gone: true } })
      await make('kept', ann, top)
      await addPhoto(ann, gone)
      assert.deepEqual(await counts(top), [0, 1, 2])
      const where = { gone: true }
      assert.equal((await app().del('collections/batch_delete', { where }, ann)).status, 403)
      assert.equal((await app().del('collections/batch_delete', { where }, admin)).status, 200)
      await app().settle()
      assert.equal(await show(gone.id), undefined)
      assert.deepEqual(await counts(top), [0, 0, 1])
    })
  })
})
