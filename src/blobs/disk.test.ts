import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { after, beforeEach, describe, it } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { Busboy } from '@fastify/busboy'
import { DiskBlobStore } from './disk.ts'
import type { BlobContent, StagedBlob } from './port.ts'

const parent = await mkdtemp(join(tmpdir(), 'blobs-'))
after(() => rm(parent, { recursive: true }))

describe('DiskBlobStore', () => {
  let root: string
  let store: DiskBlobStore
  let count = 0

  beforeEach(async () => {
    root = join(parent, `data-${count++}`, 'files')
    store = await DiskBlobStore.open(root)
  })

  const staged = () => readdir(join(root, '.staging'))
  const textOf = async (content: BlobContent | null) =>
    content && (await buffer(content.stream)).toString()

  it('stages a stream with its size, digest and first bytes, and names it on commit', async () => {
    const bytes = randomBytes(300_000)
    const chunks = [bytes.subarray(0, 10), bytes.subarray(10, 5000), bytes.subarray(5000)]
    const blob = await store.stage(Readable.from(chunks), 300_000)
    assert.equal(blob.sizeBytes, 300_000)
    assert.equal(blob.md5, createHash('md5').update(bytes).digest('hex'))
    assert.deepEqual(blob.head, bytes.subarray(0, 4100))
    assert.equal(await store.read('t1/photos/ab/p1/original.jpg'), null)

    await store.commit(blob, 't1/photos/ab/p1/original.jpg')
    assert.deepEqual(await store.readBytes('t1/photos/ab/p1/original.jpg'), bytes)
    assert.deepEqual(await staged(), [])
    await store.discard(blob)
    assert.ok(await store.readBytes('t1/photos/ab/p1/original.jpg'))
  })

  it('stages an empty stream', async () => {
    const blob = await store.stage(Readable.from([]), 10)
    assert.equal(blob.sizeBytes, 0)
    await store.commit(blob, 't1/files/empty')
    const content = await store.read('t1/files/empty')
    assert.equal(content?.sizeBytes, 0)
    assert.equal(await textOf(content), '')
  })

  it('refuses a stream that is too long, leaves nothing and lets the rest flow away', async () => {
    const source = Readable.from([Buffer.alloc(8), Buffer.alloc(8), Buffer.alloc(8)])
    await assert.rejects(store.stage(source, 15), { code: 'too_large', status: 413 })
    assert.deepEqual(await staged(), [])
    while (!source.readableEnded) await turn()
  })

  it('refuses a part that the multipart parser has cut off', async () => {
    const source = Object.assign(Readable.from([Buffer.alloc(8)]), { truncated: true })
    await assert.rejects(store.stage(source, 100), { code: 'too_large' })
    assert.deepEqual(await staged(), [])
  })

  it('lets a multipart parser go on when one of its parts is too long', async () => {
    const part = (name: string, size: number) =>
      `--x\r\nContent-Disposition: form-data; name="${name}"; filename="f"\r\n\r\n${'a'.repeat(size)}\r\n`
    const parser = new Busboy({ headers: { 'content-type': 'multipart/form-data; boundary=x' } })
    const results: Promise<unknown>[] = []
    parser.on('file', (_name, stream) => {
      results.push(store.stage(stream, 1000).catch((error: Error) => error.name))
    })
    Readable.from([`${part('long', 500_000)}${part('short', 10)}--x--\r\n`]).pipe(parser)
    await once(parser, 'finish')
    const [long, short] = await Promise.all(results)
    assert.equal(long, 'ApiError')
    assert.equal((short as StagedBlob).sizeBytes, 10)
  })

  it('leaves nothing of a stream that fails midway', async () => {
    const source = new PassThrough()
    source.write('half of ')
    const result = store.stage(source, 100)
    setTimeout(() => source.destroy(new Error('connection lost')), 5)
    await assert.rejects(result, /connection lost/)
    assert.deepEqual(await staged(), [])
  })

  it('leaves nothing of a stream that is closed before its end', async () => {
    const source = new PassThrough()
    source.write('half of ')
    const result = store.stage(source, 100)
    setTimeout(() => source.destroy(), 5)
    await assert.rejects(result, { code: 'ERR_STREAM_PREMATURE_CLOSE' })
    assert.deepEqual(await staged(), [])
  })

  it('survives a stream that fails at once, and one that fails after it was refused', async () => {
    const early = new PassThrough()
    const result = store.stage(early, 100)
    early.destroy(new Error('at once'))
    await assert.rejects(result, /at once/)

    const late = new PassThrough()
    late.write('too much')
    await assert.rejects(store.stage(late, 3), { code: 'too_large' })
    late.destroy(new Error('too late'))
    await turn()
  })

  it('discards what is not wanted', async () => {
    const blob = await store.stage(Readable.from([Buffer.from('x')]), 10)
    assert.equal((await staged()).length, 1)
    await store.discard(blob)
    await store.discard(blob)
    assert.deepEqual(await staged(), [])
  })

  it('keeps its files from other users of the machine', async () => {
    await store.put('t1/files/f', Buffer.from('x'))
    assert.equal((await stat(join(root, 't1', 'files', 'f'))).mode & 0o077, 0)
    assert.equal((await stat(join(root, 't1', 'files'))).mode & 0o077, 0)
  })

  it('replaces what was under a key', async () => {
    await store.put('t1/files/f', Buffer.from('old'))
    await store.put('t1/files/f', Buffer.from('new'))
    assert.equal(await textOf(await store.read('t1/files/f')), 'new')
    const blob = await store.stage(Readable.from([Buffer.from('newest')]), 10)
    await store.commit(blob, 't1/files/f')
    assert.equal(await textOf(await store.read('t1/files/f')), 'newest')
    assert.deepEqual(await staged(), [])
  })

  const ranges: readonly (readonly [{ start: number; end?: number }, string])[] = [
    [{ start: 0 }, '0123456789'],
    [{ start: 3 }, '3456789'],
    [{ start: 3, end: 3 }, '3'],
    [{ start: 0, end: 99 }, '0123456789'],
    [{ start: 10 }, ''],
    [{ start: 5, end: 4 }, ''],
  ]
  for (const [range, expected] of ranges) {
    it(`reads bytes ${range.start} to ${range.end ?? 'the end'}`, async () => {
      await store.put('t1/f', Buffer.from('0123456789'))
      const content = await store.read('t1/f', range)
      assert.equal(content?.sizeBytes, 10)
      assert.ok(Math.abs((content?.modifiedAt ?? 0) - Date.now()) < 60_000)
      assert.equal(await textOf(content), expected)
    })
  }

  it('has no blob where there is none or a directory', async () => {
    await store.put('t1/files/f', Buffer.from('x'))
    for (const key of ['t1/files/g', 't1/files', 't1/files/f/g', 't2/f']) {
      assert.equal(await store.read(key), null)
      assert.equal(await store.readBytes(key), null)
    }
  })

  it('deletes one blob, and is content when there is none', async () => {
    await store.put('t1/f', Buffer.from('x'))
    await store.delete('t1/f')
    await store.delete('t1/f')
    await store.delete('t9/none')
    assert.equal(await store.readBytes('t1/f'), null)
  })

  it('deletes all blobs under a prefix and no others', async () => {
    await store.put('t1/photos/p1/a', Buffer.from('x'))
    await store.put('t1/photos/p1/b/c', Buffer.from('x'))
    await store.put('t1/photos/p10/a', Buffer.from('x'))
    await store.deleteAll('t1/photos/p1/')
    await store.deleteAll('t1/photos/p1/')
    await store.deleteAll('t9/none/')
    assert.equal(await store.readBytes('t1/photos/p1/a'), null)
    assert.equal(await store.readBytes('t1/photos/p1/b/c'), null)
    assert.ok(await store.readBytes('t1/photos/p10/a'))
    await assert.rejects(store.deleteAll('t1/photos/p1'), /must end/)
  })

  const strange = [
    '',
    '/',
    '/etc/passwd',
    '../outside',
    't1/../../outside',
    't1/..',
    't1/.',
    't1/./f',
    't1//f',
    't1/f/',
    '.staging/x',
    't1/.hidden',
    't1/a..b',
    't1\\..\\f',
    't1/f\0.jpg',
    't1/f\n',
    't1/ü',
    't1/a b',
    `t1/${'a'.repeat(201)}`,
    't1/'.repeat(400),
  ]
  for (const key of strange) {
    it(`refuses the key ${JSON.stringify(key.slice(0, 20))}`, async () => {
      const blob = await store.stage(Readable.from([Buffer.from('x')]), 10)
      await assert.rejects(store.commit(blob, key), /not a key/)
      await assert.rejects(store.put(key, Buffer.from('x')), /not a key/)
      await assert.rejects(async () => store.read(key), /not a key/)
      await assert.rejects(async () => store.readBytes(key), /not a key/)
      await assert.rejects(store.delete(key), /not a key/)
      await assert.rejects(store.deleteAll(`${key}/`), /not a key/)
    })
  }

  it('touches no file outside staging as a staged one', async () => {
    const path = join(root, 'precious')
    await writeFile(path, 'x')
    const blob = { path, sizeBytes: 1, md5: '', head: Buffer.from('x') }
    await assert.rejects(store.discard(blob), /not staged here/)
    await assert.rejects(store.commit(blob, 't1/f'), /not staged here/)
    assert.ok(await stat(path))
  })

  it('removes what a crash left a day ago when it is opened', async () => {
    const old = join(root, '.staging', 'old')
    await writeFile(old, 'x')
    await writeFile(join(root, '.staging', 'young'), 'x')
    const yesterday = new Date(Date.now() - 25 * 60 * 60 * 1000)
    await utimes(old, yesterday, yesterday)
    await DiskBlobStore.open(root)
    assert.deepEqual(await staged(), ['young'])
  })

  it('takes many files into one new directory at once', async () => {
    const keys = Array.from({ length: 20 }, (_, i) => `t7/photos/aa/bb/${i % 3}/f${i}`)
    await Promise.all(keys.map((key) => store.put(key, Buffer.from(key))))
    for (const key of keys)
      assert.equal(Buffer.from((await store.readBytes(key)) ?? []).toString(), key)
  })

  it('checks that files can be written', async () => {
    await store.check()
    assert.deepEqual(await staged(), [])
    await rm(join(root, '.staging'), { recursive: true })
    await assert.rejects(store.check())
  })

  it('notices when nothing can be written where files arrive', async () => {
    // Not by taking away a right, since root has them all.
    await rm(join(root, '.staging'), { recursive: true })
    await writeFile(join(root, '.staging'), '')
    await assert.rejects(store.check(), { code: 'ENOTDIR' })
  })
})
