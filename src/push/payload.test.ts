import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { bodyFor, changedBadge, isSilent, parseBadge, parsePayload } from './payload.ts'

const body = (type: string, text: string, badge: number | null = null) =>
  JSON.parse(bodyFor(type, parsePayload(text), badge))

describe('bodyFor', () => {
  const sent = JSON.stringify({
    ...{ alert: 'Gale', badge: '+1', sound: 'default', title: 'Port', berth: 7 },
    ...{ 'content-available': 1, category: 'c', icon: 'i', vibrate: true },
  })
  const known = {
    ...{ alert: 'Gale', badge: 3, sound: 'default', title: 'Port' },
    ...{ 'content-available': 1, category: 'c', icon: 'i', vibrate: true },
  }

  it('groups known members under aps on iOS, with custom ones beside it', () => {
    assert.deepEqual(body('ios', sent, 3), { aps: known, berth: 7 })
  })

  for (const type of ['android', 'gcm']) {
    it(`groups them under android for ${type}`, () => {
      assert.deepEqual(body(type, sent, 3), { android: known, berth: 7 })
    })
  }

  it('leaves all side by side for browsers', () => {
    assert.deepEqual(body('web', sent, 3), { ...known, berth: 7 })
  })

  for (const text of ['Gale at six', '5', '"x"', '[1]', '{"a":']) {
    it(`takes ${text} for the alert`, () => {
      assert.deepEqual(body('ios', text), { aps: { alert: text } })
      assert.deepEqual(body('android', text), { android: { alert: text } })
    })
  }

  it('adds to a group that was sent as such', () => {
    const text = '{"aps":{"mutable-content":1},"android":{"a":1},"alert":"x"}'
    assert.deepEqual(body('ios', text), {
      aps: { 'mutable-content': 1, alert: 'x' },
      android: { a: 1 },
    })
  })

  it('wakes the app on iOS where there is nothing to show', () => {
    assert.deepEqual(body('ios', '{"berth":7}'), { aps: { 'content-available': 1 }, berth: 7 })
    assert.equal(isSilent(parsePayload('{"berth":7}')), true)
    assert.equal(isSilent(parsePayload('{"badge":7}')), false)
    assert.equal(isSilent(parsePayload('Gale')), false)
  })
})

describe('badges', () => {
  for (const [text, present, after] of [
    ['5', 2, 5],
    [5, 2, 5],
    ['+2', 2, 4],
    [' 2', 2, 4],
    ['-1', 2, 1],
    [-1, 2, 1],
    ['-5', 2, 0],
    ['0', 2, 0],
    ['+9999999999', 2, 2_147_483_647],
  ] as const) {
    it(`of ${present} become ${after} by ${JSON.stringify(text)}`, () => {
      const change = parseBadge(text)
      assert.ok(change)
      assert.equal(changedBadge(present, change), after)
    })
  }

  for (const text of ['', 'x', '1.5', '--1', '1e3', null, undefined, {}]) {
    it(`are not changed by ${JSON.stringify(text)}`, () => {
      assert.equal(parseBadge(text), null)
    })
  }
})
