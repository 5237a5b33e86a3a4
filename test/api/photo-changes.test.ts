import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import sharp from 'sharp'
import { fileOf, photoFiles } from '../support/photo-files.ts'
import { picture } from '../support/pictures.ts'
import { onEachDatabase, type TestUser } from '../support/test-app.ts'

const UNKNOWN = '0'.repeat(24)

onEachDatabase('changing photos', (app) => {
  type Values = Readonly<Record<string, string | Blob>>
  const make = async (as: TestUser, values: Values = {}) => {
    const sent = { photo: await picture(), ...values }
    const answer = await app().upload('POST', 'photos/create', sent, as)
    assert.equal(answer.status, 200, answer.body.meta.message)
    return answer.body.response.photos[0]
  }
  const show = async (id: string) =>
    (await app().get('photos/show', { photo_id: id })).body.response?.photos[0]
  const stats = async (as: TestUser) => {
    const [me] = (await app().get('users/show/me', {}, as)).body.response.users
    return [me.stats.photos.total_count, me.stats.storage.used]
  }

  describe('update', () => {
    it('changes the title, the tags and the fields without a new file', async () => {
      const ann = await app().user()
      const { id } = await make(ann, { title: 'old', tags: 'a' })
      await app().settle()
      const values = { photo_id: id, title: 'new', tags: 'b,c', custom_fields: { n: 1 } }
      const { body } = await app().put('photos/update', values, ann)
      assert.equal(body.meta.method_name, 'updatePhoto')
      const [photo] = body.response.photos
      assert.deepEqual(
        [photo.title, photo.tags, photo.custom_fields],
        ['new', ['b', 'c'], { n: 1 }],
      )
      assert.equal(photo.processed, true)
      assert.deepEqual(await show(id), photo)
    })

    it('replaces the file: the old addresses work until the new ones do', async () => {
      const ann = await app().user()
      const { id } = await make(ann, { 'photo_sizes[small]': '30x30' })
      await app().settle()
      const old = (await show(id)).urls
      const file = await picture('png', 80, 80)
      const values = { photo_id: id, photo: file, 'photo_sizes[small]': '20x20' }
      await app().holdingJobs(async () => {
        const { body } = await app().upload('PUT', 'photos/update', values, ann)
        const [photo] = body.response.photos
        assert.equal(photo.processed, false)
        assert.deepEqual(photo.urls, old)
        assert.deepEqual([photo.size, photo.content_type], [file.size, 'image/png'])
        for (const url of Object.values<string>(old)) {
          const { format } = await sharp(await fileOf(app(), url)).metadata()
          assert.equal(format, 'jpeg')
        }
      })
      await app().settle()
      const ready = await show(id)
      assert.equal(ready.processed, true)
      assert.deepEqual(Object.keys(ready.urls).sort(), ['original', 'small'])
      assert.notEqual(ready.urls.original, old.original)
      const { format, width } = await sharp(await fileOf(app(), ready.urls.small)).metadata()
      assert.deepEqual([format, width], ['png', 20])
      for (const url of Object.values<string>(old)) {
        await assert.rejects(fileOf(app(), url), /404/)
      }
      assert.equal((await photoFiles(app(), id)).length, 2)
      assert.deepEqual(await stats(ann), [1, file.size])
    })

    it('drops a size of the old file that the new one does not have', async () => {
      const ann = await app().user()
      const { id } = await make(ann, { 'photo_sizes[small]': '30x30' })
      await app().settle()
      const values = { photo_id: id, photo: await picture('gif') }
      await app().upload('PUT', 'photos/update', values, ann)
      await app().settle()
      const ready = await show(id)
      assert.deepEqual(Object.keys(ready.urls), ['original'])
      assert.equal((await photoFiles(app(), id)).length, 1)
    })

    it('can be called again and again before the first one is processed', async () => {
      const ann = await app().user()
      const { id } = await make(ann, { 'photo_sizes[a]': '30x30' })
      await Promise.all(
        [10, 20, 30].map(async (width) => {
          const values = { photo_id: id, photo: await picture('png', width, width) }
          const answer = await app().upload('PUT', 'photos/update', values, ann)
          assert.equal(answer.status, 200)
        }),
      )
      await app().settle()
      const ready = await show(id)
      assert.equal(ready.processed, true)
      const bytes = await fileOf(app(), ready.urls.original)
      assert.equal(bytes.length, ready.size)
      assert.equal((await photoFiles(app(), id)).length, 1)
      assert.deepEqual(await stats(ann), [1, ready.size])
    })

    it('refuses a bad file or a stranger, and leaves the photo and its files alone', async () => {
      const [ann, bob] = [await app().user(), await app().user()]
      const { id } = await make(ann)
      await app().settle()
      const [before, files] = [await show(id), await photoFiles(app())]
      const good = await picture('png')
      for (const [values, caller, status, message] of [
        [{ photo_id: id, photo: new Blob(['x']) }, ann, 400, /^Invalid photo file attachment/],
        [{ photo_id: id, photo: good, acl_name: 'nix' }, ann, 400, /^No Acl was found!$/],
        [{ photo_id: id, photo: good, collection_id: UNKNOWN }, ann, 400, /^Invalid collection id/],
        [{ photo_id: id, photo: good }, bob, 400, /^Current user cannot update this photo$/],
        [{ photo_id: id, photo: good }, null, 401, /sign in/],
        [{ photo_id: UNKNOWN, photo: good }, ann, 400, /^Invalid photo id$/],
        [{ photo: good }, ann, 400, /^Required field: photo_id$/],
      ] as const) {
        const answer = await app().upload('PUT', 'photos/update', values, caller)
        assert.equal(answer.status, status)
        assert.match(String(answer.body.meta.message), message)
      }
      await app().settle()
      assert.deepEqual(await show(id), before)
      assert.deepEqual(await photoFiles(app()), files)
      assert.deepEqual(await app().stagedFiles(), [])
    })
  })

  describe('delete', () => {
    it('takes the photo, its files and its place in the counters', async () => {
      const [ann, bob] = [await app().user(), await app().user()]
      const { id } = await make(ann, { 'photo_sizes[small]': '30x30' })
      await app().settle()
      const { urls } = await show(id)
      const refused = await app().del('photos/delete', { photo_id: id }, bob)
      assert.equal(refused.body.meta.message, 'Current user cannot delete this photo')
      await app().settle()
      assert.equal((await photoFiles(app(), id)).length, 2)
      const { body } = await app().del('photos/delete', { photo_id: id }, ann)
      assert.deepEqual([body.meta.method_name, body.response], ['deletePhoto', undefined])
      await app().settle()
      assert.equal(await show(id), undefined)
      assert.deepEqual(await photoFiles(app(), id), [])
      await assert.rejects(fileOf(app(), urls.small), /404/)
      assert.deepEqual(await stats(ann), [0, 0])
      const again = await app().del('photos/delete', { photo_id: id }, ann)
      assert.deepEqual([again.status, again.body.meta.message], [400, 'Invalid photo id'])
    })

    it('before a photo is processed leaves no file behind', async () => {
      const ann = await app().user()
      const { id } = await make(ann, { 'photo_sizes[small]': '30x30' })
      assert.equal((await app().del('photos/delete', { photo_id: id }, ann)).status, 200)
      await app().settle()
      assert.deepEqual(await photoFiles(app(), id), [])
    })

    it('in bulk takes the files as well', async () => {
      const [ann, admin] = [await app().user(), await app().admin()]
      const ids: string[] = []
      for (const title of ['bulk', 'bulk', 'kept']) ids.push((await make(ann, { title })).id)
      await app().settle()
      const where = { title: 'bulk', user_id: ann.id }
      assert.equal((await app().del('photos/batch_delete', { where }, ann)).status, 403)
      assert.equal((await app().del('photos/batch_delete', { where }, admin)).status, 200)
      await app().settle()
      const left = await Promise.all(ids.map(async (id) => (await photoFiles(app(), id)).length))
      assert.deepEqual(left, [0, 0, 1])
      assert.equal((await stats(ann))[0], 1)
    })
  })

  describe('query, search and show', () => {
    it('find by title, owner and tags', async () => {
      const [ann, bob] = [await app().user(), await app().user()]
      const one = await make(ann, { title: 'Harbour at dawn', tags: 'sea' })
      const two = await make(ann, { title: 'Hill' })
      await make(bob, { title: 'Harbour' })
      const ids = (body: { response?: { photos: { id: string }[] } }) =>
        body.response?.photos.map((photo) => photo.id)
      for (const [where, expected] of [
        [{ user_id: ann.id }, [two.id, one.id]],
        [{ title: 'Hill' }, [two.id]],
        [{ tags_array: 'sea' }, [one.id]],
      ] as const) {
        const { body } = await app().get('photos/query', { where })
        assert.deepEqual([body.meta.method_name, ids(body)], ['queryPhoto', expected])
      }
      const search = await app().get('photos/search', { user_id: ann.id, q: 'harbour' })
      assert.equal(search.status, 200)
      assert.deepEqual(ids(search.body), [one.id])
      const { method_name, page, per_page, total_results } = search.body.meta
      assert.deepEqual([method_name, page, per_page, total_results], ['searchPhotos', 1, 10, 1])
      const all = await app().get('photos/search', { user_id: ann.id, per_page: 1, page: 2 })
      assert.deepEqual([ids(all.body), all.body.meta.total_pages], [[one.id], 2])
      const both = await app().get('photos/show', { photo_ids: `${one.id},${two.id}` })
      assert.deepEqual(ids(both.body), [one.id, two.id])
      const deep = { photo_id: one.id, response_json_depth: 2 }
      const [photo] = (await app().get('photos/show', deep)).body.response.photos
      assert.equal(photo.user.id, ann.id)
      for (const values of [{ photo_id: UNKNOWN }, { photo_id: 'x' }]) {
        const { status, body } = await app().get('photos/show', values)
        assert.deepEqual([status, body.meta.message], [400, 'Invalid photo id'])
      }
    })
  })

  describe('a collection', () => {
    const counts = async (id: string) =>
      (await app().get('collections/show', { collection_id: id })).body.response.collections[0]
        .counts

    it('is named by its id, or by a name, which makes one when there is none', async () => {
      const [ann, bob] = [await app().user(), await app().user()]
      const first = await make(ann, { collection_name: 'Summer' })
      const second = await make(ann, { collection_name: 'Summer' })
      assert.equal(second.collection_id, first.collection_id)
      assert.notEqual(
        (await make(bob, { collection_name: 'Summer' })).collection_id,
        first.collection_id,
      )
      const third = await make(ann, { collection_id: first.collection_id })
      assert.equal(third.collection_id, first.collection_id)
      assert.deepEqual(await counts(first.collection_id), {
        photos: 3,
        total_photos: 3,
        subcollections: 0,
      })
      const deep = { photo_id: first.id, response_json_depth: 2 }
      const [photo] = (await app().get('photos/show', deep)).body.response.photos
      assert.equal(photo.collections[0].name, 'Summer')
      assert.equal('collection_id' in photo, false)
    })

    it('of another is refused', async () => {
      const [ann, bob] = [await app().user(), await app().user()]
      const { collection_id } = await make(ann, { collection_name: 'Mine' })
      const sent = { photo: await picture(), collection_id }
      const { status, body } = await app().upload('POST', 'photos/create', sent, bob)
      assert.equal(status, 400)
      const text = 'Invalid collection id or collection not owned by current user'
      assert.equal(body.meta.message, text)
      assert.equal((await counts(collection_id)).photos, 1)
    })

    it('is left and changed by update, and left by delete, and the counts follow', async () => {
      const ann = await app().user()
      const photo = await make(ann, { collection_name: 'One' })
      const other = await make(ann, { collection_name: 'Two' })
      const [one, two] = [photo.collection_id, other.collection_id]
      const numbers = async () => [(await counts(one)).photos, (await counts(two)).photos]
      const update = (values: Record<string, string>) =>
        app().put('photos/update', { photo_id: photo.id, ...values }, ann)
      await update({ collection_id: two })
      assert.deepEqual(await numbers(), [0, 2])
      await update({ collection_name: 'One' })
      assert.deepEqual(await numbers(), [1, 1])
      const { body } = await update({ collection_id: '' })
      assert.equal('collection_id' in body.response.photos[0], false)
      assert.deepEqual(await numbers(), [0, 1])
      await app().del('photos/delete', { photo_id: other.id }, ann)
      assert.deepEqual(await numbers(), [0, 0])
    })

    it('counts every photo of many that come at once, also by a name that is new', async () => {
      const ann = await app().user()
      const made = await Promise.all(
        Array.from({ length: 8 }, () => make(ann, { collection_name: 'Rush' })),
      )
      const ids = new Set(made.map((one) => one.collection_id))
      assert.equal(ids.size, 1)
      assert.equal((await counts(made[0].collection_id)).photos, 8)
      assert.equal((await stats(ann))[0], 8)
    })
  })
})
