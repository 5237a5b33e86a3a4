import assert from 'node:assert/strict'
import { createReadStream } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { ArrowdbUser, sdkMethods } from '../support/arrowdb-user.ts'
import { linkParam, Mailbox } from '../support/mailbox.ts'
import { ServerProcess, type ShownBackend } from '../support/process.ts'
import { type Body, DATABASES } from '../support/test-app.ts'
import { uniquePicture } from '../support/unique-picture.ts'

/** What stands in the way of nobody: an id that no object has. */
const NO_ID = '5f00c0ffee00000000000010'

const OBJECTS = [
  'Users',
  'ACLs',
  'CustomObjects',
  'Places',
  'Checkins',
  'Photos',
  'Reviews',
  'PhotoCollections',
]

for (const database of DATABASES) {
  describe(`the published arrowdb SDK, on ${database}`, () => {
    const called = new Set<string>()
    const mailbox = new Mailbox()
    let server: ServerProcess
    let old: ShownBackend
    let folder: string
    let photo: string
    let ann: ArrowdbUser
    let ben: ArrowdbUser
    let admin: ArrowdbUser
    const ids = { ann: '', ben: '' }

    before(async () => {
      folder = await mkdtemp(join(tmpdir(), 'homeport-sdk-'))
      photo = join(folder, 'photo.jpg')
      await writeFile(photo, await uniquePicture(300, 200))
      server = await ServerProcess.start(database, { HOMEPORT_SMTP_URL: await mailbox.listen() })
      old = await server.json(['backend', 'create', '--name', 'old'])
      const login = ['--login', 'root', '--password', 'secret', '--admin']
      await server.json(['user', 'create', '--backend', server.backend.id, ...login])
      await server.json(['user', 'create', '--backend', old.id, ...login])
      await server.set({ mbsRelease: '1.2.0', newUserVerification: true }, old.id)
      admin = await loggedIn('root')
    })
    after(async () => {
      await server?.dispose()
      await mailbox.close()
      await rm(folder, { recursive: true, force: true })
    })

    const client = (backend = server.backend) =>
      new ArrowdbUser(server.url, backend.clientId, called)

    async function loggedIn(login: string, password = 'secret', backend = server.backend) {
      const user = client(backend)
      await user.call('usersLogin', { login, password })
      return user
    }

    /** Deletion of many is a job; small sets are gone within seconds. */
    async function emptied(method: string, options: object = {}) {
      for (let tries = 0; tries < 100; tries += 1) {
        const { meta } = await admin.call(method, options)
        if (meta.count === 0) return
        await sleep(100)
      }
      throw new Error(`${method} did not come to 0`)
    }

    async function processed(id: string) {
      for (let tries = 0; tries < 100; tries += 1) {
        const { response } = await ann.call('photosShow', { photo_id: id })
        if (response.photos[0].processed) return response.photos[0]
        await sleep(100)
      }
      throw new Error('the photo was not processed')
    }

    it('makes users and logs them in', async () => {
      const password = { password: 'secret', password_confirmation: 'secret' }
      for (const name of ['ann', 'ben'] as const) {
        const email = `${name}@example.org`
        const options = { username: name, email, custom_fields: { age: 31 }, ...password }
        const { meta, response } = await client().call('usersCreate', options)
        assert.equal(meta.method_name, 'createUser')
        assert.deepEqual(response.users[0].custom_fields, { age: 31 })
        ids[name] = response.users[0].id
      }
      ann = await loggedIn('ann')
      ben = await loggedIn('ben@example.org')
      const { response } = await ann.call('usersShowMe')
      assert.equal(response.users[0].id, ids.ann)
    })

    it('goes on as the user who logged in last', async () => {
      const both = await loggedIn('ann')
      await both.call('usersLogin', { login: 'ben', password: 'secret' })
      const { response } = await both.call('usersShowMe')
      assert.equal(response.users[0].id, ids.ben)
    })

    it('updates, shows, finds and counts users', async () => {
      const change = {
        first_name: 'Ann',
        tags: 'x,y',
        photo,
        custom_fields: { age: null, pet: 'a' },
      }
      const updated = (await ann.call('usersUpdate', change)).response.users[0]
      assert.deepEqual(updated.tags, ['x', 'y'])
      assert.deepEqual(updated.custom_fields, { pet: 'a' })
      assert.match(updated.photo_id, /^[0-9a-f]{24}$/)
      const shown = await ben.call('usersShow', { user_ids: [ids.ann, ids.ben] })
      assert.equal(shown.response.users.length, 2)
      const emails = shown.response.users.map((user: { email?: string }) => user.email)
      assert.deepEqual(emails.sort(), ['ben@example.org', undefined])
      const found = await ben.call('usersQuery', { where: { pet: 'a' } })
      assert.deepEqual(idsOf(found, 'users'), [ids.ann])
      assert.equal((await ben.call('usersCount')).meta.count, 3)
    })

    it('resets a password by mail', async () => {
      await client().call('usersRequestResetPassword', { email: 'ben@example.org' })
      const mail = await mailed('ben@example.org')
      const token = linkParam(mail, 'token')
      const password = { password: 'changed', password_confirmation: 'changed' }
      const options = { reset_password_token: token, ...password }
      await client().call('get', '/v1/users/reset_password.json', options)
      const [status] = await client().refused('usersLogin', { login: 'ben', password: 'secret' })
      assert.equal(status, 401)
      ben = await loggedIn('ben', 'changed')
    })

    it('makes a user log in only after the mail that is sent again', async () => {
      const email = 'eve@example.org'
      const password = { password: 'secret', password_confirmation: 'secret' }
      const newcomer = client(old)
      await newcomer.call('usersCreate', { username: 'eve', email, ...password })
      await mailed(email)
      const login = { login: 'eve', password: 'secret' }
      const [status] = await newcomer.refused('usersLogin', login)
      assert.ok(status && status >= 400 && status < 500, `status ${status}`)
      await newcomer.call('usersResendConfirmation', { email })
      const mail = await mailed(email, 2)
      const token = linkParam(mail, 'token')
      await newcomer.call('get', '/v1/users/confirm_user.json', { confirmation_token: token })
      await newcomer.call('usersLogin', login)
    })

    async function mailed(address: string, count = 1) {
      for (let tries = 0; tries < 100; tries += 1) {
        const mails = mailbox.to(address)
        if (mails.length >= count) return mails.at(-1)
        await sleep(100)
      }
      throw new Error(`no mail to ${address}`)
    }

    it('works with ACLs', async () => {
      const made = await ann.call('aclsCreate', { name: 'mine', reader_ids: [ids.ben] })
      const [{ id, readers }] = made.response.acls
      assert.deepEqual(readers.sort(), [ids.ann, ids.ben].sort())
      const who = { name: 'mine', user_id: ids.ben }
      const may = async () => (await ann.call('aclsCheckUser', who)).response.permission
      assert.deepEqual(await may(), { read_permission: true, write_permission: false })
      await ann.call('aclsAddUser', { name: 'mine', writer_ids: [ids.ben] })
      assert.deepEqual(await may(), { read_permission: true, write_permission: true })
      await ann.call('aclsRemoveUser', { id, reader_ids: [ids.ben], writer_ids: [ids.ben] })
      assert.deepEqual(await may(), { read_permission: false, write_permission: false })
      await ann.call('aclsUpdate', { id, public_read: true })
      const shown = (await ann.call('aclsShow', { id })).response.acls[0]
      assert.deepEqual([shown.public_read, shown.readers], [true, undefined])
      assert.deepEqual(idsOf(await ann.call('aclsQuery'), 'acls'), [id])
      assert.deepEqual(idsOf(await ben.call('aclsQuery'), 'acls'), [])
      await ann.call('aclsCreate', { name: 'other' })
      assert.equal((await ann.call('aclsCount')).meta.count, 2)
      await ann.call('aclsDelete', { id })
      await ann.call('aclsRemove', { name: 'other' })
      assert.equal((await ann.call('aclsCount')).meta.count, 0)
    })

    it('works with custom objects', async () => {
      const fields = { name: 'Grebe', length: 7.2, crew: ['a', 'b'], coordinates: [-4.5, 54.1] }
      const made = await ann.call('customObjectsCreate', { classname: 'boat', fields, photo })
      const [boat] = made.response.boat
      assert.deepEqual(
        [boat.name, boat.length, boat.crew, boat.user_id],
        ['Grebe', 7.2, ['a', 'b'], ids.ann],
      )
      assert.equal(boat.classname, undefined)
      const of = { classname: 'boat' }
      const more = [{ name: 'Heron' }, { name: 'Swan' }, { name: 'Tern' }]
      const [status] = await ann.refused('customObjectsBatchCreate', { ...of, json_array: more })
      assert.equal(status, 403)
      const batch = await admin.call('customObjectsBatchCreate', { ...of, json_array: more })
      assert.match(String(batch.meta.message), /"n"=>3\b.*"nInserted"=>3\b/)
      assert.equal((await ann.call('customObjectsCount', of)).meta.count, 4)

      const update = { ...of, id: boat.id, fields: { length: 8, crew: null } }
      const updated = (await ann.call('customObjectsUpdate', update)).response.boat[0]
      assert.deepEqual([updated.length, updated.crew, updated.name], [8, undefined, 'Grebe'])
      assert.equal(updated.classname, undefined)
      const shown = await ben.call('customObjectsShow', { ...of, ids: boat.id })
      assert.deepEqual(idsOf(shown, 'boat'), [boat.id])
      const where = { length: { $gt: 7 } }
      const query = { ...of, where, order: '-created_at', limit: 5, response_json_depth: 2 }
      const found = await ben.call('customObjectsQuery', query)
      assert.equal(found.response.boat[0].user.id, ids.ann)
      assert.match(found.response.boat[0].photo.id, /^[0-9a-f]{24}$/)

      const rest = await ben.call('customObjectsQuery', {
        ...of,
        where: { name: { $ne: 'Grebe' } },
      })
      const [first, second] = idsOf(rest, 'boat')
      const refused = await ben.refused('customObjectsDelete', { ...of, id: first })
      assert.equal(refused[0], 400)
      await admin.call('customObjectsDelete', { ...of, id: first })
      await admin.call('customObjectsRemove', { ...of, ids: second })
      assert.equal((await ann.call('customObjectsCount', of)).meta.count, 2)
      await admin.call('customObjectsBatchDelete', { ...of, where: { name: { $ne: 'Grebe' } } })
      await untilCount('customObjectsCount', of, 1)
      await admin.call('customObjectsAdminDropCollection', of)
      await gone(of)
    })

    async function untilCount(method: string, options: object, count: number) {
      for (let tries = 0; tries < 100; tries += 1) {
        if ((await admin.call(method, options)).meta.count === count) return
        await sleep(100)
      }
      throw new Error(`${method} did not come to ${count}`)
    }

    /** A class without objects counts 0 or is unknown. */
    async function gone(of: object) {
      for (let tries = 0; tries < 100; tries += 1) {
        const { response } = await admin.call('customObjectsQuery', of)
        if (response.boat.length === 0) return
        await sleep(100)
      }
      throw new Error('the class was not dropped')
    }

    it('works with places', async () => {
      const options = { name: 'Pier 7', latitude: 54.15, longitude: -4.48, tags: 'dock', photo }
      const [place] = (await ann.call('placesCreate', options)).response.places
      assert.deepEqual([place.latitude, place.tags, place.user_id], [54.15, ['dock'], ids.ann])
      const { id } = place
      const change = { place_id: id, name: 'Pier 8', custom_fields: { open: true } }
      const [updated] = (await ann.call('placesUpdate', change)).response.places
      assert.deepEqual([updated.name, updated.custom_fields.open], ['Pier 8', true])
      assert.deepEqual(await ben.refused('placesUpdate', { place_id: id, name: 'x' }), [
        400,
        'Request returned with HTTP status code 400 Current user cannot update this place',
      ])
      assert.deepEqual(idsOf(await ben.call('placesShow', { place_id: id }), 'places'), [id])
      const near = { lnglat: { $nearSphere: [-4.48, 54.15], $maxDistance: 0.001 } }
      assert.deepEqual(idsOf(await ben.call('placesQuery', { where: near }), 'places'), [id])
      const [status, message] = await ben.refused('placesSearch', { q: 'Pier' })
      assert.equal(status, 410)
      assert.match(message, /search\.json has been deprecated\. Please use \$text query/)

      const others = ['a', 'b', 'c'].map((name) =>
        ann
          .call('placesCreate', { name, city: 'Nowhere' })
          .then((body) => idsOf(body, 'places')[0]),
      )
      const [first, second] = await Promise.all(others)
      await ann.call('placesDelete', { place_id: first })
      await ann.call('placesRemove', { place_id: second })
      assert.equal((await ann.call('placesCount')).meta.count, 2)
      assert.equal((await ann.refused('placesBatchDelete'))[0], 403)
      await admin.call('placesBatchDelete', { where: { city: 'Nowhere' } })
      await untilCount('placesCount', {}, 1)
    })

    it('searches on an app of an old release', async () => {
      const eve = await loggedIn('eve', 'secret', old)
      await eve.call('placesCreate', { name: 'North Pier', latitude: 54, longitude: -4 })
      await eve.call('placesCreate', { name: 'South Beach', latitude: 53, longitude: -4 })
      const found = await eve.call('placesSearch', { q: 'pier', latitude: 54, longitude: -4.1 })
      assert.deepEqual(
        found.response.places.map(({ name }: { name: string }) => name),
        ['North Pier'],
      )
      assert.equal(found.meta.total_results, 1)
      const users = await eve.call('usersSearch', { q: 'EVE' })
      assert.equal(users.response.users[0].username, 'eve')
    })

    it('works with check-ins', async () => {
      const [place] = idsOf(await ann.call('placesQuery'), 'places')
      const options = { place_id: place, message: 'here', photo: createReadStream(photo) }
      const [checkin] = (await ann.call('checkinsCreate', options)).response.checkins
      assert.deepEqual([checkin.place_id, checkin.user_id], [place, ids.ann])
      const { id } = checkin
      const change = { checkin_id: id, message: 'still here', response_json_depth: 2 }
      const [updated] = (await ann.call('checkinsUpdate', change)).response.checkins
      assert.deepEqual([updated.message, updated.place.id], ['still here', place])
      assert.deepEqual(idsOf(await ben.call('checkinsShow', { checkin_id: id }), 'checkins'), [id])
      const where = { where: { place_id: place } }
      assert.deepEqual(idsOf(await ben.call('checkinsQuery', where), 'checkins'), [id])
      for (const [wrong, message] of [
        [{ message: 'x' }, /Place or event id is required/],
        [{ place_id: NO_ID }, /Invalid place id/],
      ] as const) {
        const refused = await ann.refused('checkinsCreate', wrong)
        assert.equal(refused[0], 400)
        assert.match(refused[1], message)
      }
      const make = async () =>
        idsOf(await ann.call('checkinsCreate', { place_id: place }), 'checkins')
      await ann.call('checkinsDelete', { checkin_id: (await make())[0] })
      await ann.call('checkinsRemove', { checkin_id: (await make())[0] })
      assert.equal((await ann.call('checkinsCount')).meta.count, 1)
      await admin.call('checkinsBatchDelete')
      await emptied('checkinsCount')
    })

    it('uploads photos and finds them again', async () => {
      const sizes = { photo_sizes: { preview: '75x75#' }, photo_sync_sizes: ['preview'] }
      const options = { photo, title: 'Sunset', tags: 'sky', ...sizes }
      const made = (await ann.call('photosCreate', options)).response.photos[0]
      assert.deepEqual([made.title, made.processed], ['Sunset', false])
      assert.ok(made.urls.preview)
      const { urls, filename } = await processed(made.id)
      assert.equal(filename, 'photo.jpg')
      const original = Buffer.from(await (await fetch(urls.original)).arrayBuffer())
      assert.ok(original.equals(await readFile(photo)), 'not the same file')

      const png = join(folder, 'other.png')
      await writeFile(png, await uniquePicture(40, 40, 'png'))
      await ann.call('photosUpdate', { photo_id: made.id, title: 'Dawn', photo: png })
      const replaced = await processed(made.id)
      assert.deepEqual([replaced.title, replaced.content_type], ['Dawn', 'image/png'])
      assert.equal((await fetch(replaced.urls.original)).headers.get('content-type'), 'image/png')

      const where = { where: { title: 'Dawn' } }
      assert.deepEqual(idsOf(await ben.call('photosQuery', where), 'photos'), [made.id])
      const found = await ben.call('photosSearch', { user_id: ids.ann })
      assert.ok(idsOf(found, 'photos').includes(made.id))
      assert.deepEqual(await ann.refused('photosCreate', { title: 'x' }), [
        400,
        'Request returned with HTTP status code 400 Photo parameter required for photo upload',
      ])
      const make = async () =>
        idsOf(await ann.call('photosCreate', { photo, title: 'no' }), 'photos')
      const [first] = await make()
      const { urls: lost } = await processed(String(first))
      await ann.call('photosDelete', { photo_id: first })
      await ann.call('photosRemove', { photo_id: (await make())[0] })
      for (let tries = 0; (await fetch(lost.original)).status !== 404; tries += 1) {
        assert.ok(tries < 100, 'the file of a deleted photo is still there')
        await sleep(100)
      }
      assert.equal((await ben.refused('photosDelete', { photo_id: made.id }))[0], 400)
    })

    it('works with collections of photos', async () => {
      const [album] = (await ann.call('photoCollectionsCreate', { name: 'Sea' })).response
        .collections
      const { id } = album
      const within = { name: 'Boats', parent_collection_id: id }
      const [inner] = idsOf(await ann.call('photoCollectionsCreate', within), 'collections')
      const inAlbum = { photo, collection_id: id }
      const [photoId] = idsOf(await ann.call('photosCreate', inAlbum), 'photos')
      const [shown] = (await ben.call('photoCollectionsShow', { collection_id: id })).response
        .collections
      assert.deepEqual(shown.counts, { photos: 1, total_photos: 1, subcollections: 1 })
      assert.equal(shown.cover_photo_id, photoId)
      const of = { collection_id: id }
      assert.deepEqual(idsOf(await ben.call('photoCollectionsShowPhotos', of), 'photos'), [photoId])
      const inside = await ben.call('photoCollectionsShowSubcollections', of)
      assert.deepEqual(idsOf(inside, 'collections'), [inner])
      const found = await ben.call('photoCollectionsSearch', { user_id: ids.ann })
      assert.deepEqual(idsOf(found, 'collections'), [id])
      const change = { collection_id: id, name: 'Ocean' }
      const [updated] = (await ann.call('photoCollectionsUpdate', change)).response.collections
      assert.equal(updated.name, 'Ocean')
      assert.equal((await ann.call('photoCollectionsCount')).meta.count, 2)
      assert.equal((await ann.refused('photoCollectionsDelete', of))[0], 400)
      await ann.call('photoCollectionsDelete', { collection_id: inner })
      await ann.call('photosDelete', { photo_id: photoId })
      await ann.call('photoCollectionsRemove', of)
      await ann.call('photoCollectionsCreate', { name: 'Last' })
      await admin.call('photoCollectionsBatchDelete')
      await emptied('photoCollectionsCount')
    })

    it('works with reviews', async () => {
      const [place] = idsOf(await ann.call('placesQuery'), 'places')
      const options = { place_id: place, content: 'good', rating: 4, tags: 'x' }
      const [review] = (await ben.call('reviewsCreate', options)).response.reviews
      assert.deepEqual([review.content, review.rating, review.user_id], ['good', 4, ids.ben])
      await ann.call('reviewsCreate', { place_id: place, rating: 2 })
      const [target] = (await ann.call('placesShow', { place_id: place })).response.places
      assert.deepEqual([target.reviews_count, target.ratings_average], [2, 3])
      const change = { place_id: place, review_id: review.id, rating: 5 }
      const [updated] = (await ben.call('reviewsUpdate', change)).response.reviews
      assert.deepEqual([updated.rating, updated.content], [5, 'good'])
      const shown = await ann.call('reviewsShow', { review_id: review.id })
      assert.deepEqual(idsOf(shown, 'reviews'), [review.id])
      const found = await ann.call('reviewsQuery', { place_id: place, where: { rating: 5 } })
      assert.deepEqual(idsOf(found, 'reviews'), [review.id])
      assert.equal((await ann.call('reviewsCount')).meta.count, 2)
      for (const [method, wrong, message] of [
        ['reviewsCreate', {}, 'Invalid review type'],
        ['reviewsShow', { review_id: NO_ID }, 'Invalid review id(s)'],
        ['reviewsRemove', { review_id: NO_ID }, 'Invalid review id'],
      ] as const) {
        const refused = await ben.refused(method, wrong)
        const text = `Request returned with HTTP status code 400 ${message}`
        assert.deepEqual(refused, [400, text])
      }
      await ben.call('reviewsDelete', { review_id: review.id })
      const again = await ben.call('reviewsCreate', { place_id: place, content: 'better' })
      await ben.call('reviewsRemove', { review_id: idsOf(again, 'reviews')[0] })
      await admin.call('reviewsBatchDelete')
      await emptied('reviewsCount')
    })

    it('deletes what is left: photos, and users', async () => {
      await admin.call('photosBatchDelete')
      await emptied('photosCount')
      await ben.call('usersLogout')
      assert.equal((await ben.refused('usersShowMe'))[0], 401)
      ben = await loggedIn('ben', 'changed')
      await ben.call('usersDelete')
      await ann.call('usersRemove')
      assert.equal((await ann.refused('usersLogin', { login: 'ann', password: 'secret' }))[0], 401)
      assert.equal((await admin.call('usersCount')).meta.count, 1)
      const password = { password: 'secret', password_confirmation: 'secret' }
      await client().call('usersCreate', { username: 'late', ...password })
      await admin.call('usersBatchDelete', { where: { username: 'late' } })
      await untilCount('usersCount', {}, 1)
    })

    for (const object of OBJECTS) {
      it(`was called with every method that it has for ${object}`, () => {
        const methods = sdkMethods(object)
        assert.ok(methods.length > 7)
        assert.deepEqual(
          methods.filter((method) => !called.has(method)),
          [],
        )
      })
    }

    it('never made the server log a problem', () => {
      assert.deepEqual(server.problems, [])
    })
  })
}

function idsOf(body: Body, key: string): string[] {
  return body.response[key].map(({ id }: { id: string }) => id)
}
