import { text } from 'node:stream/consumers'
import yauzl from 'yauzl'
import { type ZipEntry, zipOf } from '../../src/lib/zip.ts'

/** The files of an archive as texts, by their paths. */
export async function filesIn(archive: Buffer): Promise<Map<string, string>> {
  const files = new Map<string, string>()
  const zip = await yauzl.fromBufferPromise(archive)
  for await (const entry of zip.eachEntry()) {
    files.set(entry.fileName, await text(await zip.openReadStreamPromise(entry)))
  }
  return files
}

/** A collection, as a package has it. */
export const PHOTOS = {
  ...{ name: 'Photos', version: '1.0', title: null, desc: null, max: false },
  ...{ userIsolated: false, syncControl: true, permissions: [] },
}

const ENTRY = { type: 'StorageCollection', namespace: null, name: 'Photos', version: '1.0' }

/** Another package than the exports make. */
export type Tampered = {
  readonly manifest?: Readonly<Record<string, unknown>>
  readonly assets?: readonly unknown[]
  readonly policies?: unknown
  /** In place of those of a good package, or besides; `null` leaves one out. */
  readonly files?: Readonly<Record<string, string | Uint8Array | null>>
}

/** A package with one collection, unless it is told otherwise. */
export function packageOf({
  manifest = {},
  assets = [ENTRY],
  policies = {},
  files = {},
}: Tampered = {}): Promise<Buffer> {
  const good = {
    'manifest.json': JSON.stringify({
      ...{ format: 'homeport-package', formatVersion: 1 },
      ...{ package: { name: 'Pack', version: '1.0', desc: null }, assets, ...manifest },
    }),
    'policies.json': JSON.stringify({ policies }),
    'collections/Photos-1.0.json': JSON.stringify(PHOTOS),
  }
  const entries = Object.entries({ ...good, ...files }).flatMap(([path, content]): ZipEntry[] =>
    content === null ? [] : [{ path, content }],
  )
  return zipOf(entries)
}

/** An archive whose one file has another name than it was packed with; names of the same length. */
export async function renamedIn(archive: Buffer, from: string, to: string): Promise<Buffer> {
  return Buffer.from(archive.toString('latin1').replaceAll(from, to), 'latin1')
}
