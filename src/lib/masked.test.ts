import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { masked, maskedUrl } from './masked.ts'

describe('maskedUrl', () => {
  for (const [url, shown] of [
    ['smtp://ada:geheim@mail.example.org:587', 'smtp://ada:***@mail.example.org:587'],
    ['smtps://ada:a:b@c@mail.example.org', 'smtps://ada:***@mail.example.org'],
    ['https://:geheim@example.org/a?b=c', 'https://:***@example.org/a?b=c'],
    ['smtp://ada@mail.example.org', 'smtp://ada@mail.example.org'],
    ['https://example.org/a:b@c', 'https://example.org/a:b@c'],
    ['mail: ada:geheim@example.org', 'mail: ada:geheim@example.org'],
    ['', ''],
  ] as const) {
    it(`shows ${shown || 'nothing of nothing'}`, () => assert.equal(maskedUrl(url), shown))
  }
})

describe('masked', () => {
  it('hides what is called a secret, however deep, and nothing else', () => {
    const value = {
      clientId: 'abc',
      clientSecret: 'x',
      auth: { user: 'ada', password: 'x', apiToken: 'x', tokens: 3 },
      urls: ['https://ada:x@example.org', 'plain'],
      nothing: null,
    }
    assert.deepEqual(masked('settings', value), {
      clientId: 'abc',
      clientSecret: '***',
      auth: { user: 'ada', password: '***', apiToken: '***', tokens: 3 },
      urls: ['https://ada:***@example.org', 'plain'],
      nothing: null,
    })
  })

  it('tells that there is no secret', () => {
    assert.equal(masked('password', null), null)
    assert.equal(masked('password', undefined), null)
    assert.equal(masked('password', ''), '***')
  })
})
