import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { headerText, isMailAddress, parseMailbox, parseRecipients } from './address.ts'

describe('isMailAddress', () => {
  for (const address of ['ada@example.org', 'a.b+c@x', "o'neil@example.org", 'jürgen@bücher.de']) {
    it(`takes ${address}`, () => assert.equal(isMailAddress(address), true))
  }

  const refused = [
    '',
    'ada',
    '@example.org',
    'ada@',
    'a@b@c',
    'ada @example.org',
    'ada@example.org\r\nBcc: eve@example.org',
    'ada@example.org\0',
    'ada@example.org,eve@example.org',
    'Ada <ada@example.org>',
    '"ada"@example.org',
    `${'a'.repeat(65)}@example.org`,
    `ada@${'a'.repeat(251)}`,
  ]
  for (const address of refused) {
    it(`refuses ${JSON.stringify(address.slice(0, 30))}`, () => {
      assert.equal(isMailAddress(address), false)
    })
  }
})

describe('parseMailbox', () => {
  it('reads an address with or without a name', () => {
    assert.deepEqual(parseMailbox(' ada@x.org '), { name: '', address: 'ada@x.org' })
    assert.deepEqual(parseMailbox('Ada Q <ada@x.org>'), { name: 'Ada Q', address: 'ada@x.org' })
    assert.deepEqual(parseMailbox('"Q, A" <ada@x.org>'), { name: 'Q, A', address: 'ada@x.org' })
    assert.deepEqual(parseMailbox('A\r\nX: y <ada@x.org>')?.name, 'A X: y')
  })

  it('is null for anything else', () => {
    for (const text of ['', 'Ada', 'Ada <>', 'Ada <ada@x.org> Eve', '<a@x><b@x>', 'a@x, b@x'])
      assert.equal(parseMailbox(text), null)
  })
})

describe('parseRecipients', () => {
  it('reads a list, each address once', () => {
    assert.deepEqual(parseRecipients('a@x.org, b@x.org,,a@x.org ', 'recipients'), [
      'a@x.org',
      'b@x.org',
    ])
  })

  const many = Array.from({ length: 101 }, (_, i) => `a${i}@x.org`).join()
  for (const text of ['', ' , ', 'a@x.org, eve', 'a@x.org\r\nBcc: b@x.org', many]) {
    it(`refuses ${JSON.stringify(text.slice(0, 30))}, naming the parameter`, () => {
      const expected = { code: 'param_invalid', message: /^recipients/ }
      assert.throws(() => parseRecipients(text, 'recipients'), expected)
    })
  }
})

describe('headerText', () => {
  it('is one line, not too long', () => {
    assert.equal(headerText(' Hi\r\nBcc: eve@x.org\u2028\0!\t '), 'Hi Bcc: eve@x.org !')
    assert.equal(headerText('x'.repeat(1000)).length, 255)
  })
})
