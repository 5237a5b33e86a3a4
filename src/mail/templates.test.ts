import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { ApiError } from '../errors.ts'
import { CONFIRMATION_MAIL, PASSWORD_RESET_MAIL, WELCOME_MAIL } from './default-templates.ts'
import { checkTemplate, renderMail } from './templates.ts'

const INVALID = { code: 'param_invalid' }

describe('renderMail', () => {
  const template = {
    subject: 'For {{name}}',
    html: '<p>{{name}} {{missing}}</p>',
    plain: '{{name}}, {{ confirmation_token }}',
  }

  it('fills in values: as text in the html body, as they are in the plain one', () => {
    const values = { name: '<b>Ada & Co</b>', confirmation_token: 'a"b' }
    assert.deepEqual(renderMail(template, values), {
      subject: 'For <b>Ada & Co</b>',
      html: '<p>&lt;b&gt;Ada &amp; Co&lt;/b&gt; </p>',
      text: '<b>Ada & Co</b>, a"b',
    })
  })

  it('keeps the subject on one line', () => {
    const mail = renderMail(template, { name: 'Ada\r\nBcc: eve@example.org' })
    assert.equal(mail.subject, 'For Ada Bcc: eve@example.org')
  })

  it('does not take what a value holds for a template', () => {
    const mail = renderMail(template, { name: '{{confirmation_token}}', confirmation_token: 'x' })
    assert.equal(mail.text, '{{confirmation_token}}, x')
  })

  it('has the bodies that were asked for', () => {
    assert.deepEqual(Object.keys(renderMail(template, {}, 'html')), ['subject', 'html'])
    assert.deepEqual(Object.keys(renderMail(template, {}, 'plain')), ['subject', 'text'])
    assert.deepEqual(Object.keys(renderMail(template, {}, 'multipart')), [
      'subject',
      'html',
      'text',
    ])
    const plainOnly = { subject: 's', plain: 'p', html: null }
    assert.deepEqual(renderMail(plainOnly, {}), { subject: 's', text: 'p' })
    assert.throws(() => renderMail(plainOnly, {}, 'html'), { ...INVALID, message: /content_type/ })
    assert.throws(() => renderMail(plainOnly, {}, 'multipart'), INVALID)
    assert.throws(() => renderMail({ subject: 's' }, {}), { ...INVALID, message: /plain_body/ })
  })

  const hostile: readonly (readonly [string, string])[] = [
    ['loops', '{% for i in (1..9) %}x{% endfor %}'],
    ['makes a table of rows', '{% tablerow i in (1..9) %}x{% endtablerow %}'],
    [
      'doubles a text again and again',
      `{% assign a = "xxxxxxxxxx" %}${'{% assign a = a | append: a %}'.repeat(40)}{{a}}`,
    ],
    ['writes too much', `{% assign a = "${'x'.repeat(50_000)}" %}${'{{a}}'.repeat(100)}`],
    ['nests too deep', '{% if a %}'.repeat(10_000)],
    ['is too long', 'x'.repeat(100_001)],
    ['includes a file', '{% include "/etc/passwd" %}'],
    ['renders another template', '{% render "other" %}'],
    ['has a layout', '{% layout "other" %}'],
    ['is not closed', '{% if name %}'],
    ['uses an unknown filter', '{{ name | shout }}'],
  ]
  for (const [why, html] of hostile) {
    it(`refuses a template that ${why}, by what it does`, () => {
      assert.throws(
        () => checkTemplate({ subject: 's', html }),
        (error: ApiError) => error.code === 'param_invalid' && !/time|duration/.test(error.message),
      )
    })
  }

  it('reaches no more of a value than its own members', () => {
    const html = '{{name.constructor}}{{name.__proto__}}{{constructor}}{{list.map}}{{list.size}}'
    assert.equal(renderMail({ subject: 's', html }, { name: 'a', list: [1, 2] }).html, '2')
  })
})

describe('default templates', () => {
  const values = { app_name: 'Pier & Co', name: 'Ada', link: 'https://x.org/?a=1&b=2' }

  it('have the subjects that the original service used', () => {
    const subjectOf = (mail: typeof WELCOME_MAIL) => renderMail(mail, values).subject
    assert.equal(subjectOf(CONFIRMATION_MAIL), 'Email Verification Instructions for Pier & Co')
    assert.equal(subjectOf(PASSWORD_RESET_MAIL), 'Password reset request for Pier & Co')
    assert.equal(subjectOf(WELCOME_MAIL), 'Welcome to Pier & Co')
  })

  it('greet by name where there is one, and carry the link', () => {
    const named = renderMail(CONFIRMATION_MAIL, values)
    assert.match(named.text ?? '', /^Hello Ada,/)
    assert.ok(named.text?.includes('\nhttps://x.org/?a=1&b=2\n'))
    assert.ok(named.html?.includes('href="https://x.org/?a=1&amp;b=2"'))
    const nameless = renderMail(PASSWORD_RESET_MAIL, { ...values, name: undefined })
    assert.match(nameless.text ?? '', /^Hello,/)
  })
})
