import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import fastify, { type FastifyInstance } from 'fastify'
import { loggerOn } from './logger.ts'
import { loggingOptions, mountAccessLog } from './logging.ts'

describe('the access log', () => {
  const lines: string[] = []
  let app: FastifyInstance

  before(async () => {
    const logger = loggerOn('info', { write: (line: string) => lines.push(line) })
    app = fastify(loggingOptions(logger))
    mountAccessLog(app, logger)
    app.get('/a', async () => 'a')
    app.get('/fail', async (request) => {
      request.log.error({ err: Object.assign(new Error('no'), { query: 'sekrit' }) }, 'failed')
      request.log.error({ req: request }, 'failed')
      throw new Error('no')
    })
    await app.ready()
  })
  after(() => app.close())

  const call = async (url: string, headers: Record<string, string> = {}) => {
    lines.length = 0
    const reply = await app.inject({ url, headers })
    return { reply, logged: lines.map((line) => JSON.parse(line)) }
  }

  it('has one line for a request, with the id that the reply carries', async () => {
    const { reply, logged } = await call('/a?page=1')
    assert.equal(logged.length, 1)
    const { requestId, method, url, status, durationMs, level } = logged[0]
    assert.deepEqual([method, url, status, level], ['GET', '/a?page=1', 200, 'info'])
    assert.equal(typeof durationMs, 'number')
    assert.equal(reply.headers['x-request-id'], requestId)
  })

  it('takes over the id of a proxy', async () => {
    const { reply, logged } = await call('/a', { 'x-request-id': 'edge-17:4' })
    assert.equal(logged[0].requestId, 'edge-17:4')
    assert.equal(reply.headers['x-request-id'], 'edge-17:4')
  })

  for (const [why, id] of [
    ['too long', 'a'.repeat(129)],
    ['not plain', 'a b"}'],
    ['empty', ''],
  ] as const) {
    it(`makes its own id when that of the client is ${why}`, async () => {
      const { logged } = await call('/a', { 'x-request-id': id })
      assert.match(logged[0].requestId, /^[0-9a-f-]{36}$/)
    })
  }

  it('holds no secret, whatever is logged', async () => {
    const headers = { authorization: 'Bearer sekrit', cookie: '_session_id=sekrit', key: 'sekrit' }
    const { logged } = await call('/fail?key=sekrit&_session_id=sekrit', headers)
    assert.ok(logged.length >= 3)
    assert.doesNotMatch(lines.join(), /sekrit/)
  })
})
