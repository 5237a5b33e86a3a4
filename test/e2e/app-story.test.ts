import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { idsOf, SdkScene } from '../support/arrowdb-scene.ts'
import type { ArrowdbUser } from '../support/arrowdb-user.ts'
import { Mailbox } from '../support/mailbox.ts'
import { sizeAt } from '../support/pictures.ts'
import { androidPayloads, pushServices } from '../support/push-app.ts'
import { soon } from '../support/soon.ts'
import { DATABASES } from '../support/test-app.ts'

const PIER = { latitude: 54.15, longitude: -4.48 }
const START = '2030-06-01T09:00:00+0000'

const mailbox = new Mailbox()
const smtpUrl = await mailbox.listen()
after(() => mailbox.close())
const { services, env } = await pushServices()

const pushedTo = (token: string) => androidPayloads(services)[token]

/** An app of sailors: each step is done by one of two users, and looked at by the other. */
for (const database of DATABASES) {
  describe(`the story of an app, on ${database}`, () => {
    let scene: SdkScene
    const made = { place: '', checkin: '', photo: '', event: '', thread: '', file: '', boat: '' }

    before(async () => {
      const mail = { HOMEPORT_SMTP_URL: smtpUrl, HOMEPORT_MAIL_FROM: 'crew@sails.example.org' }
      scene = await SdkScene.start(database, new Map(), { env: { ...env, ...mail } })
      await scene.configurePush()
    })
    after(() => scene?.dispose())

    const one = async (user: ArrowdbUser, method: string, key: string, options: object) =>
      (await user.call(method, options)).response[key][0]

    it('begins with an invitation by mail', async () => {
      const { admin, ann } = scene
      const template = { name: 'invitation', subject: 'Sail', plain_body: '{{who}} invites you' }
      await admin.call('post', '/v1/email_templates/create.json', template)
      const recipients = `crew@${database}.example.org`
      await ann.call('emailsSend', { template: 'invitation', recipients, who: 'Ann' })
      const mail = await soon('a mail comes', () => mailbox.to(recipients)[0])
      assert.deepEqual(
        [mail.from, mail.subject, mail.text.trim()],
        ['crew@sails.example.org', 'Sail', 'Ann invites you'],
      )
    })

    it('makes friends of two who both want it', async () => {
      const { ann, ben, ids } = scene
      const counts = async (user: ArrowdbUser) =>
        (await user.call('usersShowMe')).response.users[0].friend_counts
      await ann.call('usersUpdate', { first_name: 'Ann', tags: 'skipper' })
      await ann.call('friendsAdd', { user_ids: ids.ben })
      const { response } = await ben.call('friendsRequests')
      const [{ user }] = response.friend_requests
      assert.deepEqual([user.first_name, user.tags, user.email], ['Ann', ['skipper'], undefined])
      assert.deepEqual(await counts(ben), { requests: 1, friends: 0 })
      assert.equal((await ann.call('friendsQuery')).response.users, undefined)
      await ben.call('friendsApprove', { user_ids: ids.ann })
      assert.deepEqual(await counts(ben), { requests: 0, friends: 1 })
      assert.deepEqual(idsOf(await ann.call('friendsQuery'), 'users'), [ids.ben])
      const friendsOfSkippers = await ben.call('friendsQuery', { where: { tags_array: 'skipper' } })
      assert.deepEqual(idsOf(friendsOfSkippers, 'users'), [ids.ann])
    })

    it('has a place, where one checks in with a photo that the other gets in each size', async () => {
      const { ann, ben, ids, photo } = scene
      const pier = { name: 'Pier 7', ...PIER, custom_fields: { berths: 40 } }
      made.place = (await one(ann, 'placesCreate', 'places', pier)).id
      const photo_sizes = { square: '80x80#', fit: '120x120' }
      const checkin = { place_id: made.place, message: 'Moored', photo, photo_sizes }
      made.checkin = (await one(ann, 'checkinsCreate', 'checkins', checkin)).id
      const where = { lnglat: { $nearSphere: [-4.481, 54.151], $maxDistance: 1 / 6371 } }
      assert.deepEqual(idsOf(await ben.call('placesQuery', { where }), 'places'), [made.place])
      const there = { where: { place_id: made.place }, response_json_depth: 2 }
      const seen = () => ben.call('checkinsQuery', there)
      const done = await scene.until('the photo is processed', seen, ({ response }) =>
        Boolean(response.checkins[0].photo.processed),
      )
      const [{ photo: shown, user, place }] = done.response.checkins
      assert.deepEqual([user.id, place.name, shown.user_id], [ids.ann, 'Pier 7', ids.ann])
      made.photo = shown.id
      assert.deepEqual(Object.keys(shown.urls).sort(), ['fit', 'original', 'square'])
      assert.deepEqual(await sizeAt(shown.urls.square), [80, 80])
      assert.deepEqual(await sizeAt(shown.urls.fit), [120, 80])
      assert.deepEqual(await sizeAt(shown.urls.original), [300, 200])
    })

    it('counts reviews and likes as they come and go', async () => {
      const { ann, ben } = scene
      const of = { place_id: made.place }
      const counters = async (user: ArrowdbUser) => {
        const place = await one(user, 'placesShow', 'places', of)
        return [place.reviews_count, place.ratings_average, place.ratings_summary]
      }
      assert.deepEqual(await counters(ann), [undefined, undefined, undefined])
      const review = { ...of, content: 'Friendly', rating: 5 }
      const { id } = await one(ben, 'reviewsCreate', 'reviews', review)
      const own = await one(ann, 'reviewsCreate', 'reviews', { ...of, rating: 2 })
      assert.deepEqual(await counters(ann), [2, 3.5, { 2: 1, 5: 1 }])
      await ben.call('reviewsUpdate', { ...of, review_id: id, rating: 4 })
      assert.deepEqual(await counters(ann), [2, 3, { 2: 1, 4: 1 }])
      await ann.call('reviewsDelete', { ...of, review_id: own.id })
      assert.deepEqual(await counters(ben), [1, 4, { 4: 1 }])

      const liked = { checkin_id: made.checkin }
      await ben.call('likesCreate', liked)
      const likes = async (user: ArrowdbUser) => {
        const shown = { ...liked, show_user_like: true }
        const checkin = await one(user, 'checkinsShow', 'checkins', shown)
        return [checkin.likes_count, checkin.current_user_liked]
      }
      assert.deepEqual(
        [await likes(ann), await likes(ben)],
        [
          [1, undefined],
          [1, true],
        ],
      )
    })

    it('tells how it goes, and finds that by words', async () => {
      const { ann, ben, ids } = scene
      const told = { message: 'Under full sail', place_id: made.place, tags: 'sea' }
      const { id } = await one(ann, 'statusesCreate', 'statuses', told)
      await ben.call('statusesCreate', { message: 'In harbour' })
      const byUser = await ben.call('get', '/v1/statuses/search.json', { user_id: ids.ann })
      assert.deepEqual(idsOf(byUser, 'statuses'), [id])
      const words = { where: { $text: { $search: '"full sail" -storm' } } }
      assert.deepEqual(idsOf(await ben.call('statusesQuery', words), 'statuses'), [id])
      const without = { where: { $text: { $search: 'harbour -in' } } }
      assert.deepEqual(idsOf(await ben.call('statusesQuery', without), 'statuses'), [])
    })

    it('chats, with a push to the phone of the other alone', async () => {
      const { ann, ben, ids } = scene
      const device = (token: string) => ({ channel: 'chat', device_token: token, type: 'android' })
      await ben.call('pushNotificationsSubscribe', device('ben-phone'))
      await ann.call('pushNotificationsSubscribe', device('ann-phone'))
      const push = { channel: 'chat', payload: { alert: 'Ann: tide at six', berth: 7 } }
      await ann.call('chatsCreate', { to_ids: ids.ben, message: 'Tide at six', ...push })
      const got = await soon('a push comes', () => pushedTo('ben-phone'))
      assert.deepEqual(got, [{ android: { alert: 'Ann: tide at six' }, berth: 7 }])
      assert.equal(pushedTo('ann-phone'), undefined)
      const asked = { participate_ids: ids.ann, response_json_depth: 2 }
      const chat = await one(ben, 'chatsQuery', 'chats', asked)
      assert.deepEqual([chat.message, chat.from.first_name], ['Tide at six', 'Ann'])
      assert.equal((await scene.client().refused('chatsQuery', asked))[0], 401)
    })

    it('plans an event that comes again, and moves it', async () => {
      const { ann, ben } = scene
      const rule = { start_time: START, duration: 7200, recurring: 'weekly', recurring_count: 3 }
      const regatta = { name: 'Regatta', place_id: made.place, ...rule }
      made.event = (await one(ann, 'eventsCreate', 'events', regatta)).id
      const starts = async () => {
        const query = { where: { place_id: made.place }, order: 'start_time' }
        const { response } = await ben.call('eventsQueryOccurrences', query)
        return response.event_occurrences.map(
          ({ start_time, event_id }: Record<'start_time' | 'event_id', string>) =>
            `${start_time.slice(0, 10)} ${event_id === made.event}`,
        )
      }
      assert.deepEqual(await starts(), ['2030-06-01 true', '2030-06-08 true', '2030-06-15 true'])
      const later = { event_id: made.event, start_time: '2030-07-01 09:00:00 +0000' }
      await ann.call('eventsUpdate', { ...later, recurring: 'daily', recurring_count: 2 })
      assert.deepEqual(await starts(), ['2030-07-01 true', '2030-07-02 true'])
      assert.equal((await ben.refused('eventsDelete', { event_id: made.event }))[0], 400)
    })

    it('writes private messages, whose state the other changes by reading', async () => {
      const { ann, ben, ids } = scene
      const states = async (user: ArrowdbUser) =>
        (await user.call('messagesQuery', { order: 'created_at,id' })).response.messages.map(
          ({ status }: { status: string }) => status,
        )
      const mail = { to_ids: ids.ben, subject: 'Mooring', body: 'Berth 12?' }
      made.thread = (await one(ann, 'messagesCreate', 'messages', mail)).thread_id
      assert.deepEqual([await states(ann), await states(ben)], [['sent'], ['unread']])
      const inThread = { thread_id: made.thread }
      const { id } = await one(ben, 'messagesShowThread', 'messages', inThread)
      assert.deepEqual([await states(ann), await states(ben)], [['sent'], ['read']])
      await ben.call('messagesReply', { message_id: id, body: 'Aye' })
      assert.deepEqual((await states(ben)).sort(), ['replied', 'sent'])
      assert.deepEqual((await states(ann)).sort(), ['sent', 'unread'])
      const [{ body, from_id }] = (await ann.call('messagesShowInbox')).response.messages
      assert.deepEqual([body, from_id], ['Aye', ids.ben])
      assert.deepEqual((await scene.admin.call('messagesQuery')).response.messages, [])
    })

    it('counts one key-value together', async () => {
      const { ann, ben } = scene
      await ann.call('keyValuesSet', { name: 'miles', value: '0' })
      const both = Array.from({ length: 10 }, (_, i) => (i % 2 === 0 ? ann : ben))
      const options = { name: 'miles', value: 3 }
      await Promise.all(both.map((user) => user.call('keyValuesIncrby', options)))
      const { value } = await one(ben, 'keyValuesGet', 'keyvalues', { name: 'miles' })
      assert.equal(Number(value), 30)
    })

    it('shares a file with those who are logged in', async () => {
      const { ann, ben, folder } = scene
      const file = join(folder, 'chart.txt')
      await writeFile(file, 'rocks here')
      const options = { name: 'Chart', file, s3_acl: 'private' }
      made.file = (await one(ann, 'filesCreate', 'files', options)).id
      const of = { file_id: made.file }
      const ask = () => ben.call('filesShow', of)
      const done = await scene.until('the file is processed', ask, ({ response }) =>
        Boolean(response.files[0].processed),
      )
      assert.equal(await (await fetch(done.response.files[0].url)).text(), 'rocks here')
      const [shown] = (await scene.client().call('filesShow', of)).response.files
      assert.deepEqual([shown.processed, shown.url], [true, undefined])
    })

    it('has a geofence round the place, and objects of its own', async () => {
      const { admin, ann, ben, ids } = scene
      const loc = { place_id: made.place, radius: '2/6371' }
      const geo_fence = { loc, payload: { alert: 'Welcome' } }
      await admin.call('geoFencesCreate', { geo_fence })
      const $geometry = { type: 'Point', coordinates: [PIER.longitude, PIER.latitude] }
      const where = { loc: { $nearSphere: { $geometry, $maxDistance: 500 } } }
      const fence = await one(ben, 'geoFencesQuery', 'geo_fences', { where })
      assert.deepEqual(fence.payload, { alert: 'Welcome' })

      const boat = { classname: 'boat', acl_name: 'crew' }
      await ann.call('aclsCreate', { name: 'crew', public_read: true, writer_ids: ids.ben })
      for (const [name, length] of Object.entries({ Grebe: 7.2, Heron: 9, Swan: 12 })) {
        const fields = { name, length, '[ACS_Place]home_id': made.place }
        const { id } = await one(ann, 'customObjectsCreate', 'boat', { ...boat, fields })
        if (name === 'Heron') made.boat = id
      }
      const range = { length: { $gte: 8, $lt: 12 }, name: { $regex: '^He' } }
      const found = await ben.call('customObjectsQuery', { classname: 'boat', where: range })
      assert.deepEqual(idsOf(found, 'boat'), [made.boat])
      const longer = { classname: 'boat', id: made.boat, fields: { length: { $inc: 0.5 } } }
      await ben.call('customObjectsUpdate', longer)
      const shown = await one(ann, 'customObjectsShow', 'boat', { ...longer, fields: undefined })
      assert.deepEqual([shown.length, shown.name, shown.user_id], [9.5, 'Heron', ids.ann])
    })

    it('goes on after a restart, and makes up once for the push that was due', async () => {
      const { admin, ann, ben, ids } = scene
      const due = Date.now() + 3000
      const push_notification = { channel: 'chat', payload: { alert: 'High water' } }
      const schedule = { start_time: new Date(due).toISOString(), push_notification }
      await admin.call('pushSchedulesCreate', { schedule: { name: 'tide', ...schedule } })
      await scene.restart(() => sleep(Math.max(0, due + 1000 - Date.now())))
      const pushed = await soon('the push comes', () => pushedTo('ben-phone'))
      const me = await ben.call('usersShowMe')
      assert.deepEqual([me.response.users[0].id, me.meta.code], [ids.ben, 200])
      assert.equal(
        (await one(ben, 'placesShow', 'places', { place_id: made.place })).name,
        'Pier 7',
      )
      const file = await one(ben, 'filesShow', 'files', { file_id: made.file })
      assert.equal(await (await fetch(file.url)).text(), 'rocks here')
      const photo = await one(ann, 'photosShow', 'photos', { photo_id: made.photo })
      assert.deepEqual(await sizeAt(photo.urls.square), [80, 80])
      await sleep(1500)
      assert.deepEqual(pushed, [{ android: { alert: 'High water' } }])
      assert.deepEqual(pushedTo('ben-phone'), pushed)
      assert.deepEqual(pushedTo('ann-phone'), pushed)
    })

    it('takes back a like, and the friendship', async () => {
      const { ann, ben, ids } = scene
      await ben.call('likesDelete', { checkin_id: made.checkin })
      const checkin = { checkin_id: made.checkin }
      assert.ok(!(await one(ann, 'checkinsShow', 'checkins', checkin)).likes_count)
      await ann.call('friendsRemove', { user_ids: ids.ben })
      assert.equal((await ben.call('friendsQuery')).response.users, undefined)
      await ben.call('friendsAdd', { user_ids: ids.ann, approval_required: false })
      assert.deepEqual(idsOf(await ann.call('friendsQuery'), 'users'), [ids.ben])
    })

    it('loses a user, whose devices and friendships go and whose content stays', async () => {
      const { admin, ann, ben, ids } = scene
      await ben.call('usersDelete')
      assert.equal((await ben.refused('usersShowMe'))[0], 404)
      const again = { login: 'ben', password: 'secret' }
      assert.equal((await scene.client().refused('usersLogin', again))[0], 401)
      assert.equal((await ann.refused('usersShow', { user_id: ids.ben }))[0], 400)
      const gone = ({ response }: Awaited<ReturnType<typeof ann.call>>) => !response.users
      await scene.until('the friendship ends', () => ann.call('friendsQuery'), gone)
      const { response } = await admin.call('pushNotificationsQuery')
      const tokens = response.subscriptions.map(
        (each: { device_token: string }) => each.device_token,
      )
      assert.deepEqual(tokens, ['ann-phone'])
      const of = { place_id: made.place, response_json_depth: 2 }
      const review = await one(ann, 'reviewsQuery', 'reviews', of)
      assert.deepEqual(
        [review.content, review.user, review.user_id],
        ['Friendly', undefined, ids.ben],
      )
      assert.equal((await one(ann, 'placesShow', 'places', of)).reviews_count, 1)
      const inThread = { thread_id: made.thread }
      assert.equal((await ann.call('messagesShowThread', inThread)).response.messages.length, 2)
    })

    it('never made the server log a problem', () => {
      assert.deepEqual(scene.server.problems, [])
    })
  })
}
