import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { onEachDatabase, type TestUser } from '../support/test-app.ts'

const UNKNOWN = '0'.repeat(24)

type Message = {
  readonly id: string
  readonly body: string
  readonly status: string
  readonly thread_id: string
}

onEachDatabase('messages', (app) => {
  const three = () => Promise.all([app().user(), app().user(), app().user()])
  const send = async (as: TestUser, to: readonly TestUser[], values = {}): Promise<Message> => {
    const sent = { to_ids: to.map(({ id }) => id).join(','), body: 'b', ...values }
    const { status, body } = await app().post('messages/create', sent, as)
    assert.equal(status, 200, body.meta.message)
    return body.response.messages[0]
  }
  const reply = async (as: TestUser, message_id: string, text: string): Promise<Message> => {
    const { status, body } = await app().post('messages/reply', { message_id, body: text }, as)
    assert.equal(status, 200, body.meta.message)
    assert.equal(body.meta.method_name, 'replyMessage')
    return body.response.messages[0]
  }
  const list = async (name: string, as: TestUser, values = {}): Promise<Message[]> => {
    const { status, body } = await app().get(`messages/show/${name}`, values, as)
    assert.equal(status, 200, body.meta.message)
    return body.response.messages
  }
  const bodies = (messages: readonly Message[]) => messages.map((one) => one.body)
  const statuses = (messages: readonly Message[]) => messages.map((one) => one.status)
  const count = async () => Number((await app().get('messages/count')).body.meta.count)

  describe('create', () => {
    it('gives the sender a copy, and each recipient his own', async () => {
      const [ann, bob, cid] = await three()
      const before = await count()
      const values = { subject: 'Mooring', body: 'Berth 12', custom_fields: { berth: 12 } }
      const to_ids = [bob.id, cid.id]
      const sent = { ...values, to_ids: to_ids.join(',') }
      const { body } = await app().post('messages/create', sent, ann)
      assert.equal(body.meta.method_name, 'createMessage')
      const [copy] = body.response.messages
      const { id, created_at, updated_at } = copy
      const dates = { created_at, updated_at }
      const members = { ...values, thread_id: id, from_id: ann.id, to_ids }
      assert.deepEqual(copy, { id, status: 'sent', ...members, ...dates })
      assert.equal(await count(), before + 3)
      for (const one of [bob, cid]) {
        const [got, ...others] = await list('inbox', one)
        assert.deepEqual(others, [])
        assert.deepEqual(got, { ...members, id: got?.id, status: 'unread', ...dates })
        assert.deepEqual(await list('sent', one), [])
      }
      assert.deepEqual(await list('inbox', ann), [])
      assert.deepEqual(statuses(await list('sent', ann)), ['sent'])
      const deep = await app().get('messages/show', { message_id: id, response_json_depth: 2 }, ann)
      const [{ from, to }] = deep.body.response.messages
      assert.deepEqual([from.id, to.map((user: TestUser) => user.id)], [ann.id, to_ids])
      assert.equal('to_ids' in deep.body.response.messages[0], false)
    })

    it('shows less of its users than they show elsewhere', async () => {
      const [ann, bob] = await three()
      const { id } = await send(ann, [bob])
      const { body } = await app().get('users/show', { user_id: ann.id })
      const { admin, confirmed_at, stats, friend_counts, ...members } = body.response.users[0]
      assert.ok(admin && confirmed_at && stats && friend_counts)
      const deep = await app().get('messages/show', { message_id: id, response_json_depth: 2 }, ann)
      const [{ from, to }] = deep.body.response.messages
      assert.deepEqual(from, members)
      assert.deepEqual(Object.keys(to[0]).sort(), Object.keys(members).sort())
    })

    for (const [why, values, message] of [
      ['nobody is named', { body: 'b' }, 'Required field: to_ids'],
      ['an id is malformed', { body: 'b', to_ids: 'x' }, 'Illegal to_ids format'],
      ['a user is unknown', { body: 'b', to_ids: UNKNOWN }, 'Invalid user id(s)'],
    ] as const) {
      it(`refuses a message when ${why}`, async () => {
        const before = await count()
        const { status, body } = await app().post('messages/create', values, await app().user())
        assert.deepEqual([status, body.meta.message], [400, message])
        assert.equal(await count(), before)
      })
    }

    it('refuses a message without a body, a login, or rights on another user', async () => {
      const [ann, bob] = await three()
      const before = await count()
      const text = "Failed to send message: Validation failed - Body can't be blank."
      for (const values of [{ to_ids: bob.id }, { to_ids: bob.id, body: ' ' }]) {
        const { status, body } = await app().post('messages/create', values, ann)
        assert.deepEqual([status, body.meta.message], [400, text])
      }
      const values = { to_ids: bob.id, body: 'b' }
      assert.equal((await app().post('messages/create', values)).status, 401)
      const forBob = { ...values, su_id: bob.id }
      assert.equal((await app().post('messages/create', forBob, ann)).status, 403)
      assert.equal(await count(), before)
      const admin = await app().admin('message-admin')
      const { body } = await app().post('messages/create', { ...values, su_id: ann.id }, admin)
      assert.equal(body.response.messages[0].from_id, ann.id)
      assert.equal((await list('sent', ann)).length, 1)
    })

    it('sends to oneself as well', async () => {
      const ann = await app().user()
      await send(ann, [ann], { body: 'note' })
      assert.deepEqual(bodies(await list('inbox', ann)), ['note'])
      assert.deepEqual(statuses(await list('threads', ann)), ['unread'])
    })
  })

  describe('reply', () => {
    it('goes to the sender and all other recipients, in the same thread', async () => {
      const [ann, bob, cid] = await three()
      const sent = await send(ann, [bob, cid], { subject: 's' })
      const [got] = await list('inbox', bob)
      assert.ok(got)
      const answer = await reply(bob, got.id, 'thanks')
      const { id, created_at, updated_at } = answer as Message & Record<string, unknown>
      const rest = { thread_id: sent.thread_id, subject: 's', body: 'thanks', from_id: bob.id }
      const to_ids = [ann.id, cid.id]
      assert.deepEqual(answer, { id, status: 'sent', ...rest, to_ids, created_at, updated_at })
      assert.deepEqual(statuses(await list('inbox', bob)), ['replied'])
      assert.deepEqual(bodies(await list('inbox', ann)), ['thanks'])
      assert.deepEqual(bodies(await list('inbox', cid)), ['thanks', 'b'])
      assert.deepEqual(statuses(await list('inbox', cid)), ['unread', 'unread'])
    })

    it("to one's own message goes to its recipients, and leaves it sent", async () => {
      const [ann, bob] = await three()
      const sent = await send(ann, [bob])
      await reply(ann, sent.id, 'one more thing')
      assert.deepEqual(bodies(await list('inbox', bob)), ['one more thing', 'b'])
      assert.deepEqual(statuses(await list('sent', ann)), ['sent', 'sent'])
    })

    it('leaves out who is gone', async () => {
      const [ann, bob, cid] = await three()
      await send(ann, [bob, cid])
      const [got] = await list('inbox', bob)
      await app().del('users/delete', {}, cid)
      const answer = await reply(bob, got?.id ?? '', 'x')
      assert.deepEqual((answer as unknown as { to_ids: string[] }).to_ids, [ann.id])
      await app().del('users/delete', {}, ann)
      const values = { message_id: got?.id, body: 'y' }
      const { status, body } = await app().post('messages/reply', values, bob)
      assert.deepEqual([status, body.meta.message], [400, 'Invalid user id(s)'])
    })

    it('refuses what is missing, or not the caller’s own', async () => {
      const [ann, bob, cid] = await three()
      const { id: message_id } = await send(ann, [bob])
      const before = await count()
      for (const [values, as, status, message] of [
        [{ body: 'x' }, ann, 400, 'Required field: message_id'],
        [
          { message_id },
          ann,
          400,
          "Failed to send message: Validation failed - Body can't be blank.",
        ],
        [{ message_id, body: 'x' }, bob, 400, 'Invalid message id'],
        [{ message_id, body: 'x' }, cid, 400, 'Invalid message id'],
        [{ message_id: UNKNOWN, body: 'x' }, ann, 400, 'Invalid message id'],
        [{ message_id, body: 'x' }, null, 401, 'You need to sign in or sign up before continuing.'],
      ] as const) {
        const answer = await app().post('messages/reply', values, as)
        assert.deepEqual([answer.status, answer.body.meta.message], [status, message])
      }
      assert.equal(await count(), before)
    })

    it('keeps one head of the thread when all answer at the same time', async () => {
      const [ann, bob, cid] = await three()
      await send(ann, [bob, cid])
      const [[toBob], [toCid]] = [await list('inbox', bob), await list('inbox', cid)]
      const answers = Array.from({ length: 10 }, (_, at) =>
        at % 2 ? reply(bob, toBob?.id ?? '', `${at}`) : reply(cid, toCid?.id ?? '', `${at}`),
      )
      await Promise.all(answers)
      assert.equal((await list('inbox', ann)).length, 10)
      for (const one of [ann, bob, cid]) {
        const [head, ...others] = await list('threads', one)
        const [newest] = await list('inbox', one)
        assert.deepEqual([head?.id, others], [newest?.id, []])
      }
    })
  })

  describe('show', () => {
    it('marks a message of the caller as read', async () => {
      const [ann, bob] = await three()
      const sent = await send(ann, [bob])
      const [got] = await list('inbox', bob)
      const { body } = await app().get('messages/show', { message_id: got?.id }, bob)
      assert.equal(body.meta.method_name, 'showMessage')
      assert.equal(body.response.messages[0].status, 'read')
      assert.deepEqual(statuses(await list('inbox', bob)), ['read'])
      const own = await app().get('messages/show', { message_id: sent.id }, ann)
      assert.equal(own.body.response.messages[0].status, 'sent')
    })

    it('refuses what is missing, or not the caller’s own', async () => {
      const [ann, bob] = await three()
      const { id: message_id } = await send(ann, [bob])
      const admin = await app().admin('message-show-admin')
      for (const [values, as, status, message] of [
        [{}, ann, 400, 'Required field: message_id'],
        [{ message_id }, bob, 400, 'Invalid message id'],
        [{ message_id }, admin, 400, 'Invalid message id'],
        [{ message_id: 'x' }, ann, 400, 'Invalid message id'],
        [{ message_id }, null, 401, 'You need to sign in or sign up before continuing.'],
      ] as const) {
        const answer = await app().get('messages/show', values, as)
        assert.deepEqual([answer.status, answer.body.meta.message], [status, message])
      }
      for (const path of ['inbox', 'sent', 'threads', 'thread']) {
        const values = path === 'thread' ? { thread_id: message_id } : {}
        assert.equal((await app().get(`messages/show/${path}`, values)).status, 401, path)
      }
      assert.equal((await app().get('messages/query')).status, 401)
    })

    it('is not got round by relations', async () => {
      const [ann, bob, eve] = await three()
      const { id } = await send(ann, [bob], { body: 'secret' })
      const make = async (as: TestUser) => {
        const values = { fields: { '[ACS_Message]a_id': id }, response_json_depth: 2 }
        const { body } = await app().post('objects/spies/create', values, as)
        return body.response.spies[0]['[ACS_Message]a_id']
      }
      assert.deepEqual(await make(eve), [])
      assert.equal((await make(ann))[0].body, 'secret')
    })
  })

  describe('lists', () => {
    it('come in pages, the newest first', async () => {
      const [ann, bob] = await three()
      for (const body of ['1', '2', '3']) await send(ann, [bob], { body })
      for (const [path, as, name] of [
        ['inbox', bob, 'showMessagesInbox'],
        ['sent', ann, 'showMessagesSent'],
        ['threads', bob, 'showThreads'],
      ] as const) {
        const { body } = await app().get(`messages/show/${path}`, { per_page: 2 }, as)
        const { method_name, page, per_page, total_pages, total_results } = body.meta
        assert.deepEqual([method_name, page, per_page, total_pages], [name, 1, 2, 2])
        assert.equal(total_results, 3)
        assert.deepEqual(bodies(body.response.messages), ['3', '2'])
        assert.deepEqual(bodies(await list(path, as, { page: 2, per_page: 2 })), ['1'])
      }
    })

    it('threads shows the newest that came in each, or went out when none came', async () => {
      const [ann, bob] = await three()
      await send(ann, [bob], { body: 'first' })
      assert.deepEqual(bodies(await list('threads', ann)), ['first'])
      const [got] = await list('inbox', bob)
      await reply(bob, got?.id ?? '', 'answer')
      assert.deepEqual(bodies(await list('threads', ann)), ['answer'])
      assert.deepEqual(bodies(await list('threads', bob)), ['first'])
      await send(bob, [ann], { body: 'other' })
      assert.deepEqual(bodies(await list('threads', ann)), ['other', 'answer'])
    })

    it('thread shows all of it, and marks what was unread as read', async () => {
      const [ann, bob, cid] = await three()
      const { thread_id } = await send(ann, [bob], { body: 'first' })
      const [got] = await list('inbox', bob)
      await reply(bob, got?.id ?? '', 'answer')
      const thread = await list('thread', ann, { thread_id })
      assert.deepEqual(bodies(thread), ['answer', 'first'])
      assert.deepEqual(statuses(thread), ['read', 'sent'])
      assert.deepEqual(statuses(await list('inbox', ann)), ['read'])
      assert.deepEqual(statuses(await list('thread', bob, { thread_id })), ['sent', 'replied'])
      for (const [values, as, message] of [
        [{}, ann, 'Required field: thread_id'],
        [{ thread_id }, cid, 'Invalid thread id'],
        [{ thread_id: UNKNOWN }, ann, 'Invalid thread id'],
      ] as const) {
        const { status, body } = await app().get('messages/show/thread', values, as)
        assert.deepEqual([status, body.meta.message], [400, message])
      }
      const { body } = await app().get('messages/show/thread', { thread_id, per_page: 1 }, ann)
      assert.deepEqual([body.meta.method_name, body.meta.total_results], ['showThreadMessages', 2])
    })
  })

  it('query finds in the own box', async () => {
    const [ann, bob, cid] = await three()
    await send(ann, [bob], { subject: 'Mooring', custom_fields: { berth: 12 } })
    await send(bob, [cid], { subject: 'Other' })
    const found = async (where: Record<string, unknown>, as: TestUser) => {
      const { body } = await app().get('messages/query', { where }, as)
      assert.equal(body.meta.method_name, 'queryMessages')
      return body.response.messages.map((one: { subject: string }) => one.subject)
    }
    assert.deepEqual(await found({}, bob), ['Other', 'Mooring'])
    assert.deepEqual(await found({ status: 'unread' }, bob), ['Mooring'])
    assert.deepEqual(await found({ berth: 12 }, bob), ['Mooring'])
    assert.deepEqual(await found({ from_id: ann.id }, bob), ['Mooring'])
    assert.deepEqual(await found({ to_ids: cid.id }, bob), ['Other'])
    assert.deepEqual(await found({ subject: 'Mooring' }, cid), [])
    assert.deepEqual(await found({ user_id: ann.id }, cid), [])
  })

  describe('delete', () => {
    it("takes the caller's own copy for good, and another stands for the thread", async () => {
      const [ann, bob] = await three()
      const sent = await send(ann, [bob], { body: 'first' })
      await reply(ann, sent.id, 'second')
      const [second, first] = await list('inbox', bob)
      assert.deepEqual(bodies(await list('threads', bob)), ['second'])
      const remove = (message_id: string | undefined, as: TestUser | null, values = {}) =>
        app().del('messages/delete', { message_id, ...values }, as)
      for (const as of [ann, await app().user()]) {
        const { status, body } = await remove(second?.id, as)
        assert.deepEqual([status, body.meta.message], [400, 'Invalid message id'])
      }
      assert.equal((await remove(second?.id, null)).status, 401)
      const { status, body } = await remove(second?.id, bob)
      assert.deepEqual([status, body.meta.method_name], [200, 'deleteMessage'])
      assert.deepEqual(bodies(await list('threads', bob)), ['first'])
      assert.equal((await list('sent', ann)).length, 2)
      assert.equal((await remove(first?.id, ann, { su_id: bob.id })).status, 403)
      const admin = await app().admin('message-delete-admin')
      assert.equal((await remove(first?.id, admin, { su_id: bob.id })).status, 200)
      assert.deepEqual(await list('threads', bob), [])
      assert.equal((await remove(first?.id, bob)).body.meta.message, 'Invalid message id')
    })

    it('thread takes all own copies of it, and those of the others stay', async () => {
      const [ann, bob] = await three()
      const { thread_id, id } = await send(ann, [bob])
      await reply(ann, id, 'second')
      await send(ann, [bob], { body: 'stays' })
      const remove = (values: Record<string, unknown>, as: TestUser) =>
        app().del('messages/delete/thread', values, as)
      const { status, body } = await remove({ thread_id }, bob)
      assert.deepEqual([status, body.meta.method_name], [200, 'deleteMessageThread'])
      assert.deepEqual(bodies(await list('inbox', bob)), ['stays'])
      assert.deepEqual(bodies(await list('threads', bob)), ['stays'])
      assert.equal((await list('sent', ann)).length, 3)
      const again = await remove({ thread_id }, bob)
      assert.deepEqual([again.status, again.body.meta.message], [400, 'Invalid thread id'])
      assert.equal((await remove({}, bob)).body.meta.message, 'Required field: thread_id')
    })
  })

  it('does not reach into another backend', async () => {
    const [ann, bob] = await three()
    const { id: message_id, thread_id } = await send(ann, [bob])
    const other = await app().newBackend('messages-other')
    const eve = await app().user('eve', other)
    const on = (verb: 'GET' | 'POST' | 'DELETE', path: string, values: Record<string, unknown>) =>
      app().call(verb, path, values, eve, other)
    assert.equal((await on('GET', 'messages/show', { message_id })).status, 400)
    assert.equal((await on('DELETE', 'messages/delete', { message_id })).status, 400)
    assert.equal((await on('DELETE', 'messages/delete/thread', { thread_id })).status, 400)
    assert.equal((await on('POST', 'messages/create', { to_ids: bob.id, body: 'x' })).status, 400)
    assert.equal((await list('inbox', bob)).length, 1)
  })
})
