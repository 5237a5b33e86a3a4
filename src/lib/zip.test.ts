import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { describe, it } from 'node:test'
import yauzl from 'yauzl'
import { zipOf } from './zip.ts'

describe('an archive', () => {
  it('has its files, as another program reads them', async () => {
    const files = [
      { path: 'package.json', content: '{"a":1}' },
      { path: 'lib/größe.js', content: 'x'.repeat(100_000) },
      { path: 'empty', content: '' },
    ]
    const opened = { path: 'late.bin', content: async () => Readable.from([Buffer.from('late')]) }
    const bytes = await zipOf([...files, opened])
    const archive = await yauzl.fromBufferPromise(bytes)
    const read: { path: string; content: string }[] = []
    for await (const entry of archive.eachEntry()) {
      const content = await text(await archive.openReadStreamPromise(entry))
      read.push({ path: entry.fileName, content })
    }
    assert.deepEqual(read, [...files, { path: 'late.bin', content: 'late' }])
    assert.ok(bytes.length < 2000)
    assert.ok((await zipOf(files)).equals(await zipOf(files)))
  })

  it('may be empty', async () => {
    const archive = await yauzl.fromBufferPromise(await zipOf([]))
    assert.equal(archive.entryCount, 0)
  })

  it('fails when one of its files cannot be opened, or breaks off', async () => {
    const missing = { path: 'a', content: () => Promise.reject(new Error('gone')) }
    await assert.rejects(zipOf([missing]), /gone/)
    const broken = async () => {
      const stream = new Readable({ read: () => undefined })
      setImmediate(() => stream.destroy(new Error('broken off')))
      return stream
    }
    await assert.rejects(zipOf([{ path: 'a', content: broken }]), /broken off/)
  })
})
