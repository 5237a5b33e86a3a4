import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { isValid } from './model.ts'
import { DefinitionReader, digestOf } from './reader.ts'

const text = (title: string) => `#%RAML 1.0\ntitle: ${title}\n/a: { get: }\n`

describe('DefinitionReader', () => {
  it('reads in its thread, remembers by the digest and starts again after it was closed', async () => {
    const reader = new DefinitionReader()
    assert.equal(reader.known(digestOf(text('A'))), undefined)
    const [one, same, other] = await Promise.all([
      reader.read(text('A')),
      reader.read(text('A')),
      reader.read(text('B')),
    ])
    assert.equal(one, same)
    assert.deepEqual([one.definition?.title, other.definition?.title], ['A', 'B'])
    assert.equal(reader.known(digestOf(text('A'))), one)
    reader.close()
    assert.equal((await reader.read(text('C'))).definition?.title, 'C')
    reader.close()
  })

  it('survives a text that is too much for the thread', async () => {
    const reader = new DefinitionReader()
    // Half a megabyte of keys, each of which is a map.
    const parsed = await reader.read(`#%RAML 1.0\n${'? '.repeat(250_000)}`)
    assert.equal(isValid(parsed), false)
    assert.equal(isValid(await reader.read(text('after'))), true)
    reader.close()
  })
})
