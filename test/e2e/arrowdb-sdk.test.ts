import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { describe, it } from 'node:test'
import { SDK_METHODS, SDK_THEMES } from '../support/arrowdb-methods.ts'
import { sdkNamespaces } from '../support/arrowdb-user.ts'

describe('the published arrowdb SDK', () => {
  const namespaces = sdkNamespaces()

  it('has 25 namespaces, whose methods are all in the table', () => {
    assert.equal(Object.keys(namespaces).length, 25)
    const sorted = (methods: Readonly<Record<string, readonly string[]>>) =>
      Object.entries(methods)
        .map(([name, all]) => `${name}: ${[...all].sort().join(' ')}`)
        .sort()
    const table = Object.entries(SDK_METHODS).map(([name, all]) => [name, Object.keys(all)])
    assert.deepEqual(sorted(Object.fromEntries(table)), sorted(namespaces))
  })

  it('is called with each namespace in the file of one theme', () => {
    const themes = Object.values(SDK_THEMES).flat()
    assert.deepEqual([...themes].sort(), Object.keys(namespaces).sort())
    for (const theme of Object.keys(SDK_THEMES)) {
      const file = new URL(`arrowdb-${theme}.test.ts`, import.meta.url)
      assert.ok(existsSync(file), `there is no arrowdb-${theme}.test.ts`)
    }
  })
})
