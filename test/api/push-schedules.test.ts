import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { removeExpired } from '../../src/engine/upkeep.ts'
import { formatDate } from '../../src/lib/dates.ts'
import { oldPushLogs } from '../../src/objects/push/retention.ts'
import { runTick } from '../../src/objects/push/tick.ts'
import { androidPayloads, configure, FCM, pushServices, reached } from '../support/push-app.ts'
import { onEachDatabase, type TestUser } from '../support/test-app.ts'

const { services, env } = await pushServices()
const S = 'push_schedules'
const DAY_MS = 86_400_000

onEachDatabase(
  'push schedules',
  (app) => {
    let backends = 0
    const scene = async () => {
      backends += 1
      const backend = await app().newBackend(`schedules-${backends}`)
      await configure(app(), [FCM], backend)
      const admin = await app().admin('admin', backend)
      const call = (
        verb: 'GET' | 'POST' | 'PUT' | 'DELETE',
        path: string,
        values: Record<string, unknown> = {},
        as: TestUser | null = admin,
      ) => app().call(verb, path, values, as, backend)
      const create = async (schedule: unknown, more = {}) => {
        const { status, body } = await call('POST', `${S}/create`, { schedule, ...more })
        assert.equal(status, 200, body.meta.message)
        assert.equal(body.meta.method_name, 'createPushSchedule')
        return body.response.push_schedules[0]
      }
      const list = async (values = {}) => {
        const { body } = await call('GET', `${S}/query`, values)
        assert.equal(body.meta.method_name, 'queryPushSchedules')
        return body.response.push_schedules
      }
      const subscribe = (device_token: string) =>
        call('POST', 'push_notification/subscribe_token', {
          ...{ channel: 'tide', device_token, type: 'android' },
        })
      const logs = async () => (await call('GET', 'logs/querypushlogs')).body.response.push_logs
      return { backend, admin, call, create, list, subscribe, logs }
    }
    const later = (ms: number) => formatDate(Date.now() + ms)
    const tide = { channel: 'tide', payload: { alert: 'High at 9' } }
    const plan = (changes: Record<string, unknown> = {}) => ({
      ...{ name: 'daily tide', start_time: later(DAY_MS), push_notification: tide, ...changes },
    })

    it('are kept as they were sent, listed, found by name, and deleted', async () => {
      const { create, list, call } = await scene()
      const recurrence = { interval: 'daily', end_time: later(9 * DAY_MS) }
      const one = await create(plan({ recurrence }))
      const two = await create(plan({ name: 'other', recurrence: { interval: 90 } }))
      assert.match(one.start_time, /\+0000$/)
      assert.deepEqual([one.name, one.push_notification], ['daily tide', tide])
      assert.deepEqual(one.recurrence, recurrence)
      assert.deepEqual(two.recurrence, { interval: 90 })
      const ids = (all: { id: string }[]) => all.map(({ id }) => id)
      assert.deepEqual(ids(await list()), [two.id, one.id])
      assert.deepEqual(ids(await list({ name: 'other' })), [two.id])
      assert.deepEqual(ids(await list({ limit: 1, skip: 1 })), [one.id])
      assert.deepEqual(ids(await list({ page: 2, per_page: 1 })), [one.id])
      const values = { ids: `${one.id},${two.id}` }
      const deleted = await call('DELETE', `${S}/delete`, values)
      assert.deepEqual(
        [deleted.status, deleted.body.meta.method_name],
        [200, 'deletePushSchedules'],
      )
      assert.deepEqual(await list(), [])
      assert.equal((await call('DELETE', `${S}/delete`, values)).status, 400)
    })

    it('are reached by the older path and by POST', async () => {
      const { call } = await scene()
      const made = await call('POST', 'push_schedule/create', { schedule: plan() })
      const [{ id }] = made.body.response.push_schedules
      const schedule = { name: 'renamed' }
      const { body } = await call('POST', 'push_schedule/update', { id, schedule })
      assert.equal(body.meta.method_name, 'updatePushSchedule')
      assert.equal(body.response.push_schedules[0].name, 'renamed')
      assert.equal(
        (await call('GET', 'push_schedule/query')).body.response.push_schedules.length,
        1,
      )
      assert.equal((await call('DELETE', 'push_schedule/delete', { ids: id })).status, 200)
    })

    it('fire once at their time, whoever runs the job and how often', async () => {
      const { backend, create, subscribe, logs, list } = await scene()
      await subscribe('boat')
      const at = Math.ceil(Date.now() / 1000) * 1000 + 1000
      const recurrence = { interval: 'weekly' }
      const { id } = await create(plan({ start_time: formatDate(at), recurrence }))
      await app().settle()
      assert.deepEqual(reached(services), [])
      await sleep(at - Date.now() + 50)
      const tick = { id, round: 1, at }
      await Promise.all([1, 2, 3].map(() => runTick(app().context, backend.id, tick)))
      await app().settle()
      assert.deepEqual(reached(services), ['boat'])
      assert.deepEqual(androidPayloads(services).boat, [{ android: { alert: 'High at 9' } }])
      const [log, ...others] = await logs()
      assert.deepEqual(others, [])
      assert.equal(log.push_schedule_id, id)
      assert.equal(log.scheduled_at, new Date(at).toISOString())
      assert.equal((await list()).length, 1)
      const jobs = await app().context.store.takeJobs(at + 7 * DAY_MS, 1000, 1)
      const next = jobs.filter((job) => job.backendId === backend.id)
      assert.deepEqual(
        next.map(({ kind, runAt }) => [kind, runAt]),
        [['push.tick', at + 7 * DAY_MS]],
      )
    })

    it('make up for missed times by one notification, and do not fire when deleted', async () => {
      const { backend, create, subscribe, logs, call } = await scene()
      await subscribe('boat')
      const one = await create(plan({ recurrence: { interval: 'daily' } }))
      const two = await create(plan({ recurrence: { interval: 'daily' } }))
      await call('DELETE', `${S}/delete`, { ids: two.id })
      const at = Date.parse(one.start_time)
      const context = { ...app().context, now: () => at + 10 * DAY_MS + 5 }
      for (const { id } of [one, two]) {
        const first = Date.parse(one.start_time)
        await runTick(context, backend.id, { id, round: 1, at: first })
      }
      assert.equal((await logs()).length, 1)
      const jobs = await app().context.store.takeJobs(at + 12 * DAY_MS, 1000, 1)
      const ticks = jobs.filter((job) => job.backendId === backend.id && job.kind === 'push.tick')
      const next = ticks.filter(({ payload }) => payload.includes(one.id)).map(({ runAt }) => runAt)
      assert.deepEqual(next, [at, at + 11 * DAY_MS])
    })

    it('reach only devices near their place', async () => {
      const { backend, create, subscribe, call } = await scene()
      for (const one of ['near', 'far']) await subscribe(one)
      const loc = { $nearSphere: [-4.48, 54.15], $maxDistance: 0.001 }
      const user = await app().user('u', backend)
      const path = 'push_notification'
      for (const [device_token, where] of [
        ['near', [-4.48, 54.15]],
        ['far', [10, 50]],
      ]) {
        const values = { channel: 'tide', device_token, type: 'android' }
        await call('POST', `${path}/subscribe`, values, user)
        await call('PUT', `${path}/subscription/update`, { device_token, loc: where }, user)
      }
      const at = Math.ceil(Date.now() / 1000) * 1000 + 1000
      const made = await create(plan({ start_time: formatDate(at) }), { where: { loc } })
      assert.equal(made.push_notification.geo_condition, JSON.stringify(loc))
      await sleep(at - Date.now() + 50)
      await app().settle()
      assert.deepEqual(reached(services), ['near'])
    })

    it('change but for their start, and then fire by the new plan alone', async () => {
      const { backend, create, call } = await scene()
      const one = await create(plan({ recurrence: { interval: 'daily' } }))
      const at = Date.parse(one.start_time)
      const schedule = {
        ...{ name: 'weekly', start_time: later(3 * DAY_MS), recurrence: { interval: 'weekly' } },
        push_notification: { payload: 'New' },
      }
      const { status, body } = await call('PUT', `${S}/update`, { id: one.id, schedule })
      assert.equal(status, 200)
      const [changed] = body.response.push_schedules
      assert.deepEqual([changed.name, changed.start_time], ['weekly', one.start_time])
      assert.deepEqual(changed.push_notification, { payload: 'New' })
      assert.deepEqual(changed.recurrence, { interval: 'weekly' })
      await runTick(app().context, backend.id, { id: one.id, round: 1, at })
      assert.equal((await call('GET', 'logs/querypushlogs')).body.response.push_logs.length, 0)
      await runTick(app().context, backend.id, { id: one.id, round: 2, at })
      const [log] = (await call('GET', 'logs/querypushlogs')).body.response.push_logs
      assert.deepEqual([log.payload, log.channel], ['New', null])
    })

    for (const [why, schedule, message] of [
      ['there is none', undefined, 'Required field: schedule'],
      ['there is no start', plan({ start_time: undefined }), /start_time/],
      ['the start is no date', plan({ start_time: 'soon' }), /start_time/],
      ['the start has passed', plan({ start_time: '2019-06-01T06:00' }), /future/],
      ['there is no payload', plan({ push_notification: { channel: 'x' } }), /payload/],
      ['an id is malformed', plan({ push_notification: { ...tide, to_ids: 'x,y' } }), /to_ids/],
      ['the channel is wrong', plan({ push_notification: { ...tide, channel: '#x' } }), /channel/],
      ['the interval is unknown', plan({ recurrence: { interval: 'hourly' } }), /interval/],
      [
        'the end comes before the start',
        plan({ recurrence: { interval: 'daily', end_time: '2019-06-01T06:00' } }),
        /end_time/,
      ],
    ] as const) {
      it(`are refused when ${why}`, async () => {
        const { call, list } = await scene()
        const values = schedule === undefined ? {} : { schedule }
        const { status, body } = await call('POST', `${S}/create`, values)
        assert.equal(status, 400)
        if (typeof message === 'string') assert.equal(body.meta.message, message)
        else assert.match(body.meta.message ?? '', message)
        assert.deepEqual(await list(), [])
      })
    }

    it('are not changed to end in the past, nor when they are not there', async () => {
      const { call, create } = await scene()
      const { id } = await create(plan({ recurrence: { interval: 'daily' } }))
      const past = { recurrence: { interval: 'daily', end_time: '2019-06-01T06:00' } }
      assert.equal((await call('PUT', `${S}/update`, { id, schedule: past })).status, 400)
      const unknown = { id: 'a'.repeat(24), schedule: {} }
      assert.equal((await call('PUT', `${S}/update`, unknown)).status, 400)
    })

    it('are for administrators alone, and of one app', async () => {
      const { call, create, backend } = await scene()
      const { id } = await create(plan())
      const user = await app().user('u', backend)
      const other = await scene()
      for (const [verb, path, values] of [
        ['POST', `${S}/create`, { schedule: plan() }],
        ['PUT', `${S}/update`, { id, schedule: {} }],
        ['GET', `${S}/query`, {}],
        ['DELETE', `${S}/delete`, { ids: id }],
      ] as const) {
        assert.equal((await call(verb, path, values, user)).status, 403, path)
        assert.equal((await call(verb, path, values, null)).status, 401, path)
      }
      assert.deepEqual(await other.list(), [])
      assert.equal((await other.call('DELETE', `${S}/delete`, { ids: id })).status, 400)
      assert.equal((await other.call('PUT', `${S}/update`, { id, schedule: {} })).status, 400)
    })

    it('are at most 100 in an app, also when many come at once', async () => {
      const { call, list } = await scene()
      const make = () => call('POST', `${S}/create`, { schedule: plan() })
      const answers = []
      for (let i = 0; i < 105; i += 15) {
        answers.push(...(await Promise.all(Array.from({ length: 15 }, make))))
      }
      const refused = answers.filter(({ status }) => status !== 200)
      assert.deepEqual([answers.length, refused.length], [105, 5])
      assert.match(refused[0]?.body.meta.message ?? '', /100 push schedules limit exceeded/)
      assert.equal((await list({ limit: 1000 })).length, 100)
    })

    describe('logs', () => {
      it('are kept for three months', async () => {
        const { backend, create, logs } = await scene()
        const { id, start_time } = await create(plan())
        await runTick(app().context, backend.id, { id, round: 1, at: Date.parse(start_time) })
        const signal = new AbortController().signal
        const at = (days: number) => ({ ...app().context, now: () => Date.now() + days * DAY_MS })
        // Ids never go back, and another test has put the clock ahead by some days.
        await removeExpired(at(89), signal, oldPushLogs)
        assert.equal((await logs()).length, 1)
        // The session of the administrator goes with them.
        await removeExpired(at(130), signal, oldPushLogs)
        const query = { backendId: backend.id, type: 'push_log' }
        assert.equal((await app().context.store.count(query)).count, 0)
      })
    })
  },
  env,
)
