import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { onEachDatabase, type TestUser } from '../support/test-app.ts'

const UNKNOWN = '0'.repeat(24)

type Group = { readonly id: string; readonly message: string; readonly participate_ids: string[] }

onEachDatabase('chats', (app) => {
  const three = () => Promise.all([app().user(), app().user(), app().user()])
  const send = async (as: TestUser, to: readonly TestUser[], message: string, values = {}) => {
    const sent = { to_ids: to.map(({ id }) => id).join(','), message, ...values }
    const { status, body } = await app().post('chats/create', sent, as)
    assert.equal(status, 200, body.meta.message)
    assert.equal(body.meta.method_name, 'createChatMessage')
    return body.response.chats[0]
  }
  const groups = async (as: TestUser, values = {}): Promise<Group[]> => {
    const { body } = await app().get('chats/get_chat_groups', values, as)
    assert.equal(body.meta.method_name, 'getChatGroups')
    return body.response.chat_groups
  }
  const texts = async (as: TestUser, values: Record<string, unknown>): Promise<string[]> => {
    const { status, body } = await app().get('chats/query', values, as)
    assert.equal(status, 200, body.meta.message)
    assert.equal(body.meta.method_name, 'queryChatMessages')
    return body.response.chats.map((chat: { message: string }) => chat.message)
  }
  const count = async () => Number((await app().get('chats/count')).body.meta.count)

  describe('create', () => {
    it('makes a group of exactly those users, and finds it again', async () => {
      const [ann, bob, cid] = await three()
      const first = await send(ann, [bob], 'Tide at six', { custom_fields: { mood: 'calm' } })
      const { id, created_at, updated_at, chat_group_id } = first
      const members = { message: 'Tide at six', custom_fields: { mood: 'calm' }, from_id: ann.id }
      assert.deepEqual(first, { id, ...members, chat_group_id, created_at, updated_at })
      for (const [as, to] of [
        [bob, [ann]],
        [ann, [bob, ann, bob]],
      ] as const) {
        assert.equal((await send(as, to, 'again')).chat_group_id, chat_group_id)
      }
      const bigger = await send(ann, [bob, cid], 'All aboard')
      assert.notEqual(bigger.chat_group_id, chat_group_id)
      const values = { chat_group_id, message: 'To the group' }
      const { body } = await app().post('chats/create', values, bob)
      assert.equal(body.response.chats[0].chat_group_id, chat_group_id)
      const inGroup = await texts(ann, { chat_group_id })
      assert.deepEqual(inGroup, ['To the group', 'again', 'again', 'Tide at six'])
    })

    it('shows sender and group at depth 2, and its users at depth 3', async () => {
      const [ann, bob] = await three()
      const second = await send(ann, [bob], 'x', { response_json_depth: 2 })
      assert.deepEqual([second.from.id, 'from_id' in second], [ann.id, false])
      const ids = [ann.id, bob.id].sort()
      assert.deepEqual(second.chat_group.participate_ids, ids)
      const third = await send(ann, [bob], 'y', { response_json_depth: 3 })
      const users = third.chat_group.participate_users.map((user: { id: string }) => user.id)
      assert.deepEqual([users, 'participate_ids' in third.chat_group], [ids, false])
      await app().del('users/delete', {}, bob)
      const [chat] = (
        await app().get(
          'chats/query',
          { chat_group_id: third.chat_group.id, response_json_depth: 3 },
          ann,
        )
      ).body.response.chats
      assert.equal(chat.chat_group.participate_users.length, 1)
    })

    for (const [why, values, message] of [
      ['nobody is named', { message: 'm' }, 'Required field: to_ids or chat_group_id'],
      ['an id is malformed', { to_ids: 'x', message: 'm' }, 'Illegal to_ids format'],
      ['a user is unknown', { to_ids: UNKNOWN, message: 'm' }, 'Invalid user id(s)'],
      ['the group is unknown', { chat_group_id: UNKNOWN, message: 'm' }, 'Invalid chat_group id'],
    ] as const) {
      it(`refuses when ${why}`, async () => {
        const before = await count()
        const ann = await app().user()
        const { status, body } = await app().post('chats/create', values, ann)
        assert.deepEqual([status, body.meta.message], [400, message])
        assert.equal(await count(), before)
        assert.deepEqual(await groups(ann), [])
      })
    }

    it('refuses an empty message, and makes no group of it', async () => {
      const [ann, bob] = await three()
      const { body } = await app().post('chats/create', { to_ids: bob.id, message: ' ' }, ann)
      const text = "Failed to create chat: Validation failed - Message can't be blank."
      assert.equal(body.meta.message, text)
      assert.deepEqual(await groups(bob), [])
    })

    it('is for those in the group, and for administrators on their behalf', async () => {
      const [ann, bob, cid] = await three()
      const { chat_group_id } = await send(ann, [bob], 'x')
      const values = { chat_group_id, message: 'm' }
      assert.equal((await app().post('chats/create', values)).status, 401)
      assert.equal((await app().post('chats/create', values, cid)).status, 401)
      const forAnn = { ...values, su_id: ann.id }
      assert.equal((await app().post('chats/create', forAnn, bob)).status, 403)
      const admin = await app().admin('chat-admin')
      assert.equal((await app().post('chats/create', values, admin)).status, 401)
      const { body } = await app().post('chats/create', forAnn, admin)
      assert.equal(body.response.chats[0].from_id, ann.id)
    })

    it('pushes to the recipients when a channel is named, and only then', async () => {
      const [ann, bob] = await three()
      const logs = async () => {
        const scope = { backendId: app().backend.id, type: 'push_log', limit: 1000 }
        return (await app().context.store.find(scope)).records
      }
      const before = (await logs()).length
      await send(ann, [bob], 'quiet', { payload: '{"alert":"x"}' })
      assert.equal((await logs()).length, before)
      const unpaid = { to_ids: bob.id, message: 'm', channel: 'chat' }
      const { body } = await app().post('chats/create', unpaid, ann)
      assert.equal(body.meta.message, 'Required field: payload')
      await send(ann, [bob], 'loud', { channel: 'chat', payload: '{"alert":"x"}' })
      const [log, ...others] = await logs()
      assert.equal(others.length, before)
      const { to_ids, channel, user_id } = JSON.parse(log?.data ?? '{}')
      assert.deepEqual([to_ids, channel, user_id], [bob.id, 'chat', ann.id])
      await app().settle()
    })

    it('keeps one group, its last message and all chats under twenty writers', async () => {
      const [ann, bob] = await three()
      const sent = Array.from({ length: 20 }, (_, at) =>
        send(at % 2 ? ann : bob, [at % 2 ? bob : ann], `m${at}`),
      )
      const made = await Promise.all(sent)
      assert.equal(new Set(made.map((chat) => chat.chat_group_id)).size, 1)
      const [group, ...others] = await groups(ann)
      assert.deepEqual(others, [])
      const found = await texts(bob, { participate_ids: ann.id, limit: 100 })
      assert.equal(found.length, 20)
      assert.ok(group && found.includes(group.message))
    })
  })

  describe('query', () => {
    it('finds by the users, with the caller named or not, and narrows', async () => {
      const [ann, bob, cid] = await three()
      await send(ann, [bob], 'one')
      await send(bob, [ann], 'two', { custom_fields: { loud: true } })
      await send(ann, [bob, cid], 'three')
      assert.deepEqual(await texts(ann, { participate_ids: bob.id }), ['two', 'one'])
      const both = `${ann.id},${bob.id}`
      assert.deepEqual(await texts(bob, { participate_ids: both }), ['two', 'one'])
      const loud = { participate_ids: ann.id, where: { loud: true } }
      assert.deepEqual(await texts(bob, loud), ['two'])
      assert.deepEqual(await texts(cid, { participate_ids: both }), ['three'])
      assert.deepEqual(await texts(cid, { participate_ids: ann.id }), [])
    })

    it('is for those in the group, and administrators', async () => {
      const [ann, bob, cid] = await three()
      const { chat_group_id } = await send(ann, [bob], 'secret')
      assert.equal((await app().get('chats/query', { chat_group_id })).status, 401)
      assert.equal((await app().get('chats/query', { chat_group_id }, cid)).status, 401)
      const admin = await app().admin('chat-query-admin')
      assert.deepEqual(await texts(admin, { chat_group_id }), ['secret'])
      assert.deepEqual(await texts(admin, { participate_ids: `${bob.id},${ann.id}` }), ['secret'])
      for (const [values, message] of [
        [{}, 'Required: participate_ids or chat_group_id'],
        [{ participate_ids: 'x' }, 'Illegal participate_ids format'],
        [{ chat_group_id: UNKNOWN }, 'Invalid chat_group id'],
      ] as const) {
        const { status, body } = await app().get('chats/query', values, ann)
        assert.deepEqual([status, body.meta.message], [400, message])
      }
    })

    it('is not got round by relations', async () => {
      const [ann, bob, eve] = await three()
      const { id, chat_group_id } = await send(ann, [bob], 'secret')
      const fields = { '[ACS_Chat]a_id': id, '[ACS_ChatGroup]b_id': chat_group_id }
      const make = async (as: TestUser) => {
        const values = { fields, response_json_depth: 2 }
        return (await app().post('objects/spies/create', values, as)).body.response.spies[0]
      }
      const spied = await make(eve)
      assert.deepEqual([spied['[ACS_Chat]a_id'], spied['[ACS_ChatGroup]b_id']], [[], []])
      assert.equal((await make(bob))['[ACS_Chat]a_id'][0].message, 'secret')
    })

    it("knows nothing of another backend's chats", async () => {
      const [ann, bob] = await three()
      const { id, chat_group_id } = await send(ann, [bob], 'x')
      const other = await app().newBackend('chats-other')
      const eve = await app().user('eve', other)
      const query = await app().call('GET', 'chats/query', { chat_group_id }, eve, other)
      assert.equal(query.body.meta.message, 'Invalid chat_group id')
      const gone = await app().call('DELETE', 'chats/delete', { chat_id: id }, eve, other)
      assert.equal(gone.body.meta.message, 'Invalid chat id')
      assert.deepEqual(await texts(ann, { chat_group_id }), ['x'])
    })
  })

  describe('groups', () => {
    it("lists the caller's, the newest activity first, with their last messages", async () => {
      const [ann, bob, cid] = await three()
      const { chat_group_id: first } = await send(ann, [bob], 'one')
      const { chat_group_id: second } = await send(ann, [cid], 'two')
      assert.deepEqual(
        (await groups(ann)).map(({ id }) => id),
        [second, first],
      )
      await send(bob, [ann], 'three')
      const [newest] = await groups(ann)
      assert.deepEqual([newest?.id, newest?.message], [first, 'three'])
      assert.deepEqual(newest?.participate_ids, [ann.id, bob.id].sort())
      assert.equal((await groups(cid)).length, 1)
      const paged = await app().get('chats/get_chat_groups', { page: 2, per_page: 1 }, ann)
      assert.equal(paged.body.response.chat_groups[0].id, second)
      const { page, per_page, total_pages, total_results } = paged.body.meta
      assert.deepEqual([page, per_page, total_pages, total_results], [2, 1, 2, 2])
      const where = { message: 'two' }
      assert.deepEqual((await groups(ann, { where })).length, 1)
      assert.equal((await app().get('chats/get_chat_groups')).status, 401)
    })

    it('query_chat_groups finds those of everyone, for administrators', async () => {
      const [ann, bob, cid] = await three()
      const { chat_group_id } = await send(ann, [bob], 'one')
      const { chat_group_id: all } = await send(ann, [bob, cid], 'two')
      assert.equal((await app().get('chats/query_chat_groups', {}, ann)).status, 403)
      const admin = await app().admin('group-admin')
      const values = { participate_ids: `${ann.id},${bob.id}` }
      const { body } = await app().get('chats/query_chat_groups', values, admin)
      assert.equal(body.meta.method_name, 'queryChatGroups')
      const ids = body.response.chat_groups.map(({ id }: Group) => id)
      assert.deepEqual(ids, [all, chat_group_id])
    })
  })

  describe('delete', () => {
    it('takes a chat of the sender, and the group shows the one before', async () => {
      const [ann, bob] = await three()
      const first = await send(ann, [bob], 'one')
      const { id: chat_id } = await send(ann, [bob], 'two')
      for (const [values, as, status, message] of [
        [{ chat_id }, bob, 400, 'Current user cannot delete this chat'],
        [{ chat_id }, null, 401, 'You need to sign in or sign up before continuing.'],
        [{ chat_id: UNKNOWN }, ann, 400, 'Invalid chat id'],
        [{}, ann, 400, 'Required field: chat_id'],
      ] as const) {
        const answer = await app().del('chats/delete', values, as)
        assert.deepEqual([answer.status, answer.body.meta.message], [status, message])
      }
      const { status, body } = await app().del('chats/delete', { chat_id }, ann)
      assert.deepEqual([status, body.meta.method_name], [200, 'deleteChat'])
      const { chat_group_id } = first
      assert.deepEqual(await texts(bob, { chat_group_id }), ['one'])
      assert.equal((await groups(bob))[0]?.message, 'one')
      await app().del('chats/delete', { chat_id: first.id }, ann)
      assert.equal((await groups(bob))[0]?.message, undefined)
      assert.equal((await send(bob, [ann], 'three')).chat_group_id, chat_group_id)
    })
  })
})
