import type { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import type { Entry, ZipFile } from 'yauzl'
import { ApiError } from '../../errors.ts'

/** What an archive may hold when it is unpacked; most of it never is, here. */
const LIMITS = {
  entries: 20_000,
  bytes: 256 * 1024 * 1024,
  /** How many times its packed size a file may have; text hardly packs so well. */
  ratio: 200,
  /** Smaller files may be packed as well as they like. */
  ratioFromBytes: 1024 * 1024,
}

const SYMBOLIC_LINK = 0o120000
const FILE_TYPE = 0o170000

/** An archive whose names and sizes were looked at; what it says of them is held against it. */
export type Archive = {
  readonly paths: ReadonlySet<string>
  /** @throws {ApiError} `archive_invalid` when the file is not there or has more than that */
  text(path: string, bytesMax: number): Promise<string>
  /** @throws {ApiError} `archive_invalid` when the file is not there */
  stream(path: string): Promise<Readable>
}

/**
 * Opens an archive that came from anywhere, for as long as `use` takes.
 *
 * @param path of a file on this machine
 * @throws {ApiError} `archive_invalid`, and whatever `use` throws
 */
export async function withArchive<T>(
  path: string,
  use: (archive: Archive) => Promise<T>,
): Promise<T> {
  const zip = await open(path)
  // What the reader complains of: paths that lead out of the archive, sizes that are not true.
  const complaints = new WeakSet<object>()
  const noted = (error: unknown) => {
    if (error instanceof Error) complaints.add(error)
    return error
  }
  try {
    const entries = await entriesOf(zip).catch((error: unknown) => Promise.reject(noted(error)))
    return await use(archiveOf(zip, entries, noted))
  } catch (error) {
    if (error instanceof ApiError || !(error instanceof Error) || !complaints.has(error))
      throw error
    const detail = error.message.slice(0, 200)
    throw new ApiError('archive_invalid', `The archive is broken: ${detail}.`, { cause: error })
  } finally {
    zip.close()
  }
}

async function open(path: string): Promise<ZipFile> {
  try {
    // Loaded with the first archive.
    const { default: yauzl } = await import('yauzl')
    return await yauzl.openPromise(path, { autoClose: false, validateEntrySizes: true })
  } catch (cause) {
    throw new ApiError('archive_invalid', 'The file is not a ZIP archive.', { cause })
  }
}

function archiveOf(
  zip: ZipFile,
  entries: ReadonlyMap<string, Entry>,
  noted: (error: unknown) => unknown,
): Archive {
  const stream: Archive['stream'] = async (path) => {
    const entry = entries.get(path)
    if (!entry) throw new ApiError('archive_invalid', `It has no ${path}.`)
    try {
      return (await zip.openReadStreamPromise(entry)).on('error', noted)
    } catch (error) {
      throw noted(error)
    }
  }
  return {
    paths: new Set(entries.keys()),
    text: async (path, bytesMax) => {
      if ((entries.get(path)?.uncompressedSize ?? 0) > bytesMax) {
        throw new ApiError('archive_invalid', `${path} must have at most ${bytesMax} bytes.`)
      }
      return text(await stream(path))
    },
    stream,
  }
}

async function entriesOf(archive: ZipFile): Promise<Map<string, Entry>> {
  const entries = new Map<string, Entry>()
  if (archive.entryCount > LIMITS.entries) {
    throw new ApiError('archive_invalid', `It has more than ${LIMITS.entries} files.`)
  }
  let bytes = 0
  for await (const entry of archive.eachEntry()) {
    const problem = problemWith(entry)
    if (problem)
      throw new ApiError('archive_invalid', `${entry.fileName.slice(0, 200)} ${problem}.`)
    if (entries.has(entry.fileName)) {
      throw new ApiError('archive_invalid', `${entry.fileName.slice(0, 200)} is there twice.`)
    }
    entries.set(entry.fileName, entry)
    bytes += entry.uncompressedSize
    if (bytes > LIMITS.bytes) {
      throw new ApiError('archive_invalid', `Unpacked it has more than ${LIMITS.bytes} bytes.`)
    }
  }
  return entries
}

function problemWith(entry: Entry): string | null {
  const { fileName, externalFileAttributes, compressedSize, uncompressedSize } = entry
  if (entry.isEncrypted()) return 'is encrypted'
  if (((externalFileAttributes >>> 16) & FILE_TYPE) === SYMBOLIC_LINK) return 'is a symbolic link'
  if (/\p{Cc}/u.test(fileName)) return 'has a name that is none'
  const isPacked = uncompressedSize > Math.max(compressedSize, 1) * LIMITS.ratio
  if (isPacked && uncompressedSize > LIMITS.ratioFromBytes) return 'is packed too well'
  return null
}
