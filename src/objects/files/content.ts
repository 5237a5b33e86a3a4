import { signedQuery } from '../../engine/blob-links.ts'
import type { Call } from '../../engine/definition.ts'

/** What a file holds, as its record keeps it out of sight. */
export type FileContent = {
  /** Changes with every content: a job for an older one has nothing left to do. */
  readonly revision: string
  /** The last part of its address. */
  readonly filename: string
  /** Only logged-in users get its address, which ends after a while. */
  readonly isPrivate: boolean
  /** Absent until it was received. */
  readonly sizeBytes?: number
  /** Folders of earlier contents, to be removed. */
  readonly outdated: readonly string[]
}

export function contentOf(hidden: Readonly<Record<string, unknown>>): FileContent | null {
  return (hidden.content as FileContent | undefined) ?? null
}

/** All that belongs to a file. Ends in a slash, as the blob store's prefixes do. */
export function fileFolder(backendId: string, fileId: string): string {
  return `${backendId}/files/${fileId.slice(-2)}/${fileId.slice(-4, -2)}/${fileId}/`
}

type Revision = Pick<FileContent, 'revision' | 'isPrivate'>

/**
 * The folder of one content. Its name is random, so that nobody can guess an address, and tells
 * the server that sends files whether it may be sent without a signature.
 */
export function revisionFolder(
  backendId: string,
  fileId: string,
  { revision, isPrivate }: Revision,
): string {
  return `${fileFolder(backendId, fileId)}${isPrivate ? 'private-' : ''}${revision}/`
}

export function contentKey(backendId: string, fileId: string, content: FileContent): string {
  return revisionFolder(backendId, fileId, content) + content.filename
}

const FILENAME_MAX = 100

/** A name as a part of a key: letters, digits, `_`, `-` and single dots that follow one. */
export function safeFilename(name: string): string {
  const base = name.split(/[/\\]/).at(-1) ?? ''
  const plain = base.replace(/[^A-Za-z0-9._-]+/g, '_').replace(/\.{2,}/g, '.')
  return plain.replace(/^\.+/, '').slice(-FILENAME_MAX).replace(/^\./, '_') || 'file'
}

const LINK_VALID_S = 300

/** The address of a content for this caller, or `null` when it is not for him. */
export function contentUrl(call: Call, fileId: string, content: FileContent): string | null {
  const { context, backend, caller, request, params } = call
  const key = contentKey(backend.id, fileId, content)
  const url = `${request.baseUrl}/files/${key}`
  if (!content.isPrivate) return url
  if (caller.userId === null) return null
  const validS = typeof params.expires === 'number' ? params.expires : LINK_VALID_S
  const until = Math.floor(context.now() / 1000) + validS
  return `${url}?${signedQuery(context.signer, key, until)}`
}
