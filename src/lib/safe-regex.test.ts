import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { checkRegex } from './safe-regex.ts'

const SAFE: readonly [
  expression: string,
  prefix: string,
  isPrefixOnly: boolean,
  pattern?: string,
][] = [
  ['^abc', 'abc', true],
  ['^ab*', 'a', false],
  ['^ab+c', 'ab', false],
  ['^ab?c', 'a', false],
  ['^ab{0,3}', 'a', false],
  ['^ab{2}', 'abb', true],
  ['^ab{2,}', 'abb', false],
  ['^a.c', 'a', false],
  ['^abc$', 'abc', false],
  ['^a|b', '', false],
  ['^a(b|c)', 'a', false, '^a(?:b|c)'],
  ['^a(?:bc)+', 'a', false],
  ['^a\\.b', 'a.b', true],
  ['^1\\d\\D', '1', false, '^1[0-9][^0-9]'],
  ['^a[\\w-]', 'a', false, '^a[A-Za-z0-9_\\-]'],
  ['^a[^x-z]$', 'a', false],
  ['^é𝄞', 'é𝄞', true],
  ['^日本', '日本', true],
]

const REFUSED: readonly string[] = [
  'abc',
  '^',
  '^.*',
  '^[a]',
  '^(a)',
  '^a(?=b)',
  '^a(?!b)',
  '^a(?<n>b)',
  '^a(?i)b',
  '^a\\1',
  '^a\\b',
  '^a\\p{L}',
  '^a\\n',
  '^a*?',
  '^a*+',
  '^a**',
  '^a{2}{3}',
  '^a{1,999}',
  '^a{3,2}',
  '^(a',
  '^a)',
  '^a(b',
  '^a()',
  '^a||b',
  '^a|',
  '^a[',
  '^a[]',
  '^a[b',
  '^a[z-a]',
  '^a[[:alpha:]]',
  '^a[\\D]',
  '^a$b',
  '^a(b$)',
  '^a^b',
  '^a]',
  '^a}',
  '^a{',
  '^a\\',
  '^x(((a{99}){99}){99})',
  `^${'a'.repeat(600)}`,
]

describe('checkRegex', () => {
  for (const [expression, prefix, isPrefixOnly, pattern] of SAFE) {
    it(`lets ${expression} through`, () => {
      const checked = checkRegex(expression)
      assert.equal(checked.kind, 'safe')
      if (checked.kind !== 'safe') return
      assert.equal(checked.prefix, prefix)
      assert.equal(checked.isPrefixOnly, isPrefixOnly)
      if (pattern !== undefined) assert.equal(checked.pattern, pattern)
    })
  }

  for (const expression of REFUSED) {
    it(`refuses ${expression.slice(0, 40)}`, () => {
      assert.equal(checkRegex(expression).kind, 'refused')
    })
  }

  it('gives a pattern that passes again, unchanged', () => {
    for (const [expression] of SAFE) {
      const once = checkRegex(expression)
      assert.ok(once.kind === 'safe')
      const twice = checkRegex(once.pattern)
      assert.ok(twice.kind === 'safe', `${expression} becomes ${once.pattern}`)
      assert.equal(twice.pattern, once.pattern)
    }
  })
})
