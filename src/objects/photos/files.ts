import type { PhotoSize } from '../../images/sizes.ts'

/**
 * Where a photo's files are, as its record keeps it out of sight. A replaced picture is a new
 * revision in a folder of its own; the old one's addresses work until the new one is ready.
 */
export type PhotoFiles = {
  /** Changes with every picture: a job for an older one has nothing left to do. */
  readonly revision: string
  /** The blob key of the picture as it came. */
  readonly original: string
  readonly extension: string
  /** Blob keys of what may be shown, by size. */
  readonly ready: Readonly<Record<string, string>>
  /** Sizes that are still to be made. */
  readonly pending: readonly PhotoSize[]
  /** Folders of earlier revisions, which are removed as soon as this one is ready. */
  readonly outdated: readonly string[]
}

const NONE: PhotoFiles = {
  revision: '',
  original: '',
  extension: '',
  ready: {},
  pending: [],
  outdated: [],
}

export function filesOf(hidden: Readonly<Record<string, unknown>>): PhotoFiles {
  return (hidden.files as PhotoFiles | undefined) ?? NONE
}

/** All files of a photo. Ends in a slash, as the blob store's prefixes do. */
export function photoFolder(backendId: string, photoId: string): string {
  return `${backendId}/photos/${photoId.slice(-2)}/${photoId.slice(-4, -2)}/${photoId}/`
}

/** The folder of one revision. Its name is random: nobody can guess the address of a photo. */
export function revisionFolder(backendId: string, photoId: string, revision: string): string {
  return `${photoFolder(backendId, photoId)}${revision}/`
}

export function sizeKey(folder: string, size: string, extension: string): string {
  return `${folder}photo_${size}.${extension}`
}
