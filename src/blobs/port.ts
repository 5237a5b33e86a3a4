import type { Readable } from 'node:stream'

/** A file that was received and is safe on the medium, but has no name yet. */
export type StagedBlob = {
  readonly path: string
  readonly sizeBytes: number
  /** Hex digest of the content. */
  readonly md5: string
  /** The first bytes (up to 4100), by which the type is told. */
  readonly head: Uint8Array
}

export type BlobContent = {
  readonly stream: Readable
  /** Of the whole blob, also when `stream` is a part. */
  readonly sizeBytes: number
  /** Milliseconds since 1970. */
  readonly modifiedAt: number
}

/**
 * Files by key. A key is `<tenant>/<kind>/...`, made by the server of ids and checked names only;
 * text from outside never becomes a key.
 */
export interface BlobStore {
  /**
   * Receives a stream, never holding it whole in memory.
   * @throws {ApiError} `too_large` beyond `sizeBytesMax`; nothing is left behind
   */
  stage(source: Readable, sizeBytesMax: number): Promise<StagedBlob>
  /** Gives a staged file its name, durably: after this a power cut loses neither. */
  commit(staged: StagedBlob, key: string): Promise<void>
  /** Removes a staged file that is not wanted; harmless after `commit`. */
  discard(staged: StagedBlob): Promise<void>
  /** Stores bytes under a key, whole or not at all, replacing what was there. */
  put(key: string, bytes: Uint8Array): Promise<void>
  /** `null` when there is none. `range` is inclusive, in bytes. */
  read(key: string, range?: { start: number; end?: number }): Promise<BlobContent | null>
  readBytes(key: string): Promise<Uint8Array | null>
  delete(key: string): Promise<void>
  /** Removes every blob whose key begins with `prefix`, which must end in `/`. */
  deleteAll(prefix: string): Promise<void>
  /** Rejects unless files can be written. */
  check(): Promise<void>
}
