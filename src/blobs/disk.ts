import assert from 'node:assert/strict'
import { createHash, randomUUID } from 'node:crypto'
import { type FileHandle, mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { dirname, join, relative, resolve, sep } from 'node:path'
import { Readable } from 'node:stream'
import { ApiError } from '../errors.ts'
import type { BlobContent, BlobStore, StagedBlob } from './port.ts'

const HEAD_BYTES = 4100
const LEFTOVER_AGE_MS = 24 * 60 * 60 * 1000
const STAGING = '.staging'

/**
 * Files under one directory, named by their keys. What is being received lies in `.staging` on the
 * same file system, so a file gets its name by a rename: readers see it whole or not at all.
 */
export class DiskBlobStore implements BlobStore {
  readonly #root: string
  readonly #staging: string

  private constructor(root: string) {
    this.#root = resolve(root)
    this.#staging = join(this.#root, STAGING)
  }

  /** Creates the directory if need be, and removes what a crash left in staging a day ago. */
  static async open(root: string): Promise<DiskBlobStore> {
    const store = new DiskBlobStore(root)
    await mkdir(store.#staging, { recursive: true, mode: 0o700 })
    await removeLeftovers(store.#staging)
    return store
  }

  /**
   * When this rejects, what is left of the source flows into nothing, since a multipart parser
   * stands still until its part is consumed. A source without an end is the caller's to destroy.
   */
  async stage(source: Readable, sizeBytesMax: number): Promise<StagedBlob> {
    // An error that comes before or after the loop below must not end the process.
    source.on('error', ignore)
    const path = this.#stagingPath()
    try {
      const handle = await open(path, 'wx', 0o600)
      try {
        const facts = await receive(source, handle, sizeBytesMax)
        await handle.sync()
        return { path, ...facts }
      } finally {
        await handle.close()
      }
    } catch (error) {
      source.resume()
      await rm(path, { force: true })
      throw error
    }
  }

  async commit(staged: StagedBlob, key: string): Promise<void> {
    this.#assertStaged(staged)
    await this.#name(staged.path, this.#pathOf(key))
  }

  async discard(staged: StagedBlob): Promise<void> {
    this.#assertStaged(staged)
    await rm(staged.path, { force: true })
  }

  async put(key: string, bytes: Uint8Array): Promise<void> {
    const path = this.#pathOf(key)
    const temporary = this.#stagingPath()
    try {
      await writeDurably(temporary, bytes)
      await this.#name(temporary, path)
    } catch (error) {
      await rm(temporary, { force: true })
      throw error
    }
  }

  /** The caller reads the stream to its end or destroys it; until then it holds an open file. */
  async read(key: string, range?: { start: number; end?: number }): Promise<BlobContent | null> {
    const handle = await absent(open(this.#pathOf(key), 'r'))
    if (!handle) return null
    try {
      const facts = await handle.stat()
      if (facts.isFile()) {
        const stream = await streamOf(handle, facts.size, range)
        return { stream, sizeBytes: facts.size, modifiedAt: Math.floor(facts.mtimeMs) }
      }
    } catch (error) {
      await handle.close()
      throw error
    }
    await handle.close()
    return null
  }

  readBytes(key: string): Promise<Uint8Array | null> {
    return absent(readFile(this.#pathOf(key)))
  }

  /** Leaves empty directories: they are few, and removing one could race with a new file. */
  async delete(key: string): Promise<void> {
    const path = this.#pathOf(key)
    await rm(path, { force: true })
    await absent(syncDirectory(dirname(path)))
  }

  async deleteAll(prefix: string): Promise<void> {
    assert(prefix.endsWith('/'), 'a prefix of keys must end in "/"')
    const path = this.#pathOf(prefix.slice(0, -1))
    await rm(path, { recursive: true, force: true })
    await absent(syncDirectory(dirname(path)))
  }

  async check(): Promise<void> {
    const path = this.#stagingPath()
    try {
      await writeDurably(path, Buffer.from('check'))
    } finally {
      await rm(path, { force: true })
    }
  }

  #stagingPath(): string {
    return join(this.#staging, randomUUID())
  }

  #pathOf(key: string): string {
    assertKey(key)
    return join(this.#root, ...key.split('/'))
  }

  #assertStaged(staged: StagedBlob): void {
    assert(dirname(staged.path) === this.#staging, 'this file was not staged here')
  }

  /** Moves a synced file to its place and makes that durable, with the directories above it. */
  async #name(from: string, to: string): Promise<void> {
    const directory = dirname(to)
    await mkdir(directory, { recursive: true, mode: 0o700 })
    await rename(from, to)
    // All of them, new or not: another call may have created one and not have synced it yet.
    // Syncing an unchanged directory costs next to nothing.
    await Promise.all(this.#upToRoot(directory).map(syncDirectory))
  }

  #upToRoot(directory: string): string[] {
    const names = relative(this.#root, directory).split(sep)
    return [this.#root, ...names.map((_, i) => join(this.#root, ...names.slice(0, i + 1)))]
  }
}

const KEY_SEGMENT = /^[A-Za-z0-9_-][A-Za-z0-9._-]{0,199}$/

/** A key is made by the server, so a bad one is a mistake in the program: this throws, and hard. */
function assertKey(key: string): void {
  const segments = key.split('/')
  const good = key.length <= 1000 && segments.every((segment) => KEY_SEGMENT.test(segment))
  assert(good && !key.includes('..'), `not a key of a blob: ${JSON.stringify(key.slice(0, 100))}`)
}

async function receive(
  source: Readable,
  handle: FileHandle,
  sizeBytesMax: number,
): Promise<Omit<StagedBlob, 'path'>> {
  const md5 = createHash('md5')
  let head = Buffer.alloc(0)
  let sizeBytes = 0
  for await (const chunk of source.iterator({ destroyOnReturn: false })) {
    const bytes = Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk)
    sizeBytes += bytes.length
    if (sizeBytes > sizeBytesMax) throw tooLarge(sizeBytesMax)
    md5.update(bytes)
    if (head.length < HEAD_BYTES) {
      head = Buffer.concat([head, bytes.subarray(0, HEAD_BYTES - head.length)])
    }
    await handle.writeFile(bytes)
  }
  // A multipart parser ends a part at its own limit as if it were whole, and only marks it so.
  if ('truncated' in source && source.truncated === true) throw tooLarge(sizeBytesMax)
  return { sizeBytes, md5: md5.digest('hex'), head }
}

function tooLarge(sizeBytesMax: number): ApiError {
  return new ApiError(
    'too_large',
    `The file is too large; at most ${sizeBytesMax} bytes are taken.`,
  )
}

async function streamOf(
  handle: FileHandle,
  sizeBytes: number,
  range: { start: number; end?: number } = { start: 0 },
): Promise<Readable> {
  const end = Math.min(range.end ?? sizeBytes - 1, sizeBytes - 1)
  if (range.start <= end) return handle.createReadStream({ start: range.start, end })
  await handle.close()
  return Readable.from([])
}

async function writeDurably(path: string, bytes: Uint8Array): Promise<void> {
  const handle = await open(path, 'wx', 0o600)
  try {
    await handle.writeFile(bytes)
    await handle.sync()
  } finally {
    await handle.close()
  }
}

async function syncDirectory(path: string): Promise<void> {
  const handle = await open(path, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

async function removeLeftovers(directory: string): Promise<void> {
  const before = Date.now() - LEFTOVER_AGE_MS
  for (const name of await readdir(directory)) {
    const path = join(directory, name)
    const facts = await absent(stat(path))
    if (facts && facts.mtimeMs < before) await rm(path, { recursive: true, force: true })
  }
}

/** `null` when the file system says that there is no such file. */
async function absent<T>(result: Promise<T>): Promise<T | null> {
  try {
    return await result
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'EISDIR') return null
    throw error
  }
}

function ignore(): void {}
