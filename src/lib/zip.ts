import type { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'

export type ZipEntry = {
  readonly path: string
  /** A file that is opened when its turn comes must be packed already: it is stored as it is. */
  readonly content: string | Uint8Array | (() => Promise<Readable>)
}

/** The same content makes the same archive, wherever and whenever. */
const DATE = { mtime: new Date(1980, 0, 1), forceDosTimestamp: true }

/** An archive as it is being made. It fails when one of its files does. */
export async function zipStream(entries: readonly ZipEntry[]): Promise<Readable> {
  // Loaded with the first archive.
  const { ZipFile } = await import('yazl')
  const zip = new ZipFile()
  // Sound: it is a stream of Node's, which the types of the package say less of.
  const out = zip.outputStream as Readable
  zip.on('error', (error: Error) => out.destroy(error))
  for (const { path, content } of entries) {
    if (typeof content !== 'function') zip.addBuffer(Buffer.from(content), path, DATE)
    else {
      zip.addReadStreamLazy(path, { ...DATE, compress: false }, (opened) => {
        content().then(
          (stream) => {
            stream.once('error', (error) => out.destroy(error))
            out.once('close', () => stream.destroy())
            opened(null, stream)
          },
          (error: Error) => out.destroy(error),
        )
      })
    }
  }
  zip.end()
  return out
}

/** An archive of a few small files, in memory. */
export async function zipOf(entries: readonly ZipEntry[]): Promise<Buffer> {
  return buffer(await zipStream(entries))
}
