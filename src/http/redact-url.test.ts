import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { redactedUrl } from './redact-url.ts'

describe('redactedUrl', () => {
  for (const [url, logged] of [
    ['/v1/places/show.json', '/v1/places/show.json'],
    ['/v1/places/show.json?key=abc&place_id=51a0', '/v1/places/show.json?key=*&place_id=51a0'],
    [
      '/a?_session_id=abc&session_id=abc&client_id=abc',
      '/a?_session_id=*&session_id=*&client_id=*',
    ],
    ['/a?oauth_consumer_key=abc&oauth_signature=x%3D', '/a?oauth_consumer_key=*&oauth_signature=*'],
    ['/a?login=ada&password=x&where={"email":1}', '/a?login=*&password=*&where=*'],
    ['/a?page=2&per_page=10&user_ids=1,2', '/a?page=2&per_page=10&user_ids=1,2'],
    // A secret where a name should be, or in an encoded name, is no better known.
    ['/a?2975478cf147056288c85d9fe2c71022', '/a?*'],
    ['/a?%6bey=abc&=abc', '/a?*&*'],
    ['/a?', '/a?*'],
    ['/a?b=c?password=x', '/a?b=*'],
    ['/setup?token=abc', '/setup?token=*'],
  ] as const) {
    it(url, () => assert.equal(redactedUrl(url), logged))
  }

  it('is not endless', () => {
    assert.equal(redactedUrl(`/${'a'.repeat(5000)}?${'b=1&'.repeat(5000)}`).length, 1000)
  })
})
